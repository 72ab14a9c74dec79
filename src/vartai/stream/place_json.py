"""Where a stream stands, as JSON and back, each value checked against the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vartai.errors import BundleError
from vartai.stream.live import Bounds, LiveModel, Place
from vartai.stream.pending import LONGEST, Pending, begins_character
from vartai.stream.tail import Tail
from vartai.stream.wide import LINE_END

LONGEST_HEADER = 1 << 20
_MOST_TOKENS = 1 << 62


def place_to_json(place: Place) -> dict[str, Any]:
    """JSON values."""
    return {
        "held": place.pending.held.hex(),
        "pending": place.pending.text,
        "tokens": place.tokens,
        "unknown": place.unknown,
        "recent": list(place.recent),
        "words": list(place.words),
        "before": place.before,
        "spelled": place.spelled.hex(),
        "last": list(place.tail.words),
        "line": place.tail.line,
    }


def place_from_json(value: Any, model: LiveModel[Any]) -> Place:
    """The place that JSON values say.

    Raises:
        BundleError: they say what no stream of the model can have come to.
    """
    names = set(place_to_json(Place()))
    if not isinstance(value, dict) or set(value) != names:
        raise _fault(f"its place should have {', '.join(sorted(names))}")
    bounds = model.bounds
    place = Place(
        Pending(_bytes(value, "held"), _text(value["pending"], "pending", LONGEST)),
        tokens=_count(value, "tokens"),
        unknown=_count(value, "unknown"),
        recent=tuple(_ids(value["recent"], bounds)),
        words=tuple(_words(value["words"], bounds)),
        before=_text(value["before"], "before", bounds.before),
        spelled=_bytes(value, "spelled"),
        tail=_tail(value, bounds),
    )
    if place.unknown > place.tokens:
        raise _fault("it has read fewer tokens than unknown ones")
    if model.settled(place.pending.text):
        raise _fault("its pending text has tokens that could have been read")
    if not bounds.spells and place.spelled:
        raise _fault("it wrote bytes, and this model does not")
    return place


def _tail(value: dict[str, Any], bounds: Bounds) -> Tail:
    if not bounds.counts:
        if (value["last"], value["line"]) != (list(Tail().words), Tail().line):
            raise _fault("it counted n-grams, and this model does not")
        return Tail()
    last = tuple(_text(each, "a word", LONGEST) for each in _list(value["last"], "last", 2))
    if not last:
        raise _fault("last should hold the beginning of the text, or a word")
    return Tail(last, _text(value["line"], "line", LINE_END))


def _count(value: dict[str, Any], name: str) -> int:
    found = value[name]
    if type(found) is not int or not 0 <= found < _MOST_TOKENS:
        raise _fault(f"{name} should be a number of tokens, was {found!r:.40}")
    return found


def _text(found: Any, name: str, longest: int) -> str:
    if not isinstance(found, str) or len(found) > longest:
        raise _fault(f"{name} should be a text of at most {longest:,} characters")
    return found


def _bytes(value: dict[str, Any], name: str) -> bytes:
    found = value[name]
    try:
        raw = bytes.fromhex(found)
    except (TypeError, ValueError):
        raise _fault(f"{name} should be bytes in hexadecimal") from None
    if not begins_character(raw):
        raise _fault(f"{name} should be the beginning of a character, was {raw[:8].hex()}")
    return raw


def _list(found: Any, name: str, most: int) -> Sequence[Any]:
    if not isinstance(found, list) or len(found) > most:
        raise _fault(f"{name} should be a list of at most {most:,}")
    return found


def _ids(found: Any, bounds: Bounds) -> Sequence[int]:
    for each in _list(found, "recent", bounds.recent):
        if type(each) is not int or not 0 <= each < bounds.vocabulary:
            raise _fault(f"recent should be ids below {bounds.vocabulary:,}")
    ids: Sequence[int] = found
    return ids


def _words(found: Any, bounds: Bounds) -> Sequence[str]:
    return [_text(each, "a word", LONGEST) for each in _list(found, "words", bounds.words)]


def _fault(problem: str) -> BundleError:
    return BundleError(f"stream state: {problem}")
