"""Weights of another library's network: from a file to the network, and their digest.

A file is safetensors, or of torch's zip format, of which nothing but tensors is unpickled.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from vartai.errors import InputError

# Counters of batches seen in training. Files from before torch 0.4.1, torchvision's own among
# them, have none, and nothing computes with them.
_COUNTER = ".num_batches_tracked"


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors by name. Nothing is unpickled but tensors.

    Raises:
        InputError: the file is not there, of another format, damaged, or holds something else.
    """
    file = str(path)
    if not path.is_file():
        raise InputError("there is no such file", file=file)
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(file)
        if not zipfile.is_zipfile(path):
            raise InputError(
                "is neither safetensors (by its name) nor torch's zip format", file=file
            )
        return _require_tensors(torch.load(file, map_location="cpu", weights_only=True), file)
    except safetensors.SafetensorError as error:
        raise InputError(f"is no safetensors file: {error}", file=file) from error
    except InputError:
        raise
    except (OSError, RuntimeError, ValueError, EOFError, LookupError, struct.error) as error:
        raise InputError(f"cannot be read: {error}", file=file) from error
    except Exception as error:
        # torch raises pickle's own error, and whoever imports that module may use it.
        if type(error).__name__ != "UnpicklingError":
            raise
        raise InputError(
            "holds something other than tensors, and nothing else is unpickled; save its "
            "state_dict, best as safetensors",
            file=file,
        ) from error


def _require_tensors(found: object, file: str) -> dict[str, Tensor]:
    if isinstance(found, dict) and all(isinstance(value, Tensor) for value in found.values()):
        return found
    what = "something else"
    if isinstance(found, dict) and "state_dict" in found:
        what = "a checkpoint that has one among other things; save that alone"
    raise InputError(f"expected tensors by name (a state_dict), found {what}", file=file)


def put_weights(network: nn.Module, tensors: Mapping[str, Tensor], *, file: str) -> None:
    """Give a network its weights: all of them, and no others.

    Args:
        network: changed in place.
        tensors: by name.
        file: that they came from, for messages.

    Raises:
        InputError: one is missing, unknown or of another shape.
    """
    own = network.state_dict()
    counters = {name: value for name, value in own.items() if name.endswith(_COUNTER)}
    tensors = {**counters, **tensors}
    for what, names in (
        ("lacks", own.keys() - tensors.keys()),
        ("has the unknown", tensors.keys() - own.keys()),
    ):
        if names:
            raise InputError(
                f"belongs to another network: it {what} {sorted(names)[0]} ({len(names)} in all)",
                file=file,
            )
    for name, value in own.items():
        if tensors[name].shape != value.shape:
            raise InputError(
                f"belongs to another network: expected {name} of {list(value.shape)}, found "
                f"{list(tensors[name].shape)}",
                file=file,
            )
    network.load_state_dict(tensors)


def digest_of(network: nn.Module) -> str:
    """SHA-256 of names, types, shapes and numbers, whatever file they came in."""
    found = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        if not name.endswith(_COUNTER):
            found.update(f"{name} {value.dtype} {list(value.shape)}\n".encode())
            found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return found.hexdigest()
