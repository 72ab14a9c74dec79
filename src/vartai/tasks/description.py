"""What a model is made of: its layers, their weights, and what their axes mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from vartai.nn.embedding import Embedding
from vartai.nn.sequence_layers import SequenceLayers

_LETTERS = {"weight_ih": "W", "weight_hh": "H", "bias_ih": "b, of W", "bias_hh": "b, of H"}


@dataclass(frozen=True)
class Weight:
    """One tensor.

    Args:
        layer: which it belongs to, as people count: ``recurrent 1, forward``.
        name: as in the saved file.
        symbol: as in the equations.
        shape: of the tensor.
        meaning: what the shape is made of.
    """

    layer: str
    name: str
    symbol: str
    shape: tuple[int, ...]
    meaning: str

    @property
    def parameters(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)


def describe_weights(model: nn.Module) -> list[Weight]:
    """Every parameter of a model, in the order in which it has them."""
    return [weight for path, module in model.named_modules() for weight in _own(path, module)]


def gates(model: nn.Module) -> tuple[str, ...]:
    """Names of the gates of the first recurrent layers, in the order of their blocks.

    None for a model without such layers.
    """
    layers = (module for module in model.modules() if isinstance(module, SequenceLayers))
    return next((layer.gate_names for layer in layers), ())


def _own(path: str, module: nn.Module) -> Iterator[Weight]:
    layer = path.rpartition(".")[2] or "model"
    for own, value in module.named_parameters(recurse=False):
        name = f"{path}.{own}" if path else own
        shape = tuple(value.shape)
        if isinstance(module, SequenceLayers):
            yield _recurrent(module, path, own, value)
        elif isinstance(module, Embedding | nn.Embedding):
            yield Weight(layer, name, "E", shape, f"{shape[0]:,} rows x {shape[1]}")
        elif isinstance(module, nn.Linear):
            meaning = " x ".join([f"{shape[0]} outputs", *(f"{n} inputs" for n in shape[1:])])
            yield Weight(layer, name, "W" if own == "weight" else "b", shape, meaning)
        else:
            yield Weight(layer, name, own, shape, " x ".join(map(str, shape)))


def _recurrent(layers: SequenceLayers, path: str, own: str, value: Tensor) -> Weight:
    kind, _, suffix = own.rpartition("_l")
    place = "recurrent" if path in ("", "encoder") else path
    if kind not in _LETTERS or value.dim() != 2 - kind.startswith("bias"):
        shape = tuple(value.shape)
        return Weight(place, f"{path}.{own}", own, shape, " x ".join(map(str, shape)))
    number, _, reverse = suffix.partition("_")
    direction = "backward" if reverse else "forward"
    blocks = max(1, len(layers.gate_names))
    first = f"{blocks} gates x {layers.hidden_size}" if blocks > 1 else f"{layers.hidden_size}"
    rest = {"weight_ih": " x {} inputs", "weight_hh": " x {} states"}
    meaning = first + (rest[kind].format(value.shape[1]) if kind in rest else "")
    layer = f"{place} {int(number) + 1}, {direction}"
    return Weight(layer, f"{path}.{own}", _LETTERS[kind], tuple(value.shape), meaning)
