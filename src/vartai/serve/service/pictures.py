"""Pictures that come in as base64, and what a captioner answers.

They are decoded in the thread that computes, one after another, so that no more than one is ever
unfolded; while they wait they are the bytes of their files, and those are counted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vartai.errors import InputError, OptionError
from vartai.images.opening import Opened, read_picture
from vartai.serve.service.line import Group
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.refusals import Refusal, come_back, too_much

_AT_ONCE = 16
DIGITS = 4
"""Of a weight of attention in an answer."""


class PictureAsked(NamedTuple):
    """A picture to be captioned.

    Args:
        data: of its file.
        attention: whether to tell where each word was looked for.
    """

    data: bytes
    attention: bool


def require_pictures(task: Any, name: str) -> None:
    """Refuse a captioner that reads annotations.

    Raises:
        OptionError: says why.
    """
    if task.config.model.encoder != "cnn":
        raise OptionError(
            f"{name} reads annotations of another program's encoder, which the service does not "
            "run; captioners that see pictures themselves are served"
        )


def read_asked(
    inputs: Sequence[str], options: ServiceOptions, *, attention: bool
) -> list[PictureAsked]:
    """The files of pictures, undecoded.

    Args:
        inputs: in base64.
        options: how many there may be.
        attention: see `PictureAsked`.

    Raises:
        Refusal: there are too many, or one is not base64; names its place.
    """
    if len(inputs) > options.max_pictures:
        raise too_much(
            f"inputs: expected at most {options.max_pictures:,} pictures, found {len(inputs):,}"
        )
    asked = []
    for place, text in enumerate(inputs):
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            hint = "; without data:…;base64," if text[:5] == "data:" else ""
            raise Refusal(
                400, f"inputs[{place}]: expected the file of a picture in base64{hint}: {error}"
            ) from error
        asked.append(PictureAsked(data, attention))
    return asked


def caption_group(task: Any, options: ServiceOptions) -> Group:
    """How a captioner's pictures are computed together."""

    def compute(asked: Sequence[PictureAsked]) -> Sequence[Any]:
        size = task.config.pictures.picture_size
        opened = [_open(each, size, options.max_pixels) for each in asked]
        pixels = [each.values for each in opened if isinstance(each, Opened)]
        made = iter(task.caption(torch.stack(pixels)) if pixels else ())
        return [
            _told(task, each, next(made), attention=one.attention)
            if isinstance(each, Opened)
            else each
            for one, each in zip(asked, opened, strict=True)
        ]

    return Group("caption", compute, min(_AT_ONCE, options.batch))


def _open(asked: PictureAsked, size: int, most_pixels: int) -> Opened | InputError:
    try:
        return read_picture(asked.data, size=size, most_pixels=most_pixels)
    except InputError as error:
        return error


def _told(task: Any, opened: Opened, caption: Any, *, attention: bool) -> dict[str, Any]:
    told = {
        "text": caption.text,
        "log_probability": round(caption.log_probability, DIGITS),
        "cut": caption.cut,
    }
    if opened.notes:
        told["notes"] = list(opened.notes)
    if attention and task.config.model.attention != "none":
        told["attention"] = _looks(task, opened.values, caption.words)
    return told


def _looks(task: Any, pixels: Tensor, words: Sequence[str]) -> dict[str, Any]:
    looks = task.looks(pixels, words)
    weights = [[round(weight, DIGITS) for weight in row] for row in looks.weights]
    return {"words": looks.words, "side": looks.side, "weights": weights}


class WaitingBytes:
    """Bytes of pictures that wait, counted.

    Args:
        bound: most of them.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self.size = 0

    @contextmanager
    def hold(self, asked: Sequence[PictureAsked]) -> Iterator[None]:
        """Count these for as long as the block lasts.

        Raises:
            Refusal: there are too many bytes with them.
        """
        size = sum(len(each.data) for each in asked)
        if self.size + size > self._bound:
            raise come_back(
                f"busy: {self.size:,} bytes of pictures wait already; try again in a second",
                reason="pictures",
            )
        self.size += size
        try:
            yield
        finally:
            self.size -= size
