"""Which texts a model of each task reads: the fields of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vartai.errors import InputError, OptionError, unknown_name


@dataclass(frozen=True)
class Field:
    """A text that a model reads.

    Attributes:
        name: of the text.
        required: whether there is nothing to read without it.
        rows: lines of the field on the page.
    """

    name: str
    required: bool = True
    rows: int = 2


_TEXT = (Field("text"),)
_FIELDS = {
    "classify": _TEXT,
    "tag": _TEXT,
    "generate": _TEXT,
    "translate": (Field("source"), Field("target", required=False)),
    "caption": (),  # it reads pictures, which have a place of their own on the page
    "answer": (Field("context", rows=4), Field("question", rows=1)),
}


def fields_of(task: str) -> tuple[Field, ...]:
    """The fields of a task by its name.

    Raises:
        OptionError: nothing of such a model can be looked at; lists the tasks that can.
    """
    if task not in _FIELDS:
        raise unknown_name("task to inspect", task, _FIELDS)
    return _FIELDS[task]


def describe_fields(task: str) -> list[dict[str, Any]]:
    """The fields as JSON."""
    return [asdict(field) for field in fields_of(task)]


def require_fields(task: str, given: Mapping[str, str]) -> None:
    """Refuse texts that a task does not have, and a missing or blank one that it needs.

    Raises:
        OptionError: a field that the task does not have.
        InputError: a text that is missing or blank.
    """
    fields = {field.name: field for field in fields_of(task)}
    for name in given:
        if name not in fields:
            raise OptionError(f"unknown text {name!r}; this model reads: {', '.join(fields)}")
    for field in fields.values():
        if field.required and not (field.name in given and given[field.name].strip()):
            raise InputError(f"{field.name}: expected text, found none")
