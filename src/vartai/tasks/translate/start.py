"""Where a translator's training begins: at random, or at another translator's weights."""

from __future__ import annotations

from vartai.errors import OptionError
from vartai.tasks.translate.build import build_translator
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.pieces import train_pieces
from vartai.tasks.translate.task import TranslateTask

_SHAPES = (
    "cell",
    "encoder_layers",
    "decoder_layers",
    "hidden_size",
    "embedding_size",
    "attention",
    "input_feeding",
    "tied",
)


def fresh_task(config: TranslateConfig, sources: list[str], targets: list[str]) -> TranslateTask:
    """Vocabularies of these texts, and weights from torch's random numbers."""
    source, target = train_pieces(sources, targets, config.text)
    model = build_translator(
        config.model,
        source_size=source.size,
        target_size=target.size,
        shared=config.text.shared,
    )
    return TranslateTask(config, source, target, model)


def continued_task(start: TranslateTask, config: TranslateConfig) -> TranslateTask:
    """A translator that goes on from another: the same vocabularies, which know every text.

    Raises:
        OptionError: an option that decides the shape of the model differs.
    """
    for part, names in (("model", _SHAPES), ("text", ("shared",))):
        for name in names:
            old = getattr(getattr(start.config, part), name)
            new = getattr(getattr(config, part), name)
            if old != new:
                raise OptionError(f"{name} is {old} in the model to continue, {new} was asked for")
    task = TranslateTask(
        config,
        start.source,
        start.target,
        build_translator(
            config.model,
            source_size=start.source.size,
            target_size=start.target.size,
            shared=config.text.shared,
        ),
    )
    task.model.load_state_dict(start.model.state_dict())
    return task
