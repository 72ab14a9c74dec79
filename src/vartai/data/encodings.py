"""How the bytes of a text file are cut into lines, and the files that are not what they claim.

Most encodings end a line with the byte 0A. UTF-16 and UTF-32 do not: there a line end is two or
four bytes and may only start at every second or fourth. A file in UTF-16 that is read as UTF-8
would give one rejection a line; its first bytes tell, so it is refused at once.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from vartai.errors import InputError, OptionError

HEAD_BYTES = 1 << 16
"""How much of a file is looked at before it is read."""

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_KINDS = (
    (b"PAR1", "a Parquet file; give format parquet"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook; save the table as CSV"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database; export the table as CSV"),
)


@dataclass(frozen=True, kw_only=True)
class LineEncoding:
    """What a line reader needs to know.

    Attributes:
        encoding: name of the encoding, byte order included.
        newline: bytes that end a line.
        width: bytes of the narrowest character; lines start at multiples of it.
        mark: length in bytes of the byte-order mark at the start of the file.
        notes: what was found and not asked for.
    """

    encoding: str
    newline: bytes
    width: int
    mark: int
    notes: tuple[str, ...]


def recognise_encoding(head: bytes, encoding: str, *, file: str) -> LineEncoding:
    """Hold the encoding that was asked for against the first bytes of the file.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of it.
        encoding: name of the encoding, as Python knows it.
        file: name of the file, for messages.

    Raises:
        OptionError: no such text encoding.
        InputError: the file is no text, or is in UTF-16 or UTF-32 and that was not asked for.
    """
    name = _known_name(encoding)
    for magic, kind in _OTHER_KINDS:
        if head.startswith(magic):
            raise InputError(f"expected lines of text, found {kind}", file=file)
    notes: list[str] = []
    mark = 0
    if name.startswith(("utf-16", "utf-32")):
        name, mark = _byte_order(head, name, notes)
    elif name in ("utf-8", "utf-8-sig"):
        name = "utf-8"
        if head.startswith(codecs.BOM_UTF8):
            mark = len(codecs.BOM_UTF8)
            notes.append("The file starts with a UTF-8 byte-order mark, which is left out.")
    if not name.startswith(("utf-16", "utf-32")):
        _refuse_wide(head, name, file)
    line_feed, carriage_return = "\n".encode(name), "\r".encode(name)
    width = len(line_feed)
    if _has(head, carriage_return, width) and not _has(head, line_feed, width):
        notes.append("Lines end with a carriage return (old Macintosh).")
        line_feed = carriage_return
    return LineEncoding(
        encoding=name, newline=line_feed, width=width, mark=mark, notes=tuple(notes)
    )


def _known_name(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses codecs that are no text encodings, such as hex
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise OptionError(
            f"unknown encoding {encoding!r}; examples: utf-8, utf-16, latin-1, cp1252, cp1257"
        ) from error


def _byte_order(head: bytes, name: str, notes: list[str]) -> tuple[str, int]:
    """The encoding with its byte order, and the length of the mark that tells it."""
    for mark, marked in _WIDE_MARKS:
        if head.startswith(mark) and marked.startswith(name):
            return marked, len(mark)
    if name in ("utf-16", "utf-32"):
        name += "-le"
        notes.append(f"There is no byte-order mark; read as {name}.")
    return name, 0


def _refuse_wide(head: bytes, name: str, file: str) -> None:
    for mark, marked in _WIDE_MARKS:
        if head.startswith(mark):
            asked = marked[:6]
            raise InputError(
                f"expected {name}, found the byte-order mark of {asked.upper()}; "
                f"give encoding {asked}",
                file=file,
            )
    for start, guess in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = head[start::2], head[1 - start :: 2]
        # Text of the Latin script in UTF-16: nearly every high byte is zero, and no low one is.
        if len(high) > 3 and high.count(0) > 0.7 * len(high) and low.count(0) < 0.1 * len(low):
            raise InputError(
                f"expected {name}, found a zero in every other byte, as in UTF-16 without "
                f"byte-order mark; give encoding {guess}",
                file=file,
            )


def _has(head: bytes, character: bytes, width: int) -> bool:
    return character in head and any(
        head.startswith(character, at) for at in range(head.find(character), len(head), width)
    )
