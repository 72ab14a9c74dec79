"""Going on from a trained model: what must be the same, and what is taken over."""

from __future__ import annotations

from vartai.errors import OptionError
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.task import AnswerTask, build_reader

_SHAPE = ("cell", "layers", "hidden_size", "embedding_size", "character_size", "hops")


def continued_task(start: AnswerTask, config: AnswerConfig) -> AnswerTask:
    """A model that goes on from another: same words, answers and weights. That one stays as it is.

    Raises:
        OptionError: an option that decides the shape of the model differs; names both values.
    """
    kinds = (start.config.questions.kind, config.questions.kind)
    if kinds[0] != kinds[1]:
        raise OptionError(
            f"the model to go on from answers by {kinds[0]}, the questions {kinds[1]}"
        )
    for name in _SHAPE:
        old, new = getattr(start.config.model, name), getattr(config.model, name)
        if old != new:
            raise OptionError(f"{name} is {old} in the model to go on from, {new} was asked for")
    if start.config.text != config.text:
        raise OptionError("the options of words must be those of the model to go on from")
    model = build_reader(config, start.tokenizer, start.knowledge)
    model.load_state_dict(start.model.state_dict())
    return AnswerTask(config, start.tokenizer, start.knowledge, model)
