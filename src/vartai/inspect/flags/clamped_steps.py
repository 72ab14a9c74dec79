"""Layers step by step with some units held: the definition of what holding a unit means.

After every step, and before the first one, a held hidden unit is set to its value. A held cell is
set after the step has computed it, and its hidden unit is what the step's own output gate shows of
the held value: ``h_j = o_j * tanh(v)``; before the first step that is the initial hidden state, as
there is no gate yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.direction import Noise, State
from vartai.kernels.forms import Form
from vartai.kernels.reference.cells import CELLS, noisy_step
from vartai.kernels.step_order import StepOrder
from vartai.nn.layers import RecurrentLayers
from vartai.nn.noise import NoiseShares
from vartai.sequences import SequenceBatch


@dataclass(frozen=True)
class Held:
    """Units of one layer and direction that are held: number → value."""

    hidden: dict[int, float]
    cell: dict[int, float]


def run_held(layers: RecurrentLayers, batch: SequenceBatch, held: Mapping[str, Held]) -> Tensor:
    """Rows ``[N, F]`` of the last layer.

    Args:
        layers: in evaluation mode.
        batch: data ``[N, D]``.
        held: for each layer and direction.
    """
    for depth in range(layers.num_layers):
        names = [f"l{depth}{suffix}" for suffix in ("", "_reverse")[: layers.directions]]
        outputs = [_run_direction(layers, name, batch, held[name]) for name in names]
        batch = batch.with_data(torch.cat(outputs, -1))
    return batch.data


def _run_direction(layers: RecurrentLayers, name: str, batch: SequenceBatch, held: Held) -> Tensor:
    form, w = layers.form, layers.form.named(layers.weights(name))
    shares = NoiseShares.of(layers.recurrent_dropout, layers.zoneout)
    noise = shares.draw(batch, layers.state_sizes, training=False) or Noise()
    order = StepOrder(batch.lengths, device=batch.data.device, reverse=name.endswith("_reverse"))
    counts = order.counts.tolist()
    inputs = torch.split(order.pack(CELLS[form.cell].inputs(batch.data, w)), counts)
    state: State = tuple(part.expand(len(batch), -1).clone() for part in layers.fresh_state(name))
    state = _set(state, held)
    outputs = [state[0][:0]]
    for rows, count in zip(inputs, counts, strict=True):
        state, gates = noisy_step(form, rows, tuple(part[:count] for part in state), w, noise)
        state = _set(_shown(form, state, gates, held), held)
        outputs.append(state[0])
    return order.unpack(torch.cat(outputs))


def _set(state: State, held: Held) -> State:
    """The state with the held units at their values."""
    found = tuple(part.clone() for part in state)
    for part, own in zip(found, (held.hidden, held.cell), strict=False):
        for number, value in own.items():
            part[:, number] = value
    return found


def _shown(form: Form, state: State, gates: State, held: Held) -> State:
    """The state in whose hidden units the held cells show."""
    if not held.cell:
        return state
    hidden = state[0].clone()
    output = gates[form.traced.index("output")] if "output" in form.traced else None
    for number, value in held.cell.items():
        cell = torch.tensor(value, dtype=hidden.dtype, device=hidden.device)
        shown = ACTIVATIONS[form.shown_activation](cell)
        hidden[:, number] = shown if output is None else output[:, number] * shown
    return (hidden, *state[1:])
