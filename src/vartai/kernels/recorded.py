"""Calls of torch's recurrent operators while somebody watches: the same results, and their traces.

Everything goes through `vartai.kernels.ops.run_direction`, which keeps traces in any float type, on
any device, with projections too. So a call that the core does not take is recorded as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any

import torch
from torch import Tensor

from vartai.kernels.direction import State, Trace
from vartai.kernels.forms import STANDARD, Form
from vartai.kernels.ops import run_direction
from vartai.kernels.row_layout import DenseLayout, PackedLayout
from vartai.sequences import SequenceBatch

# Told of each operator's call: traces by direction, and the layout of its rows; None for the rows
# of a single step.
Told = Callable[[dict[str, Trace], DenseLayout | PackedLayout | None], None]

_told: ContextVar[Told | None] = ContextVar("vartai_told", default=None)
# How many watch, in all threads: a plain number, so that a call which nobody watches costs nothing
# and a compiler sees through it.
_watches = 0


def listener() -> Told | None:
    """Who is told of a call made now, in this thread; None for nobody."""
    return _told.get() if _watches else None


@contextmanager
def anybody_watching() -> Iterator[None]:
    """While this lasts, calls ask whether there is a `listener`."""
    global _watches
    _watches += 1
    try:
        yield
    finally:
        _watches -= 1


def listen(told: Told | None) -> Token[Told | None]:
    """Have this thread's calls told from now on; gives what `stop_listening` takes."""
    return _told.set(told)


def stop_listening(token: Token[Told | None]) -> None:
    """As it was before `listen`."""
    _told.reset(token)


def record_layers(cell: str, arguments: Sequence[Any], told: Told) -> tuple[Tensor, ...] | None:
    """Carry out a call of a layered operator; None for one that is torch's alone.

    That is: no step at all, or dropout of everything.
    """
    packed = not isinstance(arguments[3], bool)
    data, form, rest = arguments[0], arguments[1] if packed else arguments[8], arguments[1:]
    hx, flat, biases, layers, dropout, train, both = rest[packed:][:7]
    if data.numel() == 0 or (train and dropout >= 1):
        return None
    layout = PackedLayout(form) if packed else DenseLayout.of(data, batch_first=form)
    state: State = tuple(hx) if cell == "lstm" else (hx,)
    directions = 1 + both
    each = len(flat) // (layers * directions)
    rows = layout.rows(data)
    finals: list[State] = []
    traces: dict[str, Trace] = {}
    for place in range(layers):
        if place and train and dropout > 0.0:
            rows = rows * layout.dropout_mask(rows, dropout)
        outputs = []
        for side in range(directions):
            at = place * directions + side
            result = run_direction(
                _form(cell, flat[at * each : (at + 1) * each], biases=biases),
                SequenceBatch(rows, layout.lengths),
                tuple(part[at] for part in state),
                tuple(flat[at * each : (at + 1) * each]),
                reverse=side == 1,
                keep=True,
            )
            outputs.append(result.outputs)
            finals.append(result.final)
            if result.trace is not None:
                traces[f"l{place}{'_reverse' if side else ''}"] = result.trace
        rows = torch.cat(outputs, 1) if len(outputs) > 1 else outputs[0]
    told(traces, layout)
    return layout.data(rows), *(torch.stack(parts) for parts in zip(*finals, strict=True))


def record_step(
    cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...], told: Told
) -> State:
    """Carry out one step of a batch ``[B, D]``."""
    batch = SequenceBatch(data, torch.ones(len(data), dtype=torch.int64))
    result = run_direction(STANDARD[cell], batch, state, weights, keep=True)
    if result.trace is not None:
        told({"l0": result.trace}, None)
    return result.final


def _form(cell: str, weights: Sequence[Tensor], *, biases: bool) -> Form:
    form = STANDARD[cell]
    standard = 4 if biases else 2
    if len(weights) == standard:
        return form
    return Form("lstm", form.activation, projection=weights[-1].size(0))
