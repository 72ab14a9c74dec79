"""Where a captioner's training begins: at random, or at another captioner's weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from vartai.tasks.caption.build import build_captioner
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.task import CaptionTask
from vartai.tasks.caption.words import train_caption_words
from vartai.tasks.continuing import require_same

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
    asked = config
    if "none" not in (start.config.model.attention, config.model.attention):
        kept = replace(config.model, attention=start.config.model.attention)
        asked = replace(config, model=kept)
    require_same(start.config, asked, _SHAPES)
    model = build_captioner(config, vocabulary_size=start.words.size)
    model.load_state_dict(start.model.state_dict())
    return CaptionTask(config, start.words, model)
