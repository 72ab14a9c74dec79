"""From a trained task to what its streams share, and to a stream."""

from __future__ import annotations

from typing import Any

from vartai.errors import OptionError
from vartai.stream.classify import ClassifyLive
from vartai.stream.generate import GenerateLive
from vartai.stream.language_stream import LanguageStream
from vartai.stream.live import LiveModel
from vartai.stream.refusals import refuse_task
from vartai.stream.stream import Stream
from vartai.stream.tag import TagLive
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.parts import Task
from vartai.tasks.tag.task import TagTask


def open_live(name: str, task: Task, *, delay: int = 0) -> LiveModel[Any]:
    """Prepare a model for streams: its weights are copied and packed once, for all of them.

    Args:
        name: of the task.
        task: that was trained.
        delay: words after which a tag is told, of a tagger with a conditional random field.

    Raises:
        OptionError: no stream can be made of it; says why, and what to do.
    """
    if delay and name != "tag":
        raise OptionError(f"delay is of taggers; a model for {name} says at once what it can say")
    if isinstance(task, ClassifyTask):
        return ClassifyLive(task)
    if isinstance(task, TagTask):
        return TagLive(task, delay=delay)
    if isinstance(task, GenerateTask):
        return GenerateLive(task)
    raise refuse_task(name)


def open_stream(name: str, task: Task, *, delay: int = 0) -> Stream[Any]:
    """A stream of a model; `stream_of` makes more of its `Stream.model`. As `open_live`."""
    return stream_of(open_live(name, task, delay=delay))


def stream_of(model: LiveModel[Any]) -> Stream[Any]:
    """A further stream of the same model."""
    return LanguageStream(model) if isinstance(model, GenerateLive) else Stream(model)
