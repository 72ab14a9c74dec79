"""Tables of any format behind one face: columns, notes about what was guessed, rows in order.

with open_table("reviews.csv.gz", TableOptions()) as table:
    for item in table.rows():
        ...  # a Row, or the Rejection that stands in its place
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from vartai.data.delimited import open_delimited
from vartai.data.jsonl import open_jsonl
from vartai.data.layout import guess_delimiter
from vartai.data.lines import Line, open_lines
from vartai.data.options import TableOptions
from vartai.data.parquet import open_parquet
from vartai.data.plain import is_label_first, open_plain
from vartai.data.rows import Contents, Row, RowItems
from vartai.data.sources import ByteSource

__all__ = ["Row", "Table", "open_table"]

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_GUESS_LINES = 100
_CLEAR_SHARE = 0.9
"""Share of the first lines that must have the same number of fields for a csv to be guessed."""


class Table:
    """An opened table. Use as a context manager, read to the end, or call `close`.

    Attributes:
        file: name of the file; ``-`` is standard input.
        format: one of `vartai.data.options.FORMATS`.
        columns: names of the columns, in order; ``"1"``, ``"2"``, … without a header.
        notes: every guess made while opening it, as readable sentences.
        sample: the first rows, for guesses about columns; `rows` yields them too.
    """

    def __init__(self, source: ByteSource, contents: Contents, *, format: str) -> None:  # noqa: A002
        self.file = source.file
        self.format = format
        self.columns = contents.columns
        self.notes = contents.notes
        self.sample = contents.sample
        self._source = source
        self._contents = contents
        self._is_read = False

    def rows(self, only: tuple[str, ...] | None = None) -> RowItems:
        """The rows in order, in constant memory, with a rejection in the place of each bad one.

        There is one pass; open the table again for another. The file is closed at the end of it.

        Args:
            only: the columns that will be looked at; a Parquet file leaves the others unread.

        Raises:
            ValueError: a second pass.
            InputError: while iterating: the file turns out to be damaged or cut short.
        """
        if self._is_read:
            raise ValueError(f"the rows of {self.file} were read already; open the table again")
        self._is_read = True
        return self._read(only)

    def _read(self, only: tuple[str, ...] | None) -> RowItems:
        with self._source:
            yield from self._contents.items(only)

    def close(self) -> None:
        """Close the file. Standard input is left open."""
        self._source.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_table(path: str, options: TableOptions) -> Table:
    """Open a table: find out its compression, format, delimiter and header.

    Args:
        path: a file, or ``-`` for standard input.
        options: what is known about it; what is None is guessed, and each guess is a note.

    Raises:
        InputError: the file cannot be opened, is empty, cut short, or not in the format claimed.
        OptionError: unknown encoding.
    """
    source = ByteSource(path)
    try:
        return table_of_source(source, options)
    except BaseException:
        source.close()
        raise


def table_of_source(source: ByteSource, options: TableOptions) -> Table:
    """As `open_table`, of a file that is open already, of which nothing was taken."""
    named = options.format or _format_of_name(source.file)
    if named is None and source.peek(4) == b"PAR1":
        named = "parquet"
    if named is None and options.delimiter is not None:
        named = "csv"
    if named == "parquet":
        return Table(source, open_parquet(source), format=named)
    lines, notes = open_lines(source, options.encoding, max_characters=options.max_characters)
    if named is None:
        head = list(itertools.islice(lines, _GUESS_LINES))
        lines = itertools.chain(head, lines)
        named = _guess_format(head)
        notes.append(f"The format is {named} (guessed from the first lines).")
    contents = _open_text(lines, named, options, file=source.file)
    contents.notes[:0] = notes
    return Table(source, contents, format=named)


def _open_text(lines: Iterator[Line], named: str, options: TableOptions, *, file: str) -> Contents:
    if named == "jsonl":
        return open_jsonl(lines, file=file)
    if named in ("csv", "tsv"):
        return open_delimited(lines, options, file=file, quoted=named == "csv")
    return open_plain(lines, file=file, label_first=named == "label-first")


def _format_of_name(name: str) -> str | None:
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _guess_format(head: Sequence[Line]) -> str:
    if head and head[0].text.startswith("{"):
        return "jsonl"
    delimiter, share = guess_delimiter(head)
    if delimiter is not None and share >= _CLEAR_SHARE:
        return "tsv" if delimiter == "\t" else "csv"
    return "label-first" if is_label_first(head) else "lines"
