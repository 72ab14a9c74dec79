"""Where a captioner's training begins: at random, or at another captioner's weights."""

from __future__ import annotations

from collections.abc import Iterable

from vartai.errors import OptionError
from vartai.tasks.caption.build import build_captioner
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.task import CaptionTask
from vartai.tasks.caption.words import train_caption_words

_SHAPES = {
    "pictures": (
        "picture_size",
        "places",
        "width",
        "annotation_size",
        "blocks",
        "positions",
        "pretrained",
        "pretrained_weights",
    ),
    "model": (
        "attention",
        "hidden_size",
        "embedding_size",
        "attention_size",
        "start_layers",
        "gate",
        "encoder",
    ),
    "text": ("lowercase",),
}


def fresh_task(config: CaptionConfig, captions: Iterable[str]) -> CaptionTask:
    """A vocabulary of these captions, and weights from torch's random numbers."""
    words = train_caption_words(captions, config.text)
    return CaptionTask(config, words, build_captioner(config, vocabulary_size=words.size))


def continued_task(start: CaptionTask, config: CaptionConfig) -> CaptionTask:
    """A captioner that goes on from another: its vocabulary and its weights.

    Soft attention may go on as hard attention and the other way round: their weights are the same.

    Raises:
        OptionError: an option that decides the shape of the model differs.
    """
    for part, names in _SHAPES.items():
        for name in names:
            old = getattr(getattr(start.config, part), name)
            new = getattr(getattr(config, part), name)
            if old != new and not (name == "attention" and "none" not in (old, new)):
                raise OptionError(f"{name} is {old} in the model to continue, {new} was asked for")
    model = build_captioner(config, vocabulary_size=start.words.size)
    model.load_state_dict(start.model.state_dict())
    return CaptionTask(config, start.words, model)
