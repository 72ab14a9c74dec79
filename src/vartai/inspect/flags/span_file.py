"""Values from a file of stretches: a JSON object a line that says where and what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from vartai.data.jsonl import LineError, read_object
from vartai.data.lines import open_lines
from vartai.data.sources import ByteSource
from vartai.errors import InputError
from vartai.inspect.flags.spans import LabelledText, Span, Trouble

_KEYS = ("line", "start", "end", "value")
_MAX_CHARACTERS = 10_000


def label_from_file(
    texts: Sequence[tuple[int, str]], path: str
) -> tuple[list[LabelledText], Trouble]:
    """Texts with the stretches of a file.

    Args:
        texts: line and text.
        path: JSON lines ``{"line": 3, "start": 0, "end": 5, "value": "Fem"}``: line of the text,
            from 1; characters, ``[start, end)``.

    Raises:
        InputError: a line that is no such object; names file and line.
    """
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    trouble = Trouble()
    known = dict(texts)
    with ByteSource(path) as source:
        lines, _ = open_lines(source, "utf-8", max_characters=_MAX_CHARACTERS)
        for line in lines:
            if line.fault is not None:
                raise InputError(line.fault.detail, file=path, line=line.number)
            place, span = _read(line.text, path, line.number)
            if place not in known or span.end > len(known[place]):
                trouble.add("outside of the texts", line=line.number, text=line.text)
            else:
                spans[place].append(span)
    return [LabelledText(text, tuple(spans[line]), line) for line, text in texts], trouble


def _read(text: str, path: str, number: int) -> tuple[int, Span]:
    try:
        record = read_object(text)
    except LineError as error:
        raise InputError(error.fault.detail, file=path, line=number) from None
    if set(record) != set(_KEYS):
        found = ", ".join(map(repr, record)) or "none"
        raise InputError(
            f"expected the keys {', '.join(_KEYS)}, found {found}", file=path, line=number
        )
    line, start, end, value = (record[key] for key in _KEYS)
    for key, count in (("line", line), ("start", start), ("end", end)):
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise InputError(
                f"expected a whole number from 0, found {count!r:.40}",
                file=path,
                line=number,
                column=key,
            )
    if not isinstance(value, str) or not value:
        raise InputError(
            f"expected a value, found {value!r:.40}", file=path, line=number, column="value"
        )
    if not isinstance(line, int) or not isinstance(start, int) or not isinstance(end, int):
        raise TypeError("checked before")
    if end <= start:
        raise InputError(
            f"expected an end after {start}, found {end}", file=path, line=number, column="end"
        )
    return line, Span(start, end, value)
