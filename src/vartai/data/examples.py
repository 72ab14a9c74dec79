"""From a table to examples: texts with their labels, checked, and the rows that were refused.

`read_examples` reads a whole file, for training and scoring. `iter_examples` goes through a file
of any size in constant memory and in order, for prediction.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vartai.data.checks import FieldError, read_labels, read_text
from vartai.data.columns import Columns, choose_columns
from vartai.data.mending import Mender
from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection, Rejects
from vartai.data.rows import Row
from vartai.data.tables import Table, open_table
from vartai.errors import InputError

MINIMUM_SHARE = 0.5
"""A file of which less than this share of rows can be used is read in the wrong way."""


class Example(NamedTuple):
    """One usable row: its line, from 1, its text, and its labels, none if there is no column."""

    line: int
    text: str
    labels: tuple[str, ...]


@dataclass
class Examples:
    """The usable rows of one file, column by column, in the order of the file.

    Attributes:
        file: name of the file.
        texts: one text a row.
        labels: the labels of each row, one unless a separator was given; empty if the table has
            no label column.
        lines: line on which each row begins, from 1.
    """

    file: str
    texts: list[str] = field(default_factory=list)
    labels: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, places: Sequence[int]) -> Examples:
        """The examples at some places, counted from 0, in the order given."""
        return Examples(
            file=self.file,
            texts=[self.texts[place] for place in places],
            labels=[self.labels[place] for place in places] if self.labels else [],
            lines=[self.lines[place] for place in places],
        )


class ExampleStream:
    """Iterates over the rows of a table: an `Example`, or the `Rejection` that stands in its place.

    There is one pass, in order and in constant memory.

    Attributes:
        table: the table.
        columns: the columns that are read.
    """

    def __init__(
        self, table: Table, columns: Columns, options: TableOptions, *, fix_text: bool
    ) -> None:
        self.table = table
        self.columns = columns
        self._options = options
        self._mender = Mender(fix_text=fix_text)

    def __iter__(self) -> Iterator[Example | Rejection]:
        label = self.columns.label
        only = self.columns.text if label is None else (*self.columns.text, label)
        for item in self.table.rows(only):
            yield self._example(item) if isinstance(item, Row) else item

    def chunks(self, rows: int) -> Iterator[list[Example | Rejection]]:
        """The same in lists of at most `rows` items."""
        items = iter(self)
        while chunk := list(itertools.islice(items, rows)):
            yield chunk

    def notes(self) -> list[str]:
        """Every guess made, and at the end of the pass what was seen of mis-decoded texts."""
        return [*self.table.notes, *self.columns.notes, *self._mender.notes()]

    def _example(self, row: Row) -> Example | Rejection:
        try:
            text = read_text(row, self.columns, self._options)
            label = self.columns.label
            labels = () if label is None else read_labels(row, label, self._options)
        except FieldError as error:
            return error.rejection(row, self.table.file)
        return Example(row.line, self._mender.apply(text, row.line), labels)


def iter_examples(
    path: str, table_options: TableOptions, *, fix_text: bool, need_label: bool
) -> ExampleStream:
    """Open a table for one pass over its examples.

    Args:
        path: a file, or ``-`` for standard input.
        table_options: how to read it.
        fix_text: mend mis-decoded texts that can be mended whole.
        need_label: guess the label column if none is given.

    Raises:
        InputError: the file cannot be read as a table, or its columns are not clear.
        OptionError: unknown encoding.
    """
    table = open_table(path, table_options)
    try:
        columns = choose_columns(table, table_options, need_label=need_label)
    except InputError:
        table.close()
        raise
    return ExampleStream(table, columns, table_options, fix_text=fix_text)


def read_examples(
    path: str, table_options: TableOptions, *, fix_text: bool, need_label: bool
) -> tuple[Examples, Rejects, list[str]]:
    """Read a whole table. The arguments are those of `iter_examples`.

    Returns:
        The usable rows, the rejected ones, and every guess and finding as readable sentences. There
        may be no usable row: write the rejects out, then call `require_enough`.

    Raises:
        InputError: the file cannot be read as a table, or its columns are not clear.
        OptionError: unknown encoding.
    """
    stream = iter_examples(path, table_options, fix_text=fix_text, need_label=need_label)
    examples, rejects = collect_examples(stream)
    return examples, rejects, stream.notes()


def collect_examples(stream: ExampleStream) -> tuple[Examples, Rejects]:
    """Take everything from a stream."""
    examples = Examples(stream.table.file)
    rejects = Rejects()
    for item in stream:
        if isinstance(item, Rejection):
            rejects.add(item)
            continue
        examples.texts.append(item.text)
        examples.lines.append(item.line)
        if stream.columns.label is not None:
            examples.labels.append(item.labels)
    return examples, rejects


def require_enough(examples: Examples, rejects: Rejects) -> None:
    """Stop where so many rows were rejected that the file must have been read in the wrong way.

    Raises:
        InputError: no row is left, or less than `MINIMUM_SHARE` of them; the message counts the
            rejections by reason and quotes the first.
    """
    rows = len(examples) + len(rejects)
    if len(examples) > 0 and len(examples) >= MINIMUM_SHARE * rows:
        return
    counts = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
    first = f" ({counts}); the first: {rejects.first[0]}" if rejects.first else ""
    raise InputError(
        f"expected usable rows, found {len(examples):,} of {rows:,}{first}", file=examples.file
    )
