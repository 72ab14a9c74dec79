"""Sentences as JSON lines: an object a sentence, with a list of words and one of tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vartai.data.jsonl import LineError, read_object
from vartai.data.lines import Fault, Line
from vartai.data.records import BLANK
from vartai.data.rejects import Rejection
from vartai.data.tagged.blocks import Block, Sentence, spell_raw
from vartai.data.tagged.fields import FieldError


@dataclass(frozen=True)
class ObjectForm:
    """Which keys are read.

    Attributes:
        words: key of the list of words.
        tags: key of the list of tags, if they are read.
        filled: key that predicted tags are written to.
        inputs: keys of the other lists that are read.
    """

    words: str
    tags: str | None
    filled: str
    inputs: tuple[str, ...]


def read_objects(
    lines: Iterable[Line], form: ObjectForm, *, file: str, max_words: int
) -> Iterator[Block]:
    """The blocks of a file: one a line."""
    for line in lines:
        try:
            sentence = _sentence(line, form, max_words)
        except (FieldError, LineError) as error:
            rejection = Rejection(
                file=file,
                line=line.number,
                column=error.column if isinstance(error, FieldError) else None,
                reason=error.fault.reason,
                detail=error.fault.detail,
                raw=spell_raw(line),
            )
            yield Block((line,), rejection=rejection)
        else:
            yield Block((line,), sentence)


def _sentence(line: Line, form: ObjectForm, max_words: int) -> Sentence:
    if line.fault is not None or not line.text.strip():
        raise FieldError(line.fault or BLANK)
    record = read_object(line.text)
    words = _list(record, form.words)
    if not words:
        raise FieldError(Fault("not a list of words", "expected words, found none"), form.words)
    if len(words) > max_words:
        found = f"expected at most {max_words:,} words, found {len(words):,}"
        raise FieldError(Fault("sentence too long", found), form.words)
    tags = () if form.tags is None else _list(record, form.tags)
    inputs = tuple(_list(record, key) for key in form.inputs)
    named = [] if form.tags is None else [(form.tags, tags)]
    for key, values in (*named, *zip(form.inputs, inputs, strict=True)):
        if len(values) != len(words):
            found = f"expected {len(words)}, one a word, found {len(values)}"
            raise FieldError(Fault("wrong number of tags", found), key)
    return Sentence(line.number, words, tags, inputs)


def _list(record: dict[str, object], key: str) -> tuple[str, ...]:
    if key not in record:
        keys = ", ".join(map(repr, record)) or "none"
        raise FieldError(Fault("not a list of words", f"expected a key {key!r}, found {keys}"), key)
    values = record[key]
    if not isinstance(values, list):
        raise FieldError(
            Fault("not a list of words", f"expected a list, found {values!r:.40}"), key
        )
    for value in values:
        if not isinstance(value, str):
            found = f"expected strings only, found {value!r:.40}"
            raise FieldError(Fault("not a list of words", found), key)
        if not value:
            raise FieldError(Fault("empty word", "expected a value, found nothing"), key)
        if "\0" in value:
            raise FieldError(Fault("NUL character", "expected text, found NUL"), key)
        if not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value):
            raise FieldError(Fault("lone surrogate", "expected text, found half a pair"), key)
    return tuple(values)
