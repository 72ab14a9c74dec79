"""Labels as a caller gives them: texts, whole numbers or truth values; one a text or several.

Inside, a label is text, as in a table: ``true`` for True, ``1`` for 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import InputError
from vartai.estimators.columns import keep_type, read_column

_KINDS: dict[str, tuple[type, ...]] = {
    # A truth value is a whole number to Python, so it is asked for first.
    "truth value": (bool, np.bool_),
    "whole number": (int, np.integer),
    "text": (str,),
}
_ONE_LABEL = "a class label (text, whole number or truth value)"


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of some texts.

    Attributes:
        rows: the labels of each text, as text.
        classes: every label that occurs, sorted, of the type that they came in.
        names: the same as text, in the same order.
    """

    rows: list[tuple[str, ...]]
    classes: NDArray[Any]
    names: tuple[str, ...]


def read_labels(values: object, *, separator: str | None, name: str = "y") -> Labels:
    """Check labels.

    Args:
        values: one column (`read_column`), a label for each text. With a separator each is a list,
            tuple or set of labels, or a text of several labels with the separator between them.
        separator: given if a text can have several labels.
        name: of the argument, for messages.

    Raises:
        InputError: a label is missing, blank, a fraction, or not of the same kind as the first;
            names its position.

    >>> read_labels([10, 2, 10], separator=None).names
    ('2', '10')
    >>> read_labels(["new; hot", {"hot"}], separator=";").rows
    [('new', 'hot'), ('hot',)]
    """
    if values is None:
        raise InputError(f"{name}: requires y to be passed, but the target y is None")
    listed = read_column(values, name=name)
    rows: list[tuple[str, ...]]
    if separator is None:
        _require_labels([(f"{name}[{at}]", label) for at, label in enumerate(listed)])
        classes = np.unique(keep_type(values, listed))
        rows = [(_as_text(label),) for label in listed]
    else:
        groups = [_several(item, separator, f"{name}[{at}]") for at, item in enumerate(listed)]
        flat = [(f"{name}[{at}]", label) for at, group in enumerate(groups) for label in group]
        _require_labels(flat)
        classes = np.unique(np.array([label for _, label in flat]))
        rows = [tuple(dict.fromkeys(map(_as_text, group))) for group in groups]
    return Labels(rows, classes, tuple(_as_text(label) for label in classes.tolist()))


def _several(item: object, separator: str, place: str) -> list[object]:
    """The labels of one text."""
    if isinstance(item, str):
        return [label.strip() for label in item.split(separator)]
    if not isinstance(item, list | tuple | set | frozenset | np.ndarray):
        raise InputError(
            f"{place}: expected a list, tuple or set of labels, or a text that holds them with "
            f"{separator!r} between, found {_found(item)}"
        )
    for label in item:
        if isinstance(label, str) and separator in label:
            raise InputError(f"{place}: label {label!r} holds the label_separator {separator!r}")
    # A set has no order of its own, and what is learned must not depend on the one it happens to
    # have.
    return sorted(item, key=str) if isinstance(item, set | frozenset) else list(item)


def _require_labels(placed: Sequence[tuple[str, object]]) -> None:
    first = None
    for place, label in placed:
        kind = _kind(label, place)
        first = first or kind
        if kind != first:
            raise InputError(
                f"{place}: expected one kind of class label throughout, "
                f"found the {kind} {label!r:.60} after a {first}"
            )


def _kind(label: object, place: str) -> str:
    for kind, types in _KINDS.items():
        if isinstance(label, types):
            if isinstance(label, str) and not label.strip():
                raise InputError(f"{place}: expected {_ONE_LABEL}, found {label!r}")
            return kind
    hint = ""
    if isinstance(label, list | tuple | set | frozenset | np.ndarray):
        hint = "; for several labels a text give label_separator"
    elif isinstance(label, float | np.floating) and not np.isnan(label):
        hint = "; a continuous target has no classes, and whole numbers need an integer type"
    raise InputError(f"{place}: expected {_ONE_LABEL}, found {_found(label)}{hint}")


def _found(value: object) -> str:
    return f"{type(value).__name__} {value!r:.60}"


def _as_text(label: object) -> str:
    """A label as a table spells it."""
    if isinstance(label, bool | np.bool_):
        return "true" if label else "false"
    return str(label)
