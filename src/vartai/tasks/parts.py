"""What a trained task is made of, in plain values: what a bundle stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from vartai.errors import BundleError, OptionError
from vartai.tasks.configs import config_from_mapping


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
Config = TypeVar("Config")
Model = TypeVar("Model", bound=nn.Module)


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


def tensors_of(model: nn.Module) -> dict[str, NDArray[Any]]:
    """The weights of a model as arrays, wherever they are."""
    return {
        name: value.detach().cpu().contiguous().numpy()
        for name, value in model.state_dict().items()
    }


def shapes_of(build: Callable[[], nn.Module]) -> Shapes:
    """Shapes of the tensors of a model that is built for them alone; nothing is allocated."""
    with torch.device("meta"):
        model = build()
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def with_tensors(model: Model, tensors: Mapping[str, NDArray[Any]]) -> Model:
    """The model with these weights, ready to be used; they must have been checked."""
    model.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()})
    model.eval()
    return model


def wrong_names(config: Mapping[str, Any], said: str) -> BundleError:
    """The error to raise for a stored configuration that has not the names it must have.

    Args:
        config: as it was stored.
        said: what it must have: ``a tagger's config has options and tags``.
    """
    found = ", ".join(sorted(config)) or "nothing"
    return BundleError(f"config.json: {said}; found {found}")


def read_options(kind: type[Config], options: object) -> Config:
    """Stored options as a task's configuration.

    Args:
        kind: its frozen dataclass.
        options: as they were stored.

    Raises:
        BundleError: they are no object, or not those of such a configuration.
    """
    if not isinstance(options, dict):
        raise BundleError("config.json: options should be an object")
    try:
        return config_from_mapping(kind, options)
    except OptionError as error:
        raise BundleError(f"config.json: {error}") from error
