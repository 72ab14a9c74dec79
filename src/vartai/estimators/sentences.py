"""Sentences as Python holds them, lists of lists, checked before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.sentences import Sentences
from vartai.errors import InputError


def read_sentences(
    words: object, tags: object | None, *, columns: int, names: tuple[str, str]
) -> Sentences:
    """Check sentences, and put words and tags together.

    Args:
        words: a sequence of sentences, each a sequence of words; with columns, of tuples that
            start with the word.
        tags: for each sentence as many tags; None where there are none.
        columns: values that each word has beside itself.
        names: of these two arguments, for messages.

    Raises:
        InputError: something is not what was expected; names the position.
    """
    sentences = _sequence(words, names[0])
    labels = None if tags is None else _sequence(tags, names[1])
    if labels is not None and len(labels) != len(sentences):
        raise InputError(f"{names[1]}: expected {len(sentences)} sentences, found {len(labels)}")
    rows = []
    for place, sentence in enumerate(sentences):
        here = f"{names[0]}[{place}]"
        read = [
            _word(word, columns, f"{here}[{at}]") for at, word in enumerate(_words(sentence, here))
        ]
        own: tuple[str, ...] = ()
        if labels is not None:
            there = f"{names[1]}[{place}]"
            own = tuple(
                _text(tag, f"{there}[{at}]") for at, tag in enumerate(_words(labels[place], there))
            )
            if len(own) != len(read):
                raise InputError(
                    f"{there}: expected {len(read)} tags, one a word, found {len(own)}"
                )
        parts = tuple(zip(*read, strict=True))
        rows.append(Sentence(place + 1, parts[0], own, parts[1:]))
    return Sentences(names[0], rows)


def _sequence(value: object, name: str) -> Sequence[object]:
    if isinstance(value, np.ndarray):
        return value.tolist()  # type: ignore[no-any-return]
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise InputError(f"{name}: expected a list of sentences, found {value!r:.60}")
    return value


def _words(value: object, name: str) -> Sequence[object]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence | np.ndarray):
        raise InputError(f"{name}: expected a list of words, found {value!r:.60}")
    if len(value) == 0:
        raise InputError(f"{name}: expected words, found none")
    return value  # type: ignore[return-value]


def _word(value: object, columns: int, name: str) -> tuple[str, ...]:
    if columns == 0:
        return (_text(value, name),)
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise InputError(f"{name}: expected a word and {columns} values, found {value!r:.60}")
    if len(value) != columns + 1:
        raise InputError(f"{name}: expected a word and {columns} values, found {len(value)} parts")
    return tuple(_text(part, name) for part in value)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name}: expected text, found {value!r:.60}")
    if not value or any("\ud800" <= each <= "\udfff" for each in value):
        raise InputError(f"{name}: expected text, found {value!r:.60}")
    return str(value)
