"""A bare hyphen among the arguments: standard input, where Cyclopts sees an option unnamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from cyclopts import App

HYPHEN = "-"
# A private-use character, which nobody types, stands in while arguments are parsed.
_STAND_IN = "\ue000"


def call_with_hyphens(app: App, typed: Sequence[str]) -> Any:
    """Parse and run, as calling `app` does, with bare hyphens as values like any other.

    Raises:
        cyclopts.CycloptsError: the arguments cannot be parsed.
    """
    if HYPHEN not in typed:
        return app(list(typed))
    command, bound, _ = app.parse_args(
        [_STAND_IN if word == HYPHEN else word for word in typed],
        exit_on_error=False,
        print_error=False,
    )
    arguments = [_restored(value) for value in bound.args]
    return command(*arguments, **{name: _restored(value) for name, value in bound.kwargs.items()})


def _restored(value: Any) -> Any:
    """The value with hyphens where the stand-in is, inside tuples, lists and dataclasses too."""
    if value == _STAND_IN:
        return HYPHEN
    if isinstance(value, tuple | list):
        return type(value)(_restored(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        found = {each.name: getattr(value, each.name) for each in fields(value)}
        changed = {name: _restored(part) for name, part in found.items()}
        different = {name: part for name, part in changed.items() if part != found[name]}
        return replace(value, **different) if different else value
    return value
