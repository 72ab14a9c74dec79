"""What a trained task is made of, in plain values: what a bundle stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from torch import nn


@dataclass(frozen=True)
class TaskParts:
    """A trained task, taken apart.

    Args:
        config: a JSON object: options, labels, and whatever else the task needs.
        tensors: float32 or int64 arrays by name.
        tokenizer: a JSON text.
    """

    config: Mapping[str, Any]
    tensors: Mapping[str, NDArray[Any]]
    tokenizer: str


Shapes = Mapping[str, tuple[int, ...]]
Array = NDArray[np.float32]


class Task(Protocol):
    """A trained model with all it needs to be used.

    Attributes:
        CHECKED_APART: tensors whose names start so are checked by `from_parts`, not by `shapes`;
            None if there are none.
        config: a frozen dataclass, as it was trained.
        model: the network.
    """

    CHECKED_APART: ClassVar[str | None]
    config: Any

    @property
    def model(self) -> nn.Module:
        """The network."""

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that these parts must have; nothing is allocated.

        Raises:
            BundleError: the configuration or the tokenizer is not one of this task.
        """

    @classmethod
    def from_parts(cls, parts: TaskParts) -> Self:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the parts are not those of such a task.
        """

    def facts(self) -> dict[str, Any]:
        """What else there is to know of it, as JSON values: labels, sizes of vocabularies."""
