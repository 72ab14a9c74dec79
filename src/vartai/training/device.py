"""Where a model is trained: the device that an option names, and how many threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from vartai.errors import OptionError


def choose_device(name: str) -> torch.device:
    """The device called ``cpu``, ``cuda``, or ``auto`` for a GPU if there is one.

    Raises:
        OptionError: ``cuda`` was asked for and there is none.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise OptionError("device is cuda, but torch finds no GPU here; use cpu or auto")
    return torch.device(name)


@contextmanager
def use_threads(count: int | None) -> Iterator[None]:
    """Let torch use so many threads for a while; None leaves it as it is."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
