"""Pictures and captions as Python values, checked: paths or pixels, one caption or several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vartai.errors import InputError
from vartai.estimators.texts import read_texts
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.opening import opener

Note = Callable[[str], None]


def read_pictures(
    values: object, config: CaptionConfig, *, name: str, trained: bool, note: Note
) -> Tensor:
    """Pictures as a captioner sees them: uint8 ``[P, 3, S, S]``, or annotations ``[P, L, D]``.

    Args:
        values: paths, or arrays of that kind.
        config: of the captioner.
        name: of the argument, for messages.
        trained: whether the configuration tells how many numbers annotations have.
        note: is told what was noticed, in sentences.

    Raises:
        InputError: something is neither, cannot be read, or has another size; names the position.
    """
    if isinstance(values, str | Path | bytes) or not isinstance(values, Iterable):
        raise InputError(f"{name}: expected pictures, found {values!r:.60}")
    open_file = opener(config, trained=trained)
    read = []
    for place, value in enumerate(values):
        if isinstance(value, str | Path):
            opened = open_file(Path(value))
            for said in opened.notes:
                note(said)
            read.append(opened.values)
        else:
            read.append(_checked(value, config, f"{name}[{place}]", trained=trained))
    if not read:
        raise InputError(f"{name}: expected pictures, found none")
    for place, one in enumerate(read):
        if one.shape != read[0].shape:
            raise InputError(
                f"{name}[{place}]: expected {list(read[0].shape)} as before, found "
                f"{list(one.shape)}"
            )
    return torch.stack(read)


def _checked(value: object, config: CaptionConfig, place: str, *, trained: bool) -> Tensor:
    if not isinstance(value, np.ndarray | Tensor):
        raise InputError(f"{place}: expected a path or an array, found {value!r:.60}")
    array = _as_tensor(value, place) if isinstance(value, np.ndarray) else value
    if config.model.encoder == "given":
        if array.dim() != 2 or not array.is_floating_point() or not array.numel():
            raise InputError(f"{place}: expected annotations [places, numbers], {_found(array)}")
        if not array.isfinite().all():
            raise InputError(f"{place}: expected finite numbers, found one that is not")
        size = config.pictures.annotation_size
        if trained and array.size(1) != size:
            raise InputError(f"{place}: expected annotations of {size} numbers, {_found(array)}")
        return array.to(torch.float32)
    size = config.pictures.picture_size
    if array.dtype != torch.uint8 or tuple(array.shape) != (3, size, size):
        raise InputError(
            f"{place}: expected pixels [3, {size}, {size}] of type uint8, {_found(array)}"
        )
    return array


def _as_tensor(value: np.ndarray[Any, Any], place: str) -> Tensor:
    """Of any layout and byte order; torch takes neither strides below 0 nor foreign bytes."""
    if value.dtype.kind not in "fiu":
        raise InputError(f"{place}: expected numbers, found an array of type {value.dtype}")
    return torch.from_numpy(value.astype(value.dtype.newbyteorder("="), order="C"))


def _found(array: Tensor) -> str:
    return f"found {list(array.shape)} of type {str(array.dtype).removeprefix('torch.')}"


def read_captions_of(values: object, *, name: str) -> list[tuple[str, ...]]:
    """The captions of each picture: a text, or several.

    Args:
        values: one or more texts each.
        name: of the argument, for messages.

    Raises:
        InputError: something is missing, not text, or blank; names the position.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(f"{name}: expected captions, found {values!r:.60}")
    read = []
    for place, value in enumerate(values):
        own = value if isinstance(value, list | tuple) else [value]
        texts = tuple(read_texts(list(own), name=f"{name}[{place}]"))
        if not texts or not all(text.strip() for text in texts):
            raise InputError(f"{name}[{place}]: expected a caption, found none or only blanks")
        read.append(texts)
    return read
