"""How pairs of sentences are read and split: the part of a configuration that concerns files."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.options import TableOptions, require_shares, two_columns


@dataclass(frozen=True, kw_only=True)
class PairOptions:
    """Reading a table of pairs, or two files whose lines belong together.

    Attributes:
        source: column of a table that holds the text to translate; the first of two columns if not
            given. A table without header has columns 1, 2, ….
        target: column that holds its translation; the second of two if not given.
        format: csv, tsv, jsonl or parquet; from the file's name, else its first lines, if not
            given. In a tsv a double quote is an ordinary character.
        delimiter: what separates the fields of a csv line; guessed if not given.
        header: whether the first row of a csv or tsv names the columns; guessed if not given.
        encoding: how the bytes of text files encode text.
        max_characters: a text, or a quoted field, longer than this is rejected.
        valid_share: of the pairs held out to choose the epoch by, if no file is given for it.
        test_share: of the pairs held out to judge by, if no file is given for it.
    """

    source: str | None = None
    target: str | None = None
    format: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    encoding: str = "utf-8"
    max_characters: int = 100_000
    valid_share: float = 0.05
    test_share: float = 0.05

    def __post_init__(self) -> None:
        require_shares(self.valid_share, self.test_share)
        self.table()

    def table(self) -> TableOptions:
        """The same, as the reader of tables wants it; its checks hold here too."""
        return TableOptions(
            text=two_columns({"source": self.source, "target": self.target}, self.format),
            format=self.format,
            delimiter=self.delimiter,
            header=self.header,
            encoding=self.encoding,
            max_characters=self.max_characters,
        )
