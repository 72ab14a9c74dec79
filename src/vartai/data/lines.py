"""Physical lines of a text file: numbered, strictly decoded, none longer than fits in memory.

Each line is decoded alone, so one bad byte costs one line and can be named by line and offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vartai.data.encodings import HEAD_BYTES, LineEncoding, recognise_encoding
from vartai.data.rejects import Reason, Rejection, clip_raw
from vartai.data.sources import ByteStream
from vartai.errors import InputError
from vartai.text.decode import decode_text

_BLOCK_BYTES = 1 << 20


class Fault(NamedTuple):
    """What is wrong with a line or row, before it is known where it stands."""

    reason: Reason
    detail: str


class Line(NamedTuple):
    r"""One physical line.

    Attributes:
        number: from 1.
        text: without the line end; where `fault` is set, undecodable bytes are spelled
            ``\xNN`` (or kept, see `open_lines`) and what is too long is cut.
        end: the line end as it stood: ``"\n"``, ``"\r\n"``, ``"\r"``; empty on the last line
            of a file that does not end with one.
        fault: why the line cannot be used, or None.
    """

    number: int
    text: str
    end: str
    fault: Fault | None


class _Piece(NamedTuple):
    """One line as bytes; of an overlong one, the beginning."""

    raw: bytes
    size: int
    ended: bool


def open_lines(
    source: ByteStream,
    encoding: str,
    *,
    max_characters: int,
    keep_blanks: bool = False,
    faithful: bool = False,
) -> tuple[Iterator[Line], list[str]]:
    """The lines of a file, and notes about how they were found.

    Args:
        source: the file; read as the lines are taken.
        encoding: how its bytes encode text.
        max_characters: longest text that is wanted. A line may hold several fields, and is
            faulty beyond eight times this many bytes and 64 KiB.
        keep_blanks: blank lines at the end of the file are lines too; else they are left out.
        faithful: every line can be written back byte for byte with the error handler
            ``surrogateescape``: undecodable bytes are lone surrogates, as that handler makes them,
            and blank lines are kept.

    Raises:
        OptionError: unknown encoding.
        InputError: the file is not text in this encoding.
    """
    form = recognise_encoding(source.peek(HEAD_BYTES), encoding, file=source.file)
    source.read(form.mark)
    limit = 8 * max_characters + HEAD_BYTES
    undecodable = "surrogateescape" if faithful else "backslashreplace"
    lines = _decoded(source, form, limit, undecodable)
    whole = keep_blanks or faithful
    return lines if whole else _without_trailing_blanks(lines), list(form.notes)


def reject_line(line: Line, fault: Fault, *, file: str) -> Rejection:
    """A rejection of a whole line."""
    return Rejection(
        file=file,
        line=line.number,
        column=None,
        reason=fault.reason,
        detail=fault.detail,
        raw=clip_raw(line.text),
    )


def _decoded(
    source: ByteStream, form: LineEncoding, limit: int, undecodable: str
) -> Iterator[Line]:
    offset = form.mark
    newline = form.newline.decode(form.encoding)
    for number, (raw, size, ended) in enumerate(_pieces(source, form, limit), start=1):
        fault = None
        try:
            if size > limit:
                fault = Fault("line too long", f"expected at most {limit:,} bytes, found {size:,}")
                text = raw.decode(form.encoding, undecodable)
            else:
                text = decode_text(raw, encoding=form.encoding)
        except InputError as error:
            at = error.byte or 0
            place = f"byte {at} of the line, {offset + at} of the file"
            fault = Fault("undecodable byte", f"{place}: {error.problem}")
            text = raw.decode(form.encoding, undecodable)
        end = newline if ended else ""
        if newline == "\n" and text.endswith("\r"):
            text, end = text[:-1], "\r" + end
        yield Line(number, text, end, fault)
        offset += size + len(form.newline)


def _pieces(source: ByteStream, form: LineEncoding, limit: int) -> Iterator[_Piece]:
    pending, dropped = b"", 0
    while block := source.read(_BLOCK_BYTES):
        *done, pending = _split(pending + block, form)
        for raw in done:
            yield _Piece(raw[:limit] if dropped else raw, len(raw) + dropped, ended=True)
            dropped = 0
        if len(pending) > limit:
            excess = (len(pending) - limit) // form.width * form.width  # keeps characters whole
            pending = pending[:limit] + pending[limit + excess :]
            dropped += excess
    if pending or dropped:
        yield _Piece(pending, len(pending) + dropped, ended=False)


def _split(data: bytes, form: LineEncoding) -> list[bytes]:
    """Cut at line ends that start at a multiple of the character width."""
    if form.width == 1:
        return data.split(form.newline)
    pieces, start = [], 0
    at = data.find(form.newline)
    while at >= 0:
        if (at - start) % form.width:
            at = data.find(form.newline, at + 1)
            continue
        pieces.append(data[start:at])
        start = at + form.width
        at = data.find(form.newline, start)
    return [*pieces, data[start:]]


def _without_trailing_blanks(lines: Iterable[Line]) -> Iterator[Line]:
    blanks: list[Line] = []
    for line in lines:
        if line.text or line.fault:
            yield from blanks
            blanks.clear()
            yield line
        else:
            blanks.append(line)
