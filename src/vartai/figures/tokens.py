"""Tokens along an axis: told apart by their places, most of them unwritten where they are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# With more places than these along an axis only every so many-th is written; hovering tells each.
MOST_WRITTEN = 60
_LONGEST = 16
START = "(start)"


def escaped(text: str) -> str:
    """Plotly reads a small part of HTML in its texts; a token is shown as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shown(token: str) -> str:
    """A token as it is written in a figure: white space that would not be seen is spelled."""
    if not token:
        return START
    return escaped(token.replace("\n", "⏎").replace(" ", "␣"))


def places(tokens: Sequence[str]) -> list[str]:
    """A name for each place, such as ``3 not``: no two alike, though tokens are."""
    return [f"{place} {shown(token)}" for place, token in enumerate(tokens, start=1)]


def token_axis(tokens: Sequence[str], *, most: int = MOST_WRITTEN) -> dict[str, Any]:
    """What an axis of `places` needs beside its look."""
    step = max(1, -(-len(tokens) // most))
    at = list(range(0, len(tokens), step))
    return {
        "type": "category",
        "tickmode": "array",
        "tickvals": at,
        "ticktext": [_short(tokens[place]) for place in at],
        "showgrid": False,
    }


def _short(token: str) -> str:
    return shown(token if len(token) <= _LONGEST else f"{token[: _LONGEST - 1]}…")
