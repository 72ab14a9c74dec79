"""What a classifier is made of: its layers, their weights, and what their axes mean."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vartai.nn.layers import RecurrentLayers
from vartai.tasks.classify.task import ClassifyTask

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
        count = 1
        for size in self.shape:
            count *= size
        return count


def describe_weights(task: ClassifyTask) -> list[Weight]:
    """Every tensor of the recurrent path, from the tokens to the class scores."""
    model = task.model
    made = []
    for name, value in model.named_parameters():
        part, _, own = name.partition(".")
        if part == "encoder" and model.encoder is not None:
            made.append(_recurrent(model.encoder, name, own, value))
        elif own.startswith("embedding"):
            vocabulary, size = value.shape
            meaning = f"{vocabulary:,} tokens x {size}"
            made.append(Weight("embedding", name, "E", tuple(value.shape), meaning))
        elif own.startswith("affixes"):
            buckets, size = value.shape
            meaning = f"none and {buckets - 1:,} buckets of affixes x {size}"
            made.append(Weight("affixes", name, "A", tuple(value.shape), meaning))
        elif part == "output":
            symbol = "W" if own == "weight" else "b"
            meaning = " x ".join([f"{len(task.labels)} classes", *map(str, value.shape[1:])])
            made.append(Weight("output", name, symbol, tuple(value.shape), meaning))
        else:
            shape = tuple(value.shape)
            made.append(Weight(part, name, own, shape, " x ".join(map(str, shape))))
    return made


def gates(task: ClassifyTask) -> tuple[str, ...]:
    """Names of the gates, in the order of their blocks in each weight; none for a bag."""
    encoder = task.model.encoder
    return () if encoder is None else encoder.form.gates


def _recurrent(encoder: RecurrentLayers, name: str, own: str, value: Tensor) -> Weight:
    kind, _, suffix = own.rpartition("_l")
    number, _, reverse = suffix.partition("_")
    direction = "backward" if reverse else "forward"
    blocks = len(encoder.form.gates)
    first = f"{blocks} gates x {encoder.hidden_size}" if blocks > 1 else f"{encoder.hidden_size}"
    rest = {"weight_ih": " x {} inputs", "weight_hh": " x {} states"}
    meaning = first + (rest[kind].format(value.shape[1]) if kind in rest else "")
    layer = f"recurrent {int(number) + 1}, {direction}"
    return Weight(layer, name, _LETTERS[kind], tuple(value.shape), meaning)
