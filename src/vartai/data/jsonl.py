"""JSONL files as tables: one JSON object a line, its keys the columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from vartai.data.lines import Fault, Line, reject_line
from vartai.data.records import BLANK
from vartai.data.rows import Contents, Row, RowItems, take_sample
from vartai.errors import InputError


class LineError(ValueError):
    """What is wrong with one line, as a `Fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def open_jsonl(lines: Iterator[Line], *, file: str) -> Contents:
    """Open a JSONL file. Its columns are the keys of its first rows, in order of appearance.

    Raises:
        InputError: no line among the first holds an object; one JSON array is told apart.
    """
    first = next(lines, None)
    if first is not None and first.text.lstrip().startswith("["):
        raise InputError(
            "expected one JSON object a line, found the beginning of an array; "
            "write each of its objects on a line of its own",
            file=file,
            line=1,
        )
    items = _rows(lines if first is None else _chain(first, lines), file=file)
    sample, items = take_sample(items)
    if not sample:
        problem = "expected rows, found none"
        trouble = next(items, None)
        raise InputError(
            problem if trouble is None else f"{problem} that can be read; first trouble: {trouble}",
            file=file,
        )
    columns = tuple(dict.fromkeys(name for row in sample for name in row.fields))
    return Contents(columns=columns, notes=[], sample=sample, items=lambda _: items)


def _chain(first: Line, lines: Iterable[Line]) -> Iterator[Line]:
    yield first
    yield from lines


def _rows(lines: Iterable[Line], *, file: str) -> RowItems:
    for line in lines:
        if line.fault or not line.text:
            yield reject_line(line, line.fault or BLANK, file=file)
            continue
        try:
            yield Row(line.number, read_object(line.text))
        except LineError as error:
            yield reject_line(line, error.fault, file=file)


def read_object(text: str) -> dict[str, object]:
    """The JSON object that a line holds.

    Raises:
        LineError: it holds none, or one with a key twice.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except LineError:
        raise
    except (ValueError, RecursionError) as error:  # not JSON; a number or a nesting too long
        raise LineError(Fault("not a JSON object", f"expected a JSON object: {error}")) from error
    if not isinstance(value, dict):
        kind = "an array" if isinstance(value, list) else f"{value!r:.40}"
        raise LineError(Fault("not a JSON object", f"expected a JSON object, found {kind}"))
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise LineError(Fault("duplicate key", f"expected each key once, found {twice!r} again"))
    return record


def _refuse_constant(name: str) -> object:
    raise LineError(Fault("not a JSON object", f"expected JSON, which has no {name}"))
