"""What every answer bears, whoever gives it: headers of protection, and one form of error."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.types import Message

PROTECTION = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def add_headers(start: Message, headers: Mapping[str, str]) -> None:
    """Give the start of an answer these headers, but for those that it has."""
    named = {name for name, _ in start["headers"]}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    start["headers"] = [*start["headers"], *(pair for pair in pairs if pair[0] not in named)]


def problem_json(problem: str) -> bytes:
    """The body of an error: one line; half characters spelled out, since UTF-8 has none."""
    line = " ".join(problem.split())
    return json.dumps({"error": line}, ensure_ascii=False).encode("utf-8", "backslashreplace")
