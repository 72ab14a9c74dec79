"""A model in which some units are held at fixed values at every step, the one before the first too.

A hidden unit held at v needs no other network, only other weights. What the next step makes of it
is column j of ``W_hh`` times v, always the same: so the column becomes zero and v times the column
joins ``b_hh``; likewise in ``W_ih`` and ``b_ih`` of the layer above. What the unit itself would
have been is computed still, read by nobody, and overwritten where it leaves the last layer. The
compiled core runs this as it runs any layer.

Where a product of the unit and a gate, or a norm over all units, enters the sums (a GRU whose reset
gate acts before, layer normalisation), and for cells, the steps are taken one by one
(`clamped_steps`); that is also the definition, which the weights must agree with.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.errors import OptionError, unknown_name
from vartai.inspect.flags.clamped_steps import Held, run_held
from vartai.inspect.flags.units import Unit
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch


@dataclass(frozen=True)
class Clamp:
    """A unit held at a value.

    Args:
        unit: of part ``hidden`` or ``cell``.
        value: what it is at every step.
    """

    unit: Unit
    value: float


def run_clamped(layers: SequenceLayers, batch: SequenceBatch, clamps: Sequence[Clamp]) -> Tensor:
    """The rows ``[N, F]`` of the last layer with some units held; by weights where that is exact.

    Args:
        layers: in evaluation mode.
        batch: what they read.
        clamps: at least one.

    Raises:
        OptionError: a unit that there is not or that cannot be held, or one held twice; says why.
    """
    layers = _of_a_form(layers)
    held = held_by_layer(layers, clamps)
    if _weights_do(layers, clamps):
        return run_by_weights(layers, batch, held)
    return run_held(layers, batch, held)


def run_clamped_reference(
    layers: SequenceLayers, batch: SequenceBatch, clamps: Sequence[Clamp]
) -> Tensor:
    """The same step by step, whatever is held: the definition."""
    layers = _of_a_form(layers)
    return run_held(layers, batch, held_by_layer(layers, clamps))


def _of_a_form(layers: SequenceLayers) -> RecurrentLayers:
    if not isinstance(layers, RecurrentLayers):
        kind = type(layers).__name__
        raise OptionError(f"clamp: units of RNN, LSTM and GRU can be held; these layers are {kind}")
    return layers


def held_by_layer(layers: RecurrentLayers, clamps: Sequence[Clamp]) -> dict[str, Held]:
    """What is held in each layer and direction, checked.

    Raises:
        OptionError: as `run_clamped`.
    """
    if layers.training:
        raise OptionError("clamp: expected layers in evaluation mode, found training mode")
    if not clamps:
        raise OptionError("clamp: expected at least one unit to hold, found none")
    names = [
        f"l{layer}{suffix}"
        for layer in range(layers.num_layers)
        for suffix in ("", "_reverse")[: layers.directions]
    ]
    found = {name: Held({}, {}) for name in names}
    parts = ("hidden", "cell")[: len(layers.state_sizes)]
    for unit, value in ((clamp.unit, clamp.value) for clamp in clamps):
        if unit.layer not in found:
            raise unknown_name("layer", unit.layer, names)
        if unit.part not in parts:
            raise OptionError(f"unit {unit}: only {' and '.join(parts)} can be held, no gate")
        size = layers.state_sizes[parts.index(unit.part)]
        if not 0 <= unit.number < size:
            raise OptionError(f"unit {unit}: {unit.layer} has the units 0 to {size - 1}")
        own = found[unit.layer].hidden if unit.part == "hidden" else found[unit.layer].cell
        if unit.number in own:
            raise OptionError(f"unit {unit} is held twice")
        own[unit.number] = value
    if any(held.cell for held in found.values()):
        _require_plain_cell(layers)
    return found


def _require_plain_cell(layers: RecurrentLayers) -> None:
    """A cell can be held where its hidden unit is a function of it and of one gate alone."""
    form = layers.form
    for option in ("peepholes", "projection", "layer_norm"):
        if getattr(form, option):
            raise OptionError(
                f"a cell of an LSTM with {option} cannot be held; its hidden unit can"
            )
    if layers.zoneout not in (0.0, (0.0, 0.0)):
        raise OptionError("a cell of an LSTM with zoneout cannot be held; its hidden unit can")


def _weights_do(layers: RecurrentLayers, clamps: Sequence[Clamp]) -> bool:
    form = layers.form
    return (
        layers.bias
        and not form.layer_norm
        and not form.reset_before
        and all(clamp.unit.part == "hidden" for clamp in clamps)
    )


def run_by_weights(layers: RecurrentLayers, batch: SequenceBatch, held: dict[str, Held]) -> Tensor:
    """Rows of the last layer, hidden units held by a copy of the layers with other weights."""
    changed = copy.deepcopy(layers)
    with torch.no_grad():
        for name, own in held.items():
            for number, value in own.hidden.items():
                _hold(changed, name, number, value)
    rows = changed.run(batch).rows
    return _overwritten(layers, rows, held)


def _hold(layers: RecurrentLayers, name: str, number: int, value: float) -> None:
    """Fold a held hidden unit into the biases of all that reads it."""
    _fold(getattr(layers, f"weight_hh_{name}"), getattr(layers, f"bias_hh_{name}"), number, value)
    depth, reverse = int(name[1:].removesuffix("_reverse")), name.endswith("_reverse")
    place = number + (layers.state_sizes[0] if reverse else 0)
    for suffix in ("", "_reverse")[: layers.directions]:
        above = f"l{depth + 1}{suffix}"
        if depth + 1 < layers.num_layers:
            weight, bias = (getattr(layers, f"{kind}_{above}") for kind in ("weight_ih", "bias_ih"))
            _fold(weight, bias, place, value)


def _fold(weight: Tensor, bias: Tensor, place: int, value: float) -> None:
    bias += value * weight[:, place]
    weight[:, place] = 0.0


def _overwritten(layers: RecurrentLayers, rows: Tensor, held: dict[str, Held]) -> Tensor:
    """The last layer's outputs with the held units as they are held."""
    rows = rows.clone()
    for place, suffix in enumerate(("", "_reverse")[: layers.directions]):
        last = held[f"l{layers.num_layers - 1}{suffix}"]
        for number, value in last.hidden.items():
            rows[:, place * layers.state_sizes[0] + number] = value
    return rows
