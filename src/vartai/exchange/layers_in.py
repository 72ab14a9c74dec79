"""Layers of `vartai.nn` from those of torch, or from their tensors: the names are the same."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from vartai.errors import InputError, OptionError, unknown_name
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN

CELLS: dict[str, type[RNN] | type[LSTM] | type[GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
_NAME = re.compile(r"(weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)_l(\d+)(_reverse)?")
_MOST_LAYERS = 64


def layers_from_torch(module: nn.Module) -> RecurrentLayers:
    """The layers of a `torch.nn.RNN`, `GRU` or `LSTM`, with copies of its weights.

    Raises:
        OptionError: a module of another kind.
    """
    if not isinstance(module, nn.RNN | nn.GRU | nn.LSTM):
        raise OptionError(
            f"expected layers of torch.nn, RNN, GRU or LSTM; found {type(module).__name__}"
        )
    sizes = (module.input_size, module.hidden_size, module.num_layers)
    bias, first, dropout, both = (
        module.bias,
        module.batch_first,
        module.dropout,
        module.bidirectional,
    )
    layers: RecurrentLayers
    if isinstance(module, nn.LSTM):
        layers = LSTM(*sizes, bias, first, dropout, both, module.proj_size)
    elif isinstance(module, nn.GRU):
        layers = GRU(*sizes, bias, first, dropout, both)
    else:
        layers = RNN(*sizes, module.nonlinearity, bias, first, dropout, both)
    layers = layers.to(next(module.parameters()).dtype)
    layers.load_state_dict(module.state_dict())
    return layers.train(module.training)


def layers_from_tensors(
    cell: str, tensors: Mapping[str, Tensor], *, prefix: str = "", nonlinearity: str = "tanh"
) -> RecurrentLayers:
    """Layers of the sizes that tensors have.

    Args:
        cell: rnn, lstm or gru.
        tensors: by name; those that begin with the prefix are the layers'.
        prefix: what stands before ``weight_ih_l0``, such as ``encoder.``.
        nonlinearity: of an RNN.

    Returns:
        The layers, always with biases: zeros where there were none.

    Raises:
        OptionError: an unknown cell.
        InputError: a tensor is missing, or has another shape than the others call for; names it.
    """
    if cell not in CELLS:
        raise unknown_name("cell", cell, CELLS)
    own = _own(tensors, prefix)
    first = own["weight_ih_l0"]
    hidden_size = first.size(0) // GATES[cell]
    if hidden_size * GATES[cell] != first.size(0) or not hidden_size:
        raise InputError(
            f"{prefix}weight_ih_l0 has {first.size(0)} rows, which {GATES[cell]} gates of "
            f"{cell} do not divide"
        )
    count = 1 + max(int(match[2]) for match in map(_NAME.fullmatch, own) if match)
    if count > _MOST_LAYERS:
        raise InputError(f"{count} layers, at most {_MOST_LAYERS} are read")
    sizes = (first.size(1), hidden_size, count)
    both = "weight_ih_l0_reverse" in own
    with torch.device("meta"):
        shapes = CELLS[cell](*sizes, bidirectional=both).state_dict()
    filled = {
        name: own[name] if name in own else _zeros(name, tuple(value.shape), prefix)
        for name, value in shapes.items()
    }
    _require_shapes(filled, {name: tuple(value.shape) for name, value in shapes.items()}, prefix)
    _require_none_left(own, shapes, prefix)
    if cell == "rnn":
        layers: RecurrentLayers = RNN(*sizes, nonlinearity=nonlinearity, bidirectional=both)
    else:
        layers = CELLS[cell](*sizes, bidirectional=both)
    layers.load_state_dict(filled)
    return layers.eval()


def stack_layers(single: Sequence[RecurrentLayers]) -> RecurrentLayers:
    """Single layers above one another as one module.

    Args:
        single: RNN, LSTM or GRU of one layer each, the lowest first.

    Raises:
        InputError: they are of different forms or sizes, or none at all.
    """
    if not single:
        raise InputError("expected at least one recurrent layer, found none")
    first = single[0]
    for number, layer in enumerate(single[1:], start=2):
        alike = (layer.form, layer.hidden_size, layer.directions) == (
            first.form,
            first.hidden_size,
            first.directions,
        )
        if not alike or layer.input_size != first.output_size:
            raise InputError(f"recurrent layer {number} does not stand above one like it")
    made = copy.deepcopy(first)
    made.num_layers = len(single)
    for number, layer in enumerate(single[1:], start=1):
        for name, value in layer.named_parameters():
            made.register_parameter(
                name.replace("_l0", f"_l{number}"), nn.Parameter(value.detach())
            )
    return made


def _own(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    own = {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix) and _NAME.fullmatch(name.removeprefix(prefix))
    }
    if "weight_ih_l0" not in own or own["weight_ih_l0"].dim() != 2:
        near = sorted(name for name in tensors if name.endswith("weight_ih_l0"))
        found = ", ".join(near or sorted(tensors)[:10])
        raise InputError(f"there is no matrix {prefix}weight_ih_l0; found: {found or 'nothing'}")
    if any(name.startswith("weight_hr") for name in own):
        raise InputError(f"{prefix}weight_hr_l0: layers with a projection are not read")
    return own


def _zeros(name: str, shape: tuple[int, ...], prefix: str) -> Tensor:
    """A bias that is not there is zeros; anything else must be."""
    if not name.startswith("bias"):
        raise InputError(f"tensor {prefix}{name} of shape {list(shape)} is missing")
    return torch.zeros(shape)


def _require_shapes(
    found: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], prefix: str
) -> None:
    for name, shape in shapes.items():
        if tuple(found[name].shape) != shape:
            raise InputError(
                f"tensor {prefix}{name} has shape {list(found[name].shape)}, expected {list(shape)}"
            )


def _require_none_left(own: Mapping[str, Tensor], known: Mapping[str, Tensor], prefix: str) -> None:
    left = sorted(own.keys() - known.keys())
    if left:
        raise InputError(f"tensor {prefix}{left[0]} has no place in layers of these sizes")
