"""Gradients over distance: of outputs by inputs, and of states by states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vartai.errors import InputError, unknown_name
from vartai.inspect.memory.curve import Curve, Sizes, join_sizes
from vartai.inspect.memory.jacobian import Pull, jacobian_sizes, projections
from vartai.inspect.memory.options import MemoryOptions
from vartai.inspect.memory.stacks import one_direction, run_layers, run_states
from vartai.kernels.regroup import TimeGrid
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch

OF = ("outputs", "states")

# What is differentiated at once, in steps: bounds memory.
_STEPS = 8_000


@dataclass(frozen=True, eq=False)
class Memory:
    """How far back something reaches, and how far ahead.

    Args:
        what: is measured, in words.
        back: sizes by the distance to an earlier step.
        ahead: the same to a later step, of layers that also read from the end; else None.
        projections: random projections behind each size; None if it is exact.
        notes: what is to be said of it, in sentences.
    """

    what: str
    back: Curve
    ahead: Curve | None
    projections: int | None
    notes: tuple[str, ...] = ()

    @property
    def norm(self) -> str:
        """What a size is, in words."""
        if self.projections is None:
            return "Frobenius norm of the whole Jacobian"
        return f"Frobenius norm of the Jacobian, from {self.projections} random projections"

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        return {
            "what": self.what,
            "norm": self.norm,
            "projections": self.projections,
            "back": self.back.facts(),
            "ahead": None if self.ahead is None else self.ahead.facts(),
            "notes": list(self.notes),
        }


def layer_memory(
    layers: SequenceLayers,
    batch: SequenceBatch,
    *,
    of: str = "outputs",
    layer: str | None = None,
    options: MemoryOptions | None = None,
) -> Memory:
    """How the gradients of recurrent layers fare over distance, on given rows.

    The size is the Frobenius norm of ∂(outputs of the last layer at t)/∂(row read at s), or, with
    `of="states"`, of ∂(state after t)/∂(state after s), a state being all that is carried on:
    hidden and cell of all layers. At distance 0 the latter is the root of the state's size. Exact
    by automatic differentiation, in the type of the weights; in float64 if they are.

    Args:
        layers: of any form, in one direction or two; run in evaluation mode and left as they were.
        batch: data ``[N, D]``, of the type of the weights.
        of: ``outputs`` or ``states``.
        layer: such as ``l0_reverse``: that direction by itself; all layers together if not given.
            The distance of a reverse direction is to later steps.
        options: how.

    Raises:
        InputError: there is no step at all.
        OptionError: an unknown name, or states of layers in two directions, which have none.
    """
    options = options or MemoryOptions()
    if of not in OF:
        raise unknown_name("of", of, OF)
    if not len(batch.data):
        raise InputError("expected sequences with at least one step, found none")
    with quiet(layers):
        if layer is not None:
            layers, batch = one_direction(layers, layer, batch)
        parts = []
        for piece in pieces(batch, _STEPS):
            pull, features = (
                _outputs_by_inputs(layers, piece)
                if of == "outputs"
                else _states_by_states(layers, piece)
            )
            both = layers.bidirectional
            parts.append(jacobian_sizes(pull, piece, features, options, both=both))
    what = "∂ outputs / ∂ inputs" if of == "outputs" else "∂ state / ∂ state"
    if layer is not None:
        what = f"{what}, {layer}"
    return as_memory(what, parts, batch, options, projections=projections(features, options))


def as_memory(
    what: str,
    parts: Sequence[tuple[Sizes, Sizes | None]],
    batch: SequenceBatch,
    options: MemoryOptions,
    *,
    projections: int | None,
    notes: Sequence[str] = (),
) -> Memory:
    """Curves of sizes that were measured piece by piece, with what is to be said of them."""
    texts = int((batch.lengths > 0).sum())
    backs, aheads = zip(*_renumbered(parts), strict=True)
    back = Curve.of(join_sizes(backs), texts=texts, distance=options.distance)
    ahead = None
    if aheads[0] is not None:
        ahead = Curve.of(join_sizes(aheads), texts=texts, distance=options.distance)
    said = list(notes)
    if batch.steps == 1:
        said.append("No text has more than one token: there is no distance but 0.")
    if back.lost_at is not None:
        said.append(
            f"From distance {back.lost_at} on the gradient is 0, or too small for its number type."
        )
    return Memory(what, back, ahead, projections, tuple(said))


def _renumbered(
    parts: Sequence[tuple[Sizes, Sizes | None]],
) -> Iterator[tuple[Sizes, Sizes | None]]:
    """Texts of different pieces are different texts."""
    first = 0
    for back, ahead in parts:
        moved = back._replace(text=back.text + first)
        yield moved, None if ahead is None else ahead._replace(text=ahead.text + first)
        first += int(back.text.max(initial=-1)) + 1


def pieces(batch: SequenceBatch, steps: int) -> Iterator[SequenceBatch]:
    """Whole sequences, as many at a time as have so many steps; at least one."""
    rows = batch.split()
    chosen: list[Tensor] = []
    for sequence in rows:
        if chosen and sum(map(len, chosen)) + len(sequence) > steps:
            yield SequenceBatch.from_sequences(chosen)
            chosen = []
        chosen.append(sequence)
    yield SequenceBatch.from_sequences(chosen)


@contextmanager
def quiet(layers: nn.Module) -> Iterator[None]:
    """Evaluation mode, and no gradients of weights: they would be formed for nothing."""
    was_training = layers.training
    wanted = [parameter.requires_grad for parameter in layers.parameters()]
    layers.eval().requires_grad_(False)
    try:
        with torch.enable_grad():
            yield
    finally:
        layers.train(was_training)
        for parameter, own in zip(layers.parameters(), wanted, strict=True):
            parameter.requires_grad_(own)


def _outputs_by_inputs(layers: SequenceLayers, batch: SequenceBatch) -> tuple[Pull, int]:
    leaf = batch.data.detach().requires_grad_()
    outputs, _ = run_layers(layers, batch.with_data(leaf))
    return pull_through(outputs.data, leaf), outputs.data.size(1)


def pull_through(results: Tensor, leaf: Tensor) -> Pull:
    """Backward passes from some results to a leaf, as many as are asked for."""

    def pull(cotangent: Tensor) -> Tensor:
        (gradient,) = torch.autograd.grad(results, leaf, cotangent, retain_graph=True)
        return gradient

    return pull


def _states_by_states(layers: SequenceLayers, batch: SequenceBatch) -> tuple[Pull, int]:
    states, nodes = run_states(layers, batch)
    grid = TimeGrid(batch.lengths, steps=batch.steps, device=states.device)
    rows = grid.collect(states)

    def pull(cotangent: Tensor) -> Tensor:
        gradients = torch.autograd.grad(rows, nodes, cotangent, retain_graph=True)
        return grid.collect(torch.stack(gradients))

    return pull, rows.size(1)
