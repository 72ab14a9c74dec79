"""The page as one file: everything that it may ask about the given texts, answered beforehand."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vartai.errors import OptionError, SaveError
from vartai.serve.inspector.effects import effects
from vartai.serve.inspector.memory import remember
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.page import report_page
from vartai.serve.inspector.questions import (
    DifferenceQuestion,
    EffectsQuestion,
    MemoryQuestion,
    Question,
    ViewQuestion,
)
from vartai.serve.inspector.reading import compare_texts, read, states
from vartai.serve.inspector.session import CUT, Session

MOST_NUMBERS = 4_000_000
"""Of states and gates in a report: some 30 MB of text."""

Answered = tuple[str, Question, dict[str, Any]]


def write_report(session: Session, path: Path) -> int:
    """Write what the page would show of the texts that a session begins with.

    Args:
        session: with texts.
        path: where; an earlier file there is replaced, whole or not at all.

    Returns:
        Bytes of the file.

    Raises:
        InputError: a text has no token.
        OptionError: the text is too long for a report.
        SaveError: the file could not be written; an earlier one is intact.
    """
    answers = {_key(route, body.model_dump()): answer for route, body, answer in _asked(session)}
    text = report_page({"model": session.facts(), "answers": answers}).encode()
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(text)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise SaveError(f"{path}: could not be written: {error.strerror}") from error
    return len(text)


def _asked(session: Session) -> Iterator[Answered]:
    """Every question that the report's page can ask, with its answer."""
    opened, given, other = session.model(0), session.start(), session.start_other()
    _require_size(session)
    first = ViewQuestion(given=dict(given))
    answer = read(opened, first)
    yield "read", first, answer
    for layer in answer["layers"]:
        for what in layer["whats"]:
            view = ViewQuestion(given=dict(given), layer=layer["name"], what=what)
            yield "states", view, states(opened, view)
            if other is not None:
                pair = DifferenceQuestion(**view.model_dump(), other=dict(other))
                yield "difference", pair, compare_texts(opened, pair, other)
    if opened.saved.name in CUT:
        yield from _asked_of_text(opened, given, len(answer["sequences"][0]["tokens"]))


def _asked_of_text(
    opened: OpenedModel, given: Mapping[str, str], tokens: int
) -> Iterator[Answered]:
    """What each word did, and how far back the model remembers on this text."""
    place = None if opened.saved.name == "classify" else tokens - 1
    words = EffectsQuestion(given=dict(given), place=place)
    yield "words", words, effects(opened, given, place)
    memory = MemoryQuestion(texts=given["text"])
    yield "memory", memory, remember(opened, [given["text"]], memory.of)


def _require_size(session: Session) -> None:
    traced = session.model(0).trace(session.start())
    numbers = sum(
        values.size for states in traced.layers.values() for values in states.quantities().values()
    )
    if numbers > MOST_NUMBERS:
        raise OptionError(
            f"a report holds {MOST_NUMBERS:,} numbers at most, this text has {numbers:,}: give a "
            "shorter one, or look at it without --html"
        )


def _key(route: str, body: dict[str, Any]) -> str:
    # As the page writes it: names sorted, no blanks.
    return f"{route} {json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}"
