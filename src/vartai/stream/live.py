"""A model ready to be streamed, whatever its task: what all streams of it share."""

from __future__ import annotations

import copy
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vartai.stream.pending import Pending, add, finish
from vartai.stream.rows import Notice, Reader, Rows
from vartai.stream.tail import Tail
from vartai.tasks.parts import Task
from vartai.text.settling import Rule
from vartai.text.tokens import Tokenizer

Said = TypeVar("Said")

Fragment: TypeAlias = str | bytes | Sequence[Any]
"""Text, bytes of UTF-8, or tokens: words of a tagger, ids of the others."""

_NO_LIMIT = 1 << 40  # tokens


@dataclass(frozen=True)
class Place:
    """Where a stream stands, beside the numbers of its state.

    Args:
        pending: what was pushed and is not read yet.
        tokens: that were read.
        unknown: how many of them the model does not know.
        recent: ids that were read last, for a penalty on repetition (generate).
        words: that were read and have no tag yet (tag).
        before: the last character of the text; empty at its beginning (generate).
        spelled: bytes that were written and make no whole character yet (generate).
        tail: what n-grams may yet begin in (classify, with an n-gram path).
    """

    pending: Pending = field(default_factory=Pending)
    tokens: int = 0
    unknown: int = 0
    recent: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    before: str = ""
    spelled: bytes = b""
    tail: Tail = field(default_factory=Tail)


@dataclass(frozen=True, eq=False)
class Taken:
    """A fragment, ready to be read.

    Args:
        tokens: ``[n, …]``, as the reader takes them.
        place: where the stream stands once they are read.
        flush: whether the text is taken to end here.
        counted: what it adds to the counts of n-grams; None where there are none.
    """

    tokens: Tensor
    place: Place
    flush: bool
    counted: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Bounds:
    """What the place of a stream of a model can be at most.

    Args:
        recent: ids that are kept.
        vocabulary: ids that there are.
        words: that can wait for their tags.
        before: characters of the text that are kept.
        spells: whether it writes bytes.
        counts: whether it counts n-grams.
    """

    recent: int = 0
    vocabulary: int = 0
    words: int = 0
    before: int = 0
    spells: bool = False
    counts: bool = False


class LiveModel(ABC, Generic[Said]):
    """A model ready to be streamed.

    Args:
        task: that was trained.
        reader: steps it.
        settled: which characters of a growing text can be read.
        traits: what decides how it is run, beside weights and tokenizer: names of labels and the
            like, as JSON values.
    """

    name: str
    bounds: Bounds = Bounds()

    def __init__(self, task: Task, reader: Reader, settled: Rule, traits: Any) -> None:
        self._task = task
        self.reader = reader
        self.settled = settled
        self._traits = traits

    @cached_property
    def digest(self) -> str:
        """SHA-256 of weights, tokenizer and all that decides what a state means."""
        parts = self._task.to_parts()
        found = hashlib.sha256(json.dumps([self.name, self._traits]).encode())
        found.update(parts.tokenizer.encode())
        for name, value in sorted(parts.tensors.items()):
            found.update(f"{name} {value.dtype} {value.shape}".encode())
            found.update(value.tobytes())
        return found.hexdigest()

    @abstractmethod
    def take(self, place: Place, fragment: Fragment, *, flush: bool) -> Taken:
        """A fragment, and what was pending, as tokens. Changes nothing.

        Raises:
            InputError: it is not what was expected.
        """

    def listen(self, streams: int) -> Notice | None:
        """What is told of every step of so many streams; None where the end alone counts."""
        del streams
        return None

    def finish(self, rows: Rows, taken: Taken) -> Rows:
        """The rows of a stream whose tokens were read, with what is not read token by token."""
        del taken
        return rows

    @abstractmethod
    def say(
        self, rows: Sequence[Rows], taken: Sequence[Taken], heard: Notice | None
    ) -> list[tuple[Said, Place]]:
        """What the task says of each stream once its tokens are read, and where it stands then.

        Args:
            rows: of each, afterwards.
            taken: what was read.
            heard: what `listen` gave, after it was told of every step.
        """


def take_text(
    place: Place, fragment: str | bytes, settled: Rule, *, flush: bool
) -> tuple[str, Place]:
    """The text to be read now, and where the stream stands with regard to text.

    Raises:
        InputError: see `vartai.stream.pending`.
    """
    text, pending = add(place.pending, fragment, settled)
    if flush:
        text, pending = text + finish(pending), Pending()
    return text, replace(place, pending=pending)


def uncut(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, which leaves no middle out: a stream has none."""
    whole = copy.copy(tokenizer)
    whole.max_tokens = _NO_LIMIT  # type: ignore[misc]
    return whole
