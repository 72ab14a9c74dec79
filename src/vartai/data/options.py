"""How a table is read and split: the part of a task's configuration that concerns files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vartai.errors import OptionError, require_range, unknown_name

FORMATS = ("csv", "tsv", "jsonl", "parquet", "label-first", "lines")


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """Reading a table of texts.

    Attributes:
        text: columns that hold the text, joined by a blank line where there are several; guessed,
            and the guess printed, if not given. A table without header has columns 1, 2, ….
        label: column that holds the label; guessed, and the guess printed, if not given.
        label_separator: a label field holds several labels, separated by this.
        format: csv, tsv, jsonl, parquet, label-first (each line is a label, a blank and the text)
            or lines (each line is a text); from the file's name, else its first lines, if not
            given. In a tsv a double quote is an ordinary character; a tab-separated file that
            quotes its fields is a csv with a tab as delimiter.
        delimiter: what separates the fields of a csv line; guessed if not given.
        header: whether the first row of a csv or tsv names the columns; guessed if not given.
        encoding: how the bytes of a csv, tsv, jsonl, label-first or lines file encode text.
        max_characters: a text, or a quoted field, longer than this is rejected.
    """

    text: tuple[str, ...] = ()
    label: str | None = None
    label_separator: str | None = None
    format: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    encoding: str = "utf-8"
    max_characters: int = 1_000_000

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise unknown_name("format", self.format, FORMATS)
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise OptionError(
                "delimiter must be one character, and neither a double quote nor a line end, "
                f"was {self.delimiter!r}"
            )
        if self.label_separator == "":
            raise OptionError("label_separator must not be empty")
        if self.max_characters < 1:
            raise OptionError(f"max_characters must be at least 1, was {self.max_characters}")
        if len(set(self.text)) < len(self.text):
            raise OptionError(f"a text column is given twice: {', '.join(self.text)}")
        if self.label is not None and self.label in self.text:
            raise OptionError(f"column {self.label!r} cannot be both text and label")


@dataclass(frozen=True, kw_only=True)
class SplitOptions:
    """Which texts are held out of training, where no file of their own is given.

    Attributes:
        valid_share: of the texts, to choose the epoch by.
        test_share: of the texts, to judge by; never seen in training.
    """

    valid_share: float = 0.1
    test_share: float = 0.1

    def __post_init__(self) -> None:
        require_shares(self.valid_share, self.test_share)


def require_shares(valid_share: float, test_share: float) -> None:
    """Refuse to hold out nothing, or half of all there is.

    Raises:
        OptionError: names the option, its bounds and what came.
    """
    for name, share in (("valid_share", valid_share), ("test_share", test_share)):
        require_range(name, share, above=0, below=0.5)


def two_columns(asked: Mapping[str, str | None], table_format: str | None) -> tuple[str, ...]:
    """Columns of a table of which two are read: those of them that were asked for.

    Args:
        asked: what each column holds → its name, or None.
        table_format: of the table, or None.

    Raises:
        OptionError: both are the same, or the format has no two columns.
    """
    named = tuple(name for name in asked.values() if name is not None)
    if len(named) > len(set(named)):
        raise OptionError(f"column {named[0]!r} cannot be both {' and '.join(asked)}")
    if table_format in ("label-first", "lines"):
        raise OptionError(
            f"format {table_format} has no two columns; known: csv, tsv, jsonl, parquet"
        )
    return named
