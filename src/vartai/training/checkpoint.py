"""A training run on disk, from which it goes on to the same result.

A checkpoint is one safetensors file, replaced as a whole: named tensors, and one JSON text in the
header for everything that is not a tensor. It never holds a pickle.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vartai.errors import InputError, SaveError

_VERSION = "1"


def write_checkpoint(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Replace the checkpoint at `path`; whatever stood there survives a failure.

    Args:
        path: of the file.
        tensors: by name.
        facts: what goes into JSON.

    Raises:
        SaveError: it could not be written.
    """
    beside = path.with_name(path.name + ".new")
    header = {"vartai-checkpoint": _VERSION, "facts": json.dumps(facts)}
    contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(contiguous, beside, metadata=header)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise SaveError(
            f"{path}: the checkpoint could not be written ({error}); an earlier one is intact"
        ) from error


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `write_checkpoint` wrote.

    Raises:
        InputError: the file is missing, damaged, or of another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if "vartai-checkpoint" not in header:
                raise InputError("expected a checkpoint of Vartai", file=str(path))
            if header["vartai-checkpoint"] != _VERSION:
                found = header["vartai-checkpoint"]
                raise InputError(
                    f"expected checkpoint version {_VERSION}, found {found}", file=str(path)
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InputError(f"cannot be read as a checkpoint ({error})", file=str(path)) from error
    facts: dict[str, Any] = json.loads(header["facts"])
    return tensors, facts


def random_state() -> dict[str, Tensor]:
    """The state of torch's random numbers on this device, as named tensors."""
    state = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["random.cuda"] = torch.cuda.get_rng_state()
    return state


def restore_random_state(tensors: dict[str, Tensor]) -> None:
    """Undo what has been drawn since `random_state`."""
    torch.set_rng_state(tensors["random.cpu"])
    if torch.cuda.is_available() and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])
