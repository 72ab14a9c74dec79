"""One row of a table, and what every reader of a table format hands over."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vartai.data.rejects import RAW_CHARACTERS, Rejection, clip_raw

SAMPLE_ROWS = 1_000
"""How many rows are looked at to guess columns."""

SAMPLE_CHARACTERS = 4_000_000
"""A sample ends early when its texts are longer than this together."""


class Row(NamedTuple):
    """One row.

    Attributes:
        line: line on which it begins, from 1; in a Parquet file the row, from 1.
        fields: value of each column as the file holds it: always str in csv, tsv, label-first and
            lines files, where nothing is converted; any JSON value in jsonl; any Arrow value in
            parquet. A column may be absent from a jsonl row.
    """

    line: int
    fields: Mapping[str, object]


RowItems = Iterator[Row | Rejection]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """An opened table, as the reader of its format leaves it.

    Attributes:
        columns: names of the columns, in order.
        notes: every guess made, as readable sentences.
        sample: the first rows, already read.
        items: starts the one pass over all rows, the sampled ones included. Given column names,
            a reader that can leave the other columns unread does.
    """

    columns: tuple[str, ...]
    notes: list[str]
    sample: tuple[Row, ...]
    items: Callable[[tuple[str, ...] | None], RowItems]


def take_sample(items: Iterable[Row | Rejection]) -> tuple[tuple[Row, ...], RowItems]:
    """The first rows, and all items again from the first one."""
    remaining = iter(items)
    taken: list[Row | Rejection] = []
    characters = 0
    for item in itertools.islice(remaining, SAMPLE_ROWS):
        taken.append(item)
        if isinstance(item, Row):
            characters += sum(
                len(value) for value in item.fields.values() if isinstance(value, str)
            )
        if characters > SAMPLE_CHARACTERS:
            break
    rows = tuple(item for item in taken if isinstance(item, Row))
    return rows, itertools.chain(taken, remaining)


def write_raw(row: Row) -> str:
    """A row as JSON, for the rejects file; long values are cut.

    >>> write_raw(Row(1, {"text": "Labas", "label": None}))
    '{"text": "Labas", "label": null}'
    """
    fields = {
        name: value[:RAW_CHARACTERS] if isinstance(value, str) else value
        for name, value in row.fields.items()
    }
    return clip_raw(json.dumps(fields, ensure_ascii=False, default=repr))
