"""A sheet of minimal pairs: rows of two texts that differ in one thing, with labels if known.

Columns ``text_a`` and ``text_b``; both or neither of ``label_a`` and ``label_b``; and ``kind``,
what the two differ in. A sheet with the columns of `vartai.data.pairs` (``text``, ``label``,
``other_text``, ``other_label``) is read likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from vartai.data.checks import FieldError, read_field, read_labels
from vartai.data.examples import MINIMUM_SHARE
from vartai.data.lines import Fault
from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection, Rejects
from vartai.data.rows import Row
from vartai.data.tables import Table, open_table
from vartai.errors import InputError

KIND = "kind"
NO_KIND = "all"
"""What the kind of every pair is called where a sheet does not say."""

_TEXTS = (("text_a", "text_b"), ("text", "other_text"))
_LABELS = (("label_a", "label_b"), ("label", "other_label"))


class TextPair(NamedTuple):
    """One usable row.

    Attributes:
        line: on which it begins, from 1.
        kind: what the two texts differ in.
        text_a: one text.
        text_b: the other.
        label_a: the label that text_a should get; None where the sheet has no labels.
        label_b: the label that text_b should get.
    """

    line: int
    kind: str
    text_a: str
    text_b: str
    label_a: str | None
    label_b: str | None

    @property
    def should_flip(self) -> bool | None:
        """Whether the two labels differ; None where they are not known."""
        return None if self.label_a is None else self.label_a != self.label_b


@dataclass
class PairSheet:
    """The usable rows of a sheet, in its order.

    Attributes:
        file: its name, or what it was generated as.
        pairs: the rows.
        labelled: whether the labels are known.
    """

    file: str
    pairs: list[TextPair] = field(default_factory=list)
    labelled: bool = False


@dataclass(frozen=True)
class _Columns:
    texts: tuple[str, str]
    labels: tuple[str, str] | None
    kind: str | None


def read_pair_sheet(
    path: str, options: TableOptions, *, labels: tuple[str, ...] = ()
) -> tuple[PairSheet, Rejects, list[str]]:
    """Read all pairs.

    Args:
        path: csv, tsv, jsonl or parquet, also as .gz or .zst; ``-`` is standard input.
        options: how it is read; its columns are fixed.
        labels: that there are; a row with another one is rejected. Any, if none are given.

    Returns:
        The usable pairs, the rejected rows, and every guess as readable sentences.

    Raises:
        InputError: the sheet cannot be read, or lacks a column; lists those there are.
    """
    # Columns are known by name, so there is no sheet without names.
    with open_table(path, replace(options, header=True)) as table:
        columns = _choose(table)
        sheet, rejects = PairSheet(path, labelled=columns.labels is not None), Rejects()
        for item in _items(table, columns, options, labels):
            if isinstance(item, Rejection):
                rejects.add(item)
            else:
                sheet.pairs.append(item)
        return sheet, rejects, list(table.notes)


def require_enough_of_sheet(sheet: PairSheet, rejects: Rejects) -> None:
    """Stop where so many rows were rejected that the sheet must have been read in the wrong way.

    Raises:
        InputError: no pair is left, or less than half of them; quotes the first rejection.
    """
    rows = len(sheet.pairs) + len(rejects)
    if sheet.pairs and len(sheet.pairs) >= MINIMUM_SHARE * rows:
        return
    counts = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
    first = f" ({counts}); the first: {rejects.first[0]}" if rejects.first else ""
    raise InputError(
        f"expected usable pairs, found {len(sheet.pairs):,} of {rows:,}{first}", file=sheet.file
    )


def _choose(table: Table) -> _Columns:
    there = set(table.columns)
    texts = next((names for names in _TEXTS if there.issuperset(names)), None)
    if texts is None:
        found = ", ".join(map(repr, table.columns))
        raise InputError(f"expected columns 'text_a' and 'text_b', found {found}", file=table.file)
    names = _LABELS[_TEXTS.index(texts)]
    having = there.intersection(names)
    if len(having) == 1:
        [lone] = having
        raise InputError(
            f"expected both columns {names[0]!r} and {names[1]!r} or neither, found {lone!r} alone",
            file=table.file,
        )
    return _Columns(texts, names if having else None, KIND if KIND in there else None)


def _items(
    table: Table, columns: _Columns, options: TableOptions, labels: tuple[str, ...]
) -> Iterator[TextPair | Rejection]:
    for item in table.rows():
        if not isinstance(item, Row):
            yield item
            continue
        try:
            yield _read_pair(item, columns, options, labels)
        except FieldError as error:
            yield error.rejection(item, table.file)


def _read_pair(
    row: Row, columns: _Columns, options: TableOptions, known: tuple[str, ...]
) -> TextPair:
    text_a, text_b = (
        read_field(row.fields.get(name), name, max_characters=options.max_characters)
        for name in columns.texts
    )
    kind = NO_KIND
    if columns.kind is not None:
        kind = read_field(row.fields.get(columns.kind), columns.kind, max_characters=200)
    if columns.labels is None:
        return TextPair(row.line, kind, text_a, text_b, None, None)
    label_a, label_b = (_read_label(row, name, options, known) for name in columns.labels)
    return TextPair(row.line, kind, text_a, text_b, label_a, label_b)


def _read_label(row: Row, column: str, options: TableOptions, known: tuple[str, ...]) -> str:
    [label] = read_labels(row, column, options)
    if known and label not in known:
        detail = f"expected one of {', '.join(known)}; found {label!r:.80}"
        raise FieldError(Fault("unknown label", detail), column)
    return label
