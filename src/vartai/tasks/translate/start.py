"""Where a translator's training begins: at random, or at another translator's weights."""

from __future__ import annotations

from vartai.tasks.continuing import require_same
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.pieces import train_pieces
from vartai.tasks.translate.task import TranslateTask, build_between
from vartai.text.subwords import SubwordTokenizer

_SHAPES = {
    "model": (
        "cell",
        "encoder_layers",
        "decoder_layers",
        "hidden_size",
        "embedding_size",
        "attention",
        "input_feeding",
        "tied",
    ),
    "text": ("shared",),
}


def fresh_task(config: TranslateConfig, sources: list[str], targets: list[str]) -> TranslateTask:
    """Vocabularies of these texts, and weights from torch's random numbers."""
    return _untrained(config, *train_pieces(sources, targets, config.text))


def continued_task(start: TranslateTask, config: TranslateConfig) -> TranslateTask:
    """A translator that goes on from another: the same vocabularies, which know every text.

    Raises:
        OptionError: an option that decides the shape of the model differs.
    """
    require_same(start.config, config, _SHAPES)
    task = _untrained(config, start.source, start.target)
    task.model.load_state_dict(start.model.state_dict())
    return task


def _untrained(
    config: TranslateConfig, source: SubwordTokenizer, target: SubwordTokenizer
) -> TranslateTask:
    return TranslateTask(config, source, target, build_between(config, source, target))
