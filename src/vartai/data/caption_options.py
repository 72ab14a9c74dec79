"""How captioned pictures are read and split: the part of a configuration that concerns files."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.options import TableOptions, require_shares, two_columns


@dataclass(frozen=True, kw_only=True)
class CaptionTableOptions:
    """Reading a table of pictures and captions, one caption a row.

    Attributes:
        image: column that holds the path of the picture, seen from the folder of the table; guessed
            by name if not given. A table without header has columns 1, 2, ….
        caption: column that holds the caption; guessed by name if not given.
        format: csv, tsv, jsonl or parquet; from the file's name, else its first lines, if not
            given. In a tsv a double quote is an ordinary character.
        delimiter: what separates the fields of a csv line; guessed if not given.
        header: whether the first row of a csv or tsv names the columns; guessed if not given.
        encoding: how the bytes of text files encode text.
        max_characters: a caption, or a quoted field, longer than this is rejected.
        valid_share: of the pictures held out to choose the epoch by, if no file is given for it.
        test_share: of the pictures held out to judge by, if no file is given for it.
    """

    image: str | None = None
    caption: str | None = None
    format: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    encoding: str = "utf-8"
    max_characters: int = 10_000
    valid_share: float = 0.1
    test_share: float = 0.1

    def __post_init__(self) -> None:
        require_shares(self.valid_share, self.test_share)
        self.table()

    def table(self) -> TableOptions:
        """The same, as the reader of tables wants it; its checks hold here too."""
        return TableOptions(
            text=two_columns({"image": self.image, "caption": self.caption}, self.format),
            format=self.format,
            delimiter=self.delimiter,
            header=self.header,
            encoding=self.encoding,
            max_characters=self.max_characters,
        )
