"""Looking inside a model: every gate, what is remembered, what a unit means.

What needs torch is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vartai.inspect.watching import Watched, watch
    from vartai.inspect.words.explain import (
        Explanation,
        explain,
        explain_interaction,
        explain_phrases,
    )

__all__ = [
    "Explanation",
    "Watched",
    "explain",
    "explain_interaction",
    "explain_phrases",
    "watch",
]

_HOMES = {
    "Explanation": "vartai.inspect.words.explain",
    "Watched": "vartai.inspect.watching",
    "explain": "vartai.inspect.words.explain",
    "explain_interaction": "vartai.inspect.words.explain",
    "explain_phrases": "vartai.inspect.words.explain",
    "watch": "vartai.inspect.watching",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # the next time there is nothing to import
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
