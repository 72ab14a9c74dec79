"""Every error that Vartai raises on purpose.

    VartaiError
    ├── UserError           something the user gave is wrong; the command line exits with 2
    │   ├── InputError      a file, row or text: names file, line, column, expected, found
    │   ├── OptionError     an option or argument: lists what is known or allowed
    │   ├── BundleError     a saved model is damaged, foreign, hostile or of another version
    │   └── MissingExtra    an optional package is absent: gives the install line
    └── RunError            the work could not be done; the command line exits with 1
        └── SaveError       a result could not be written; whatever was there before is intact

A user catches `VartaiError`. `InputError` and `OptionError` are `ValueError` too: that is what
scikit-learn's tools, and Python's users, expect of a wrong argument. Nothing here prints; only
`vartai.cli` does.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class VartaiError(Exception):
    """Any error that Vartai raises on purpose. Its text is one readable sentence or two."""


class UserError(VartaiError):
    """Something that the user gave is wrong, and only the user can put it right."""


class InputError(UserError, ValueError):
    """A file, a row or a text is not what was expected.

    Args:
        problem: what is wrong, with what was expected and what came.
        file: name of the file, or ``-`` for standard input.
        line: line in the file, from 1.
        column: name of the column.
        byte: offset of the offending byte in its line, from 0.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        byte: int | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.column = column
        self.byte = byte
        place = [] if file is None else [file]
        if line is not None:
            place.append(f"line {line}")
        if column is not None:
            place.append(f"column {column!r}")
        if byte is not None:
            place.append(f"byte {byte}")
        super().__init__(f"{', '.join(place)}: {problem}" if place else problem)


class OptionError(UserError, ValueError):
    """An option or argument has a name or value that Vartai does not know or allow."""


class BundleError(UserError):
    """A saved model cannot be trusted or understood; the text names file and fault."""


class MissingExtra(UserError):  # noqa: N818 - reads as the fact it states
    """An optional package is needed and absent.

    Args:
        purpose: what it is needed for, as the start of a sentence.
        extra: the extra of the `vartai` package that brings it.
    """

    def __init__(self, purpose: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs an optional part: pip install 'vartai[{extra}]'")


class RunError(VartaiError):
    """The work could not be done, though nothing that the user typed is to blame."""


class SaveError(RunError):
    """A result could not be written. Whatever stood at its place before is intact."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> OptionError:
    """An `OptionError` for a name that is not in a table: lists the table, suggests the nearest.

    Args:
        kind: what the name should have named, such as ``"cell"``.
        name: what came.
        known: every name that would have done.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return OptionError(f"unknown {kind} {name!r}; known: {', '.join(names)}.{hint}")


def require_range(
    name: str,
    value: float,
    *,
    at_least: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> None:
    """Refuse a number outside its bounds, and one that is not a number.

    Raises:
        OptionError: names the option, its bounds and what came.

    Example:
        >>> require_range("clip", 0.0, above=0)
        Traceback (most recent call last):
            ...
        vartai.errors.OptionError: clip must be above 0, was 0.0
    """
    bounds = [("at least", at_least), ("above", above), ("below", below)]
    within = (
        (at_least is None or value >= at_least)
        and (above is None or value > above)
        and (below is None or value < below)
    )
    if not within:
        said = " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
        raise OptionError(f"{name} must be {said}, was {value}")
