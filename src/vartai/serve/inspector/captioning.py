"""A picture shown to a captioner: its sentence, and where each word of it was looked for."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from vartai.errors import InputError, OptionError
from vartai.figures.looks import attended_picture
from vartai.figures.png import png_address
from vartai.images.opening import read_picture
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.questions import CaptionQuestion


def show_picture(model: OpenedModel, asked: CaptionQuestion) -> dict[str, Any]:
    """What a captioner says of a picture.

    Returns:
        The caption, the picture as the model sees it (an address that holds it), notes, and a
        figure of its attention; None where it has none that could be laid over the picture.

    Raises:
        InputError: the picture cannot be read.
        OptionError: the model is no captioner, or reads annotations in the place of pictures.
    """
    if model.saved.name != "caption":
        raise OptionError(f"{model.name} reads texts, not pictures: its task is {model.saved.name}")
    task = model.saved.task
    if task.config.model.encoder != "cnn":
        raise OptionError(f"{model.name} reads annotations (.npy files), not pictures")
    try:
        data = base64.b64decode(asked.picture, validate=True)
    except ValueError as error:  # of which binascii's is one
        raise InputError(f"expected a picture in base64: {error}", file=asked.name) from error
    opened = read_picture(data, size=task.config.pictures.picture_size, file=asked.name)
    pixels = opened.values
    caption = task.caption(pixels.unsqueeze(0))[0]
    looks = task.looks(pixels, caption.words)
    figure = None
    if task.config.model.attention != "none":
        figure = attended_picture(
            picture=pixels.numpy(), words=looks.words, weights=np.array(looks.weights)
        )
    return {
        "caption": caption.text,
        "seen": png_address(pixels.numpy()),
        "notes": list(opened.notes),
        "figure": figure,
    }
