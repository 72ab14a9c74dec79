"""Files without fields as tables: one text a line, with or without its label in front."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from vartai.data.lines import Line, reject_line
from vartai.data.records import BLANK
from vartai.data.rows import Contents, Row, RowItems, take_sample

_LABEL_FIRST = re.compile(r"(\S*)\s*(.*)", re.DOTALL)


def open_plain(lines: Iterator[Line], *, file: str, label_first: bool) -> Contents:
    """Open a file in which each line is a text, or a label, blanks and a text."""
    columns = ("label", "text") if label_first else ("text",)
    sample, items = take_sample(_rows(lines, file=file, label_first=label_first))
    return Contents(columns=columns, notes=[], sample=sample, items=lambda _: items)


def is_label_first(lines: Sequence[Line]) -> bool:
    """Whether lines begin with one of a few words that come again and again.

    A text of prose does not: a hundred of its lines begin with more than twenty different words.
    """
    parts = [line.text.split(None, 1) for line in lines if line.text]
    if len(parts) < 4 or any(len(part) < 2 for part in parts):
        return False
    labels = Counter(part[0] for part in parts)
    return 2 <= len(labels) <= len(parts) / 4


def _rows(lines: Iterable[Line], *, file: str, label_first: bool) -> RowItems:
    for line in lines:
        if line.fault or not line.text:
            yield reject_line(line, line.fault or BLANK, file=file)
        elif label_first:
            match = _LABEL_FIRST.fullmatch(line.text)
            label, text = match.groups() if match else ("", line.text)
            yield Row(line.number, {"label": label, "text": text})
        else:
            yield Row(line.number, {"text": line.text})
