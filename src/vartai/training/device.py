"""Where tensors live: the device that an option names."""

from __future__ import annotations

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
