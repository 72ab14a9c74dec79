"""Units by name, and what they were at every token: arrays of one column a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError, unknown_name
from vartai.kernels.direction import Trace

Floats = NDArray[np.float32]

MOST_NUMBERS = 500_000_000
"""Largest table of units that is held: 2 GB."""


class Unit(NamedTuple):
    """One number that a layer computes at every step.

    Args:
        layer: a layer in one direction: ``l0``, ``l1_reverse``.
        part: ``hidden``, ``cell``, or a gate.
        number: from 0.
    """

    layer: str
    part: str
    number: int

    def __str__(self) -> str:
        return f"{self.layer}.{self.part}.{self.number}"


class Columns(NamedTuple):
    """Units of one part of one layer: so many columns side by side."""

    layer: str
    part: str
    width: int


@dataclass(frozen=True, eq=False)
class UnitTable:
    """What units were at N tokens.

    Args:
        columns: whose columns they are, in order.
        values: ``[N, U]``, float32.
    """

    columns: tuple[Columns, ...]
    values: Floats

    @property
    def units(self) -> list[Unit]:
        """The U units in the order of the columns."""
        return [
            Unit(layer, part, number)
            for layer, part, width in self.columns
            for number in range(width)
        ]

    def column(self, unit: Unit) -> int:
        """Where a unit stands.

        Raises:
            OptionError: there is no such unit; says what there is.
        """
        before = 0
        for layer, part, width in self.columns:
            if (layer, part) == (unit.layer, unit.part):
                if not 0 <= unit.number < width:
                    raise OptionError(f"unit {unit}: {layer}.{part} has the units 0 to {width - 1}")
                return before + unit.number
            before += width
        known = (f"{layer}.{part}.0" for layer, part, _ in self.columns)
        raise unknown_name("unit", str(unit), known)

    def part(self, layer: str, part: str) -> Floats:
        """``[N, units]``: one part of one layer."""
        start = self.column(Unit(layer, part, 0))
        width = next(each.width for each in self.columns if each[:2] == (layer, part))
        return self.values[:, start : start + width]


def read_unit(name: str) -> Unit:
    """A unit by its name.

    Raises:
        OptionError: not ``layer.part.number``.

    >>> read_unit("l0.hidden.17")
    Unit(layer='l0', part='hidden', number=17)
    """
    layer, _, rest = name.partition(".")
    part, _, number = rest.partition(".")
    if not (layer and part and number.isdecimal() and number.isascii()):
        raise OptionError(f"unit {name!r}: expected layer.part.number, as l0.hidden.17")
    return Unit(layer, part, int(number))


def parts_of(trace: Trace) -> dict[str, NDArray[np.float32]]:
    """The parts of one layer's run by name: hidden, cell, and every gate; ``[N, units]`` each."""
    parts = {"hidden": trace.hidden}
    if trace.cell is not None:
        parts["cell"] = trace.cell
    parts |= trace.gates
    return {name: part.detach().cpu().float().numpy() for name, part in parts.items()}


def table_of(
    traces: Mapping[str, Trace], *, parts: Sequence[str], layers: Sequence[str] | None = None
) -> UnitTable:
    """A run of layers as a table.

    Args:
        traces: of each layer and direction, as `vartai.nn.layers.StackRun` has them.
        parts: which to take: ``hidden``, ``cell``, names of gates, or ``gates`` for all of these. A
            layer without one of them (a GRU has no cell) gives what it has.
        layers: which to take; all if not given.

    Raises:
        OptionError: a layer or part that there is nowhere; lists those there are.
    """
    for layer in layers or ():
        if layer not in traces:
            raise unknown_name("layer", layer, traces)
    found = list(_chosen(traces, parts, layers))
    columns = tuple(Columns(layer, part, rows.shape[1]) for layer, part, rows in found)
    return UnitTable(columns, np.concatenate([rows for *_, rows in found], axis=1))


def _chosen(
    traces: Mapping[str, Trace], parts: Sequence[str], layers: Sequence[str] | None
) -> Iterator[tuple[str, str, Floats]]:
    known: set[str] = set()
    seen: set[str] = set()
    for layer, trace in traces.items():
        if layers is not None and layer not in layers:
            continue
        there = parts_of(trace)
        known |= set(there)
        for name, rows in there.items():
            asked = {name} if name in ("hidden", "cell") else {name, "gates"}
            if asked & set(parts):
                seen |= asked & set(parts)
                yield layer, name, rows
    for part in parts:
        # A network of GRUs has no cells, which is no reason to refuse the usual hidden and cell.
        if part not in seen and not (part == "cell" and seen):
            raise unknown_name("part", part, known | {"gates"})


def require_fitting(rows: int, units: int) -> None:
    """Refuse a table too large to be held.

    Raises:
        OptionError: says how large, and what makes it smaller.
    """
    if rows * units > MOST_NUMBERS:
        raise OptionError(
            f"{units:,} units at {rows:,} tokens are more than {MOST_NUMBERS:,} numbers: "
            "take fewer texts, parts or layers"
        )
