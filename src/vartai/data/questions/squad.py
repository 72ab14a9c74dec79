"""Questions in SQuAD's JSON, version 1 or 2.

    {"version": …, "data": [{"title": …, "paragraphs": [{"context": …, "qas": [
        {"id": …, "question": …, "is_impossible": …, "answers": [{"text": …, "answer_start": …}]}
    ]}]}]}

The file is one JSON value, so it is read whole, within limits; whatever is wrong with one question
or paragraph costs just that, and is told by its path, as ``data[0].paragraphs[3].qas[1]``.

Sources: Rajpurkar et al. 2016, "SQuAD: 100,000+ questions for machine comprehension of text"; 2018,
"Know what you don't know: unanswerable questions for SQuAD".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from vartai.data.checks import FieldError, read_field
from vartai.data.lines import Fault
from vartai.data.questions.question import Answer, Question
from vartai.data.questions.spans import locate_answer
from vartai.data.rejects import Reason, Rejection, clip_raw
from vartai.data.sources import ByteStream
from vartai.errors import InputError
from vartai.text.decode import decode_text

MOST_BYTES = 1 << 28
MOST_CONTAINERS = 10_000_000
_BLOCK = 1 << 20

Object = Mapping[str, Any]


class _NotStrictError(ValueError):
    """What `json` lets pass and should not."""


def read_squad(
    source: ByteStream, *, encoding: str, max_characters: int, need_answer: bool
) -> Iterator[Question | Rejection]:
    """The questions of a file, with a rejection in the place of each that cannot be used.

    Args:
        source: the file.
        encoding: of its bytes.
        max_characters: longest context or question.
        need_answer: a question without answer must say that it is impossible.

    Raises:
        InputError: the file is too large, not JSON, or not laid out as SQuAD's is.
    """
    value, broken = _parse(_read_whole(source), encoding, source.file)
    reader = _Reader(source.file, max_characters, broken=broken, need_answer=need_answer)
    articles = value.get("data") if isinstance(value, dict) else None
    if not isinstance(articles, list):
        raise InputError(
            'expected SQuAD\'s JSON, an object with a list "data"; found none', file=source.file
        )
    for place, article in enumerate(articles):
        yield from reader.article(article, f"data[{place}]")


def _read_whole(source: ByteStream) -> bytes:
    blocks, size = [], 0
    while block := source.read(_BLOCK):
        size += len(block)
        if size > MOST_BYTES:
            raise InputError(f"expected at most {MOST_BYTES:,} bytes of JSON", file=source.file)
        blocks.append(block)
    return b"".join(blocks)


def _parse(raw: bytes, encoding: str, file: str) -> tuple[object, bool]:
    """The value, and whether bytes of it could not be decoded: they are lone surrogates now."""
    if raw.count(b"{") + raw.count(b"[") > MOST_CONTAINERS:
        raise InputError(f"expected at most {MOST_CONTAINERS:,} objects and lists", file=file)
    try:
        text, broken = decode_text(raw, encoding=encoding), False
    except InputError:
        text, broken = raw.decode(encoding, "surrogateescape"), True
    try:
        value = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_unique, parse_constant=_refuse
        )
    except _NotStrictError as error:
        raise InputError(f"expected JSON: {error}", file=file) from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"expected JSON: {error.msg}, column {error.colno}", file=file, line=error.lineno
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected JSON: {error}", file=file) from error
    return value, broken


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _NotStrictError(f"the key {twice!r:.60} stands twice in one object")
    return made


def _refuse(name: str) -> NoReturn:
    raise _NotStrictError(f"{name} is no JSON number")


class _Reader:
    """Walks through the articles and counts the questions."""

    def __init__(self, file: str, max_characters: int, *, broken: bool, need_answer: bool) -> None:
        self._file = file
        self._max_characters = max_characters
        self._broken = broken
        self._need_answer = need_answer
        self._number = 0

    def article(self, article: object, path: str) -> Iterator[Question | Rejection]:
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            yield self._reject("not a question", 'expected a list "paragraphs"', path, article)
            return
        for place, paragraph in enumerate(paragraphs):
            yield from self._paragraph(paragraph, f"{path}.paragraphs[{place}]", group=path)

    def _paragraph(
        self, paragraph: object, path: str, *, group: str
    ) -> Iterator[Question | Rejection]:
        asked = paragraph.get("qas") if isinstance(paragraph, dict) else None
        if not isinstance(paragraph, dict) or not isinstance(asked, list):
            yield self._reject("not a question", 'expected a list "qas"', path, paragraph)
            return
        try:
            context, trouble = self._text(paragraph, "context"), None
        except FieldError as error:
            context, trouble = "", error
        for place, question in enumerate(asked):
            own = f"{path}.qas[{place}]"
            if trouble is not None:
                fault = trouble.fault
                yield self._reject(fault.reason, fault.detail, own, question, "context")
            else:
                yield self._question(question, own, context, group)

    def _question(
        self, question: object, path: str, context: str, group: str
    ) -> Question | Rejection:
        if not isinstance(question, dict):
            return self._reject("not a question", "expected an object", path, question)
        try:
            text = self._text(question, "question")
            answers = self._answers(question, context)
        except FieldError as error:
            fault = error.fault
            return self._reject(fault.reason, fault.detail, path, question, error.column)
        self._number += 1
        own_id = question.get("id")
        return Question(
            line=self._number,
            id=clip_raw(str(own_id)) if isinstance(own_id, str | int) else "",
            group=group,
            context=context,
            text=text,
            answers=answers,
        )

    def _answers(self, question: Object, context: str) -> tuple[Answer, ...]:
        given = question.get("answers", [])
        impossible = question.get("is_impossible", False)
        if not isinstance(given, list) or not isinstance(impossible, bool):
            detail = 'expected a list "answers" and a truth value "is_impossible"'
            raise FieldError(Fault("not a question", detail), "answers")
        if impossible and given:
            detail = f"is_impossible is true, yet there are {len(given)} answers"
            raise FieldError(Fault("contradictory answer", detail), "is_impossible")
        if self._need_answer and not given and not impossible:
            detail = "expected answers, or is_impossible to be true; found neither"
            raise FieldError(Fault("missing answer", detail), "answers")
        answers = []
        for place, answer in enumerate(given):
            column = f"answers[{place}]"
            if not isinstance(answer, dict):
                raise FieldError(Fault("not a question", "expected an object"), column)
            text = self._text(answer, "text", column=f"{column}.text")
            answers.append(locate_answer(context, text, answer.get("answer_start"), column=column))
        return tuple(answers)

    def _text(self, place: Object, name: str, column: str = "") -> str:
        try:
            return read_field(place.get(name), column or name, max_characters=self._max_characters)
        except FieldError as error:
            if self._broken and error.fault.reason == "lone surrogate":
                detail = "expected text, found bytes that are not in the file's encoding"
                raise FieldError(Fault("undecodable byte", detail), error.column) from error
            raise

    def _reject(
        self, reason: Reason, detail: str, path: str, found: object, column: str | None = None
    ) -> Rejection:
        self._number += 1
        return Rejection(
            file=self._file,
            line=self._number,
            column=column,
            reason=reason,
            detail=f"{path}: {detail}",
            raw=clip_raw(json.dumps(found, ensure_ascii=False)),
        )
