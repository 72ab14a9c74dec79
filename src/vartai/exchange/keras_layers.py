"""Recurrent layers of Keras 3 as layers of `vartai.nn`, and the other way round.

Keras's kernels are torch's turned round, with other orders of gates (`gate_order`). Its layers have
one bias where torch's have two; a GRU with `reset_after` has two in one array. Its GRU without
`reset_after` is Cho's, as Vartai's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.errors import MissingExtra, OptionError
from vartai.exchange.gate_order import from_keras_order, to_keras_order
from vartai.kernels.activations import ACTIVATIONS
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN
from vartai.nn.sequence_layers import SequenceLayers

CELLS = {"SimpleRNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
Arrays = list[NDArray[np.float32]]


def import_keras() -> Any:
    """The keras package, with TensorFlow behind it unless the environment says otherwise.

    Raises:
        MissingExtra: it is not installed.
    """
    if find_spec("keras") is None:
        raise MissingExtra("A Keras model", extra="keras")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
    except ImportError as error:
        raise MissingExtra("A Keras model", extra="keras") from error
    return keras


def layers_from_keras(layers: Any) -> RecurrentLayers:
    """Layers of `vartai.nn` from a recurrent layer of Keras, or from several above one another.

    Args:
        layers: SimpleRNN, LSTM, GRU, or Bidirectional of one of them (merged by concatenation);
            built. Several must be of one kind and size.

    Raises:
        OptionError: layers of another kind, or with options that `vartai.nn` does not have; names
            them.
    """
    stack = list(layers) if isinstance(layers, list | tuple) else [layers]
    if not stack:
        raise OptionError("expected at least one recurrent layer of Keras, found none")
    both = [_directions(layer) for layer in stack]
    facts = [_facts(layer) for directions in both for layer in directions]
    if any(fact != facts[0] for fact in facts) or len({len(each) for each in both}) > 1:
        raise OptionError("layers above one another must be of one kind, size and direction")
    kind, units, activation, reset_after = facts[0]
    first = both[0][0].get_weights()[0].shape[0]
    made = _build(kind, (first, units, len(stack)), len(both[0]) == 2, activation, reset_after)
    state: dict[str, Tensor] = {}
    for number, directions in enumerate(both):
        for suffix, layer in zip(("", "_reverse"), directions, strict=False):
            own = _from_arrays(CELLS[kind], layer.get_weights(), reset_after=reset_after)
            state |= {f"{name}_l{number}{suffix}": value for name, value in own.items()}
    for name, value in made.state_dict().items():
        if tuple(state[name].shape) != tuple(value.shape):
            raise OptionError(
                f"{name} has shape {list(state[name].shape)}, expected {list(value.shape)}: the "
                "layers do not stand above one another"
            )
    made.load_state_dict(state)
    return made.eval()


def _build(
    kind: str, sizes: tuple[int, int, int], both: bool, activation: str, reset_after: bool
) -> RecurrentLayers:
    if kind == "SimpleRNN":
        return RNN(*sizes, nonlinearity=activation, bidirectional=both)
    if kind == "LSTM":
        return LSTM(*sizes, activation=activation, bidirectional=both)
    return GRU(*sizes, activation=activation, reset_after=reset_after, bidirectional=both)


def _directions(layer: Any) -> list[Any]:
    """The layer, or both layers of a Bidirectional."""
    if type(layer).__name__ != "Bidirectional":
        return [layer]
    if layer.merge_mode != "concat":
        raise OptionError(
            f"Bidirectional merges by {layer.merge_mode}; vartai.nn puts directions side by side"
        )
    return [layer.forward_layer, layer.backward_layer]


def _facts(layer: Any) -> tuple[str, int, str, bool]:
    """Kind, units, activation, and where a GRU's reset gate acts."""
    kind = type(layer).__name__
    if kind not in CELLS:
        raise OptionError(f"expected {', '.join(CELLS)} or Bidirectional, found {kind}")
    config = layer.get_config()
    activation = str(config["activation"])
    if activation == "linear":
        activation = "identity"
    if activation not in ACTIVATIONS:
        raise OptionError(f"{kind} with activation {activation}; known: {', '.join(ACTIVATIONS)}")
    if kind != "SimpleRNN" and config["recurrent_activation"] != "sigmoid":
        raise OptionError(
            f"{kind} with recurrent_activation {config['recurrent_activation']}; gates of "
            "vartai.nn are sigmoids"
        )
    if not layer.built:
        raise OptionError(f"{kind}: the layer has no weights yet; call it once")
    return kind, int(config["units"]), activation, bool(kind == "GRU" and config["reset_after"])


def _from_arrays(cell: str, arrays: Arrays, *, reset_after: bool) -> dict[str, Tensor]:
    """Weights of one direction by torch's names."""
    name = cell.upper()
    kernel, recurrent = (
        from_keras_order(name, torch.from_numpy(np.array(each, np.float32).T).contiguous())
        for each in arrays[:2]
    )
    none = kernel.new_zeros(kernel.size(0))
    biases = [none, none]
    if len(arrays) > 2:
        bias = torch.from_numpy(np.array(arrays[2], np.float32))
        parts = list(bias) if reset_after else [bias]
        ordered = [from_keras_order(name, part) for part in parts]
        biases = ordered if reset_after else [ordered[0], none]
    return {
        "weight_ih": kernel,
        "weight_hh": recurrent,
        "bias_ih": biases[0],
        "bias_hh": biases[1],
    }


def keras_layers(layers: SequenceLayers, *, sequences: bool) -> list[Any]:
    """Keras layers for those of `vartai.nn`; `fill_keras` gives them their weights once built.

    Args:
        layers: RNN, LSTM or GRU, in any form that Keras has.
        sequences: whether the last layer gives the outputs of all steps.

    Raises:
        OptionError: a form that Keras does not have; names it.
        MissingExtra: Keras is not installed.
    """
    layers = _of_a_form(layers)
    keras = import_keras()
    form = layers.form
    missing = [name for name in form.options() if name not in ("activation", "reset_before")]
    missing += ["zoneout"] * layers.zones_out
    if missing or layers.learned_state or form.activation == "hardtanh":
        what = missing or (["learned_state"] if layers.learned_state else ["hardtanh"])
        raise OptionError(f"Keras has no {form.cell} with {', '.join(what)}")
    activation = "linear" if form.activation == "identity" else form.activation
    made = []
    for number in range(layers.num_layers):
        options = {
            "activation": activation,
            "return_sequences": sequences or number < layers.num_layers - 1,
        }
        if form.cell == "gru":
            options["reset_after"] = not form.reset_before
        kind = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}[form.cell]
        layer = getattr(keras.layers, kind)(layers.hidden_size, **options)
        made.append(keras.layers.Bidirectional(layer) if layers.bidirectional else layer)
    return made


def fill_keras(made: Sequence[Any], layers: SequenceLayers) -> None:
    """Give built Keras layers the weights of those that they were made for."""
    layers = _of_a_form(layers)
    for number, layer in enumerate(made):
        for suffix, own in zip(("", "_reverse"), _directions(layer), strict=False):
            own.set_weights(_to_arrays(layers, f"l{number}{suffix}"))


def _of_a_form(layers: SequenceLayers) -> RecurrentLayers:
    if not isinstance(layers, RecurrentLayers):
        raise OptionError(f"Keras has no {type(layers).__name__}")
    return layers


def _to_arrays(layers: RecurrentLayers, suffix: str) -> Arrays:
    form, w = layers.form, layers.form.named(layers.weights(suffix))
    name = form.cell.upper()
    kernel, recurrent = (
        to_keras_order(name, weight.detach()).T.numpy() for weight in (w.weight_ih, w.weight_hh)
    )
    none = w.weight_ih.new_zeros(w.weight_ih.size(0))
    first, second = (
        to_keras_order(name, none if bias is None else bias.detach())
        for bias in (w.bias_ih, w.bias_hh)
    )
    two = form.cell == "gru" and not form.reset_before
    bias = torch.stack([first, second]) if two else first + second
    return [kernel, recurrent, bias.numpy()]
