"""What is measured: shapes of work, and which of them make the quick and the full measurement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

Cell = Literal["RNN", "GRU", "LSTM"]
CELLS: tuple[Cell, ...] = ("RNN", "GRU", "LSTM")
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


@dataclass(frozen=True)
class Case:
    """One piece of work, float32.

    Args:
        cell: RNN, GRU or LSTM.
        sequences: B.
        steps: T, of the longest sequence.
        size: D and H.
        layers: one above the other.
        bidirectional: a second direction in each layer.
        ragged: lengths are uniform in [T/8, T]; else all are T.
        training: gradients of inputs and weights too.
        kind: whole layers; the eager layer-norm LSTM's work; or one step of one sequence.
        instruction_set: that Vartai is held to; None is the best.
    """

    cell: Cell
    sequences: int
    steps: int
    size: int
    layers: int = 1
    bidirectional: bool = False
    ragged: bool = False
    training: bool = False
    kind: Literal["layer", "layer norm", "step"] = "layer"
    instruction_set: str | None = None

    @property
    def name(self) -> str:
        """To print, and different for different cases.

        >>> Case("GRU", 32, 100, 128, layers=2, bidirectional=True, ragged=True).name
        'GRU B32 T100 H128, 2 layers both ways, ragged, inference'
        >>> Case("LSTM", 1, 1, 64, kind="step").name
        'LSTM one step, B1 H64'
        """
        if self.kind == "step":
            return f"{self.cell} one step, B{self.sequences} H{self.size}"
        said = f"{self.cell} B{self.sequences} T{self.steps} H{self.size}"
        if self.kind == "layer norm":
            said += ", layer norm"
        if self.layers > 1:
            said += f", {self.layers} layers"
        if self.bidirectional:
            said += " both ways"
        said += ", ragged" if self.ragged else ", dense"
        said += ", training" if self.training else ", inference"
        return said if self.instruction_set is None else f"{said}, {self.instruction_set}"

    @property
    def is_regular(self) -> bool:
        """Whether means over layers count it: one of `SIZES`, at the machine's best."""
        usual = (self.sequences, self.steps, self.size) in SIZES
        return usual and self.kind == "layer" and self.instruction_set is None

    @property
    def lengths(self) -> Tensor:
        """``[B]``, int64: the same at every call."""
        if not self.ragged:
            return torch.full((self.sequences,), self.steps)
        chance = torch.Generator().manual_seed(self.sequences)
        shortest = max(1, self.steps // 8)
        lengths = torch.randint(shortest, self.steps + 1, (self.sequences,), generator=chance)
        lengths[0] = self.steps
        return lengths

    @property
    def fill(self) -> float:
        """Share of a padded batch that is not padding."""
        return int(self.lengths.sum()) / (self.sequences * self.steps)

    @property
    def multiply_adds(self) -> int:
        """In the products with weights, gradients included, on the rows there are."""
        directions = 2 if self.bidirectional else 1
        columns = sum(
            (self.size if layer == 0 else self.size * directions) + self.size
            for layer in range(self.layers)
        )
        once = int(self.lengths.sum()) * GATES[self.cell] * self.size * columns * directions
        return 3 * once if self.training else once


SIZES = ((1, 100, 64), (32, 100, 128), (64, 60, 256))
STEP_SIZES = (64, 128, 256, 512)
WIDE = 512


def quick_cases() -> list[Case]:
    """About a minute: one layer, every size and cell, and a step of each end of the sizes."""
    return [
        *layer_cases(),
        *(Case(cell, 1, 1, size, kind="step") for cell in CELLS for size in STEP_SIZES[::2]),
    ]


def full_cases(instruction_sets: tuple[str, ...]) -> list[Case]:
    """All there is.

    Args:
        instruction_sets: that Vartai can be held to, the best last; it is not measured twice.
    """
    forced = [case for case in layer_cases() if case.size == 128]
    return [
        *layer_cases(),
        *layer_cases(layers=2, bidirectional=True),
        *wide_cases(),
        *(Case(cell, 1, 1, size, kind="step") for cell in CELLS for size in STEP_SIZES),
        Case("LSTM", 32, 100, 128, kind="layer norm"),
        Case("LSTM", 32, 100, 128, kind="layer norm", training=True),
        *(
            replace(case, instruction_set=name)
            for name in reversed(instruction_sets[:-1])
            for case in forced
        ),
    ]


def layer_cases(*, layers: int = 1, bidirectional: bool = False) -> Iterator[Case]:
    """Every cell at every size, dense and ragged, inference and training."""
    for cell in CELLS:
        for sequences, steps, size in SIZES:
            # One sequence has nobody to be shorter than.
            for ragged in (False, True) if sequences > 1 else (False,):
                for training in (False, True):
                    yield Case(
                        cell,
                        sequences,
                        steps,
                        size,
                        layers=layers,
                        bidirectional=bidirectional,
                        ragged=ragged,
                        training=training,
                    )


def wide_cases() -> Iterator[Case]:
    """Layers whose products leave little time to anything else, for the share of the peak."""
    cells: tuple[Cell, ...] = ("GRU", "LSTM")
    for cell in cells:
        for training in (False, True):
            yield Case(cell, 64, 60, WIDE, training=training)
