"""Lines of UTF-8 from a pipe or a terminal, each as soon as it is there.

`vartai.data.lines` looks at the beginning of a file before it hands out a line; whoever types, or
another program that waits for an answer, has not written that much yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from vartai.data.lines import Fault, Line
from vartai.errors import InputError
from vartai.text.decode import decode_text

_MARK = b"\xef\xbb\xbf"


def live_lines(stream: BinaryIO, *, max_bytes: int) -> Iterator[Line]:
    r"""Number and decode lines; one that cannot be used has a fault and keeps its place.

    A byte order mark before the first line is dropped.

    Args:
        stream: a buffered stream.
        max_bytes: a longer line is faulty; it is read over, in constant memory.

    Example:
        >>> import io
        >>> [line.text for line in live_lines(io.BytesIO(b"a\r\n\nb"), max_bytes=9)]
        ['a', '', 'b']
    """
    number = 0
    while raw := stream.readline(max_bytes + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(_MARK)
        size = len(raw)
        while not raw.endswith(b"\n") and size > max_bytes:
            rest = stream.readline(max_bytes + 1)
            size += len(rest)
            if not rest or rest.endswith(b"\n"):
                size -= rest.endswith(b"\n")
                break
        yield _line(number, raw, size - raw.endswith(b"\n"), max_bytes)


def _line(number: int, raw: bytes, size: int, max_bytes: int) -> Line:
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    end = raw[len(body) :].decode("ascii")
    if size > max_bytes:
        fault = Fault("line too long", f"expected at most {max_bytes:,} bytes, found {size:,}")
        return Line(number, body[:max_bytes].decode(errors="backslashreplace"), end, fault)
    try:
        return Line(number, decode_text(body), end, None)
    except InputError as error:
        fault = Fault("undecodable byte", f"byte {error.byte} of the line: {error.problem}")
        return Line(number, body.decode(errors="backslashreplace"), end, fault)
