"""Streams of many clients, stepped together; each answer, bit for bit, as it would be alone.

A step is tried on a copy of the stream. Only when its answer is delivered does the copy take the
stream's place: a step that failed, was not waited for or ran out of time was not taken.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch

from vartai.decoding.options import SamplingOptions
from vartai.errors import InputError, RunError
from vartai.serve.service.line import Group
from vartai.stream.classify import SoFar
from vartai.stream.generate import Next
from vartai.stream.language_stream import LanguageStream
from vartai.stream.live import Fragment
from vartai.stream.stream import Stream, push_together

_TOKENS_A_TURN = 16
_WRITERS_A_TURN = 4
SHORT = 500
"""Characters of a fragment beyond which it is stepped with few others: they would wait for it."""
_LONG_TOGETHER = 4
_SHOWN = 4096
"""Numbers of a part of a state beyond which it is not told for eyes."""


class PoisonedError(RunError):
    """A state whose numbers are not finite."""


class Push(NamedTuple):
    """A fragment for a stream.

    Attributes:
        stream: that reads it.
        fragment: text, or tokens.
        top: how many of the likeliest tokens are told, of a language model.
        numbers: whether the numbers of the state are told.
    """

    stream: Stream[Any]
    fragment: Fragment
    top: int
    numbers: bool


class Stepped(NamedTuple):
    """What a push led to.

    Attributes:
        stream: where it stands now.
        said: as JSON.
    """

    stream: Stream[Any]
    said: dict[str, Any]


def step_groups(most: int) -> dict[tuple[bool, bool], Group]:
    """The groups of one model's pushes, by whether they flush, and whether they are long."""
    return {
        (flush, long): Group(
            "step", partial(_step, flush=flush), min(most, _LONG_TOGETHER) if long else most
        )
        for flush in (False, True)
        for long in (False, True)
    }


def _step(pushes: Sequence[Push], *, flush: bool) -> Sequence[Stepped | InputError | RunError]:
    trials = [push.stream.fork() for push in pushes]
    answers = push_together(trials, [push.fragment for push in pushes], flush=flush)
    made: list[Stepped | InputError | RunError] = []
    for push, trial, said in zip(pushes, trials, answers, strict=True):
        if isinstance(said, InputError):
            made.append(said)
        elif not _is_finite(trial):
            made.append(PoisonedError("its state holds numbers that are not finite"))
        else:
            told = said_as_json(said, trial, top=push.top)
            made.append(Stepped(trial, told | _numbers(trial) if push.numbers else told))
    return made


def _numbers(stream: Stream[Any]) -> dict[str, Any]:
    """The state, for eyes: rounded, without counts of n-grams."""
    parts = zip(stream.model.reader.fields, stream._rows, strict=True)
    return {
        "state": {
            field.name: np.round(part[0].flatten().double().numpy(), 4).tolist()
            for field, part in parts
            if part.is_floating_point() and part.numel() <= _SHOWN
        }
    }


def _is_finite(stream: Stream[Any]) -> bool:
    return all(bool(torch.isfinite(part).all()) for part in stream._rows)


def said_as_json(said: Any, stream: Stream[Any], *, top: int) -> dict[str, Any]:
    """What a stream said: of its task, and where it stands. Numbers are not rounded."""
    place = {"tokens": stream.tokens, "pending": stream.pending}
    if isinstance(said, SoFar):
        label = list(said.label) if isinstance(said.label, tuple) else said.label
        shares = dict(said.probabilities)
        return {"label": label, "probabilities": shares, "unknown": said.unknown, **place}
    if isinstance(said, Next):
        likeliest = [{"token": t, "probability": share} for t, share in said.likeliest(top)]
        return {"next": likeliest, **place}
    return {"tags": [{"word": word, "tag": tag} for word, tag in said], **place}


@dataclass(frozen=True)
class WritingAsked:
    """How a language model is to write.

    Args:
        length: most tokens.
        stop: strings that end it.
        sampling: how tokens are chosen.
    """

    length: int
    stop: tuple[str, ...]
    sampling: SamplingOptions


class Writer:
    """A text that is being written, some tokens a turn, so that others are computed between.

    Args:
        stream: that is written to: a copy of the one it goes on from.
        prompt: read first, as it stands.
        asked: how.
    """

    def __init__(self, stream: LanguageStream, prompt: str, asked: WritingAsked) -> None:
        self.stream = stream
        self.ended = ""
        self._prompt = prompt
        self._asked = asked
        self._pieces: Generator[str, None, str] | None = None

    def turn(self) -> str:
        """Write on a little; `ended` says why, once it has."""
        if self._pieces is None:
            self.stream.push(self._prompt)
            self.stream.flush()
            asked = self._asked
            self._pieces = self.stream.write(asked.length, stop=asked.stop, sampling=asked.sampling)
        written = []
        for _ in range(_TOKENS_A_TURN):
            try:
                written.append(next(self._pieces))
            except StopIteration as stopped:
                self.ended = stopped.value
                break
        if not _is_finite(self.stream):
            raise PoisonedError("its state holds numbers that are not finite")
        return "".join(written)


def _write(writers: Sequence[Writer]) -> Sequence[str | Exception]:
    made: list[str | Exception] = []
    for writer in writers:
        try:
            made.append(writer.turn())
        except Exception as error:  # noqa: BLE001 - a turn cannot be taken again, as the line would
            made.append(error)
    return made


WRITE = Group("write", _write, _WRITERS_A_TURN)
"""Turns of all language models."""
