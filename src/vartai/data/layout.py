"""Guesses about a delimited file: what separates its fields, and whether it has a header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vartai.data.lines import Line
from vartai.data.names import LABEL_NAMES, TEXT_NAMES
from vartai.data.records import Record, RecordReader

DELIMITERS = (",", ";", "\t", "|")
"""What may separate fields, in the order in which a draw is decided."""

DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "blank"}

_LONGEST_NAME = 60
_EXAMPLE_CHARACTERS = 1_000_000


def measure_delimiter(lines: Sequence[Line], delimiter: str) -> tuple[float, int]:
    """How well a delimiter cuts the first lines of a file into equal numbers of fields.

    Returns:
        The share of records that have the commonest number of fields, and that number; a share
        of 0 if that number is 1.
    """
    reader = RecordReader(lines, file="", delimiter=delimiter, max_characters=_EXAMPLE_CHARACTERS)
    counts = Counter(len(item.fields) for item in reader if isinstance(item, Record))
    if not counts:
        return 0.0, 1
    fields, times = counts.most_common(1)[0]
    return (times / counts.total() if fields > 1 else 0.0), fields


def guess_delimiter(lines: Sequence[Line]) -> tuple[str | None, float]:
    """The delimiter that cuts the lines most evenly, and the share of records it cuts alike.

    Returns:
        None and 0 if every delimiter leaves most lines whole: the file has one column.
    """
    shares = {mark: measure_delimiter(lines, mark)[0] for mark in DELIMITERS}
    best = max(DELIMITERS, key=shares.__getitem__)
    return (best, shares[best]) if shares[best] else (None, 0.0)


def has_header(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> bool:
    """Whether the first record names the columns.

    It does if it holds a column that was asked for; it does not if columns were asked for by
    number, or if one of its cells comes again further down in the same column. Otherwise the
    first record is a header if it holds a usual name, or differs in kind from what stands below:
    words above numbers, a new word above a few that repeat.

    Args:
        records: the first records of the file, all of the same length.
        wanted: names of columns that were asked for.
    """
    first, below = records[0], records[1:]
    numbers = {str(place) for place in range(1, len(first) + 1)}
    if wanted and numbers.issuperset(wanted):
        return False
    if any(name in first for name in wanted):
        return True
    names = [name.strip() for name in first]
    if len(set(names)) < len(names) or "" in names[1:]:
        return False
    if max(map(len, names)) > _LONGEST_NAME:
        return False
    columns = [[record[place] for record in below] for place in range(len(first))]
    if any(name and name in column for name, column in zip(first, columns, strict=True)):
        return False
    if any(name.casefold() in TEXT_NAMES + LABEL_NAMES for name in names):
        return True
    return any(_differs(name, column) for name, column in zip(first, columns, strict=True))


def _differs(name: str, column: Sequence[str]) -> bool:
    values = [value for value in column if value]
    if not name or len(values) < 2:
        return False
    if all(map(_is_number, values)):
        return not _is_number(name)
    return len(values) >= 8 and len(set(values)) <= len(values) / 4


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
