"""CSV and TSV files as tables.

In a csv file, fields may be quoted (`records.py`). In a tsv file a double quote is an ordinary
character: tab-separated files are mostly written without any quoting, and texts in them begin with
bare quotes that close nowhere. A note tells when a tsv looks quoted after all, and what to type.

Nothing is converted: "007" stays "007", "NA" stays "NA", and blanks around a field stay.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from vartai.data.layout import DELIMITER_NAMES, guess_delimiter, has_header
from vartai.data.lines import Fault, Line, reject_line
from vartai.data.options import TableOptions
from vartai.data.records import BLANK, QUOTE, Record, RecordReader
from vartai.data.rejects import Rejection, clip_raw
from vartai.data.rows import SAMPLE_ROWS, Contents, Row, RowItems, take_sample
from vartai.errors import InputError

_DELIMITER_LINES = 100


def open_delimited(
    lines: Iterator[Line], options: TableOptions, *, file: str, quoted: bool
) -> Contents:
    """Open a csv (`quoted`) or tsv file.

    Args:
        lines: its physical lines.
        options: delimiter and header, guessed where they are None; columns that are wanted, a
            hint where the header is.
        file: name of the file, for messages.
        quoted: whether double quotes hold fields together.

    Raises:
        InputError: there is no row at all, or two columns have one name.
    """
    notes: list[str] = []
    head = list(itertools.islice(lines, _DELIMITER_LINES))
    lines = itertools.chain(head, lines)
    records: Iterator[Record | Rejection]
    if quoted:
        delimiter = options.delimiter or _note_delimiter(head, notes)
        records = iter(
            RecordReader(
                lines, file=file, delimiter=delimiter, max_characters=options.max_characters
            )
        )
    else:
        _note_quotes(head, notes)
        records = _split_lines(lines, file=file, delimiter=options.delimiter or "\t")
    sample = list(itertools.islice(records, SAMPLE_ROWS))
    found = [item.fields for item in sample if isinstance(item, Record)]
    if not found:
        raise InputError(_no_rows(sample), file=file)
    named = options.header
    if named is None:
        named = _guess_header(found, options, notes)
    columns = _name_columns(found, named=named, file=file)
    items = _rows(itertools.chain(sample, records), columns, file=file, skip_first=named)
    rows, items = take_sample(items)
    return Contents(columns=columns, notes=notes, sample=rows, items=lambda _: items)


def _no_rows(sample: Sequence[Record | Rejection]) -> str:
    problem = "expected rows, found none"
    first = next((item for item in sample if isinstance(item, Rejection)), None)
    return problem if first is None else f"{problem} that can be read; first trouble: {first}"


def _note_delimiter(head: Sequence[Line], notes: list[str]) -> str:
    delimiter, _ = guess_delimiter(head)
    if delimiter is None:
        notes.append("No delimiter was found: each row is taken to have one column.")
        return ","
    if delimiter != ",":
        notes.append(f"Fields are separated by a {DELIMITER_NAMES[delimiter]} (guessed).")
    return delimiter


def _note_quotes(head: Sequence[Line], notes: list[str]) -> None:
    fields = [field for line in head for field in line.text.split("\t")]
    wrapped = sum(
        len(field) > 1 and field.startswith(QUOTE) and field.endswith(QUOTE) for field in fields
    )
    if wrapped:
        notes.append(
            f"{wrapped} of the first {len(fields)} fields stand in double quotes, which are kept "
            "as part of the text; if this file quotes its fields, give format csv and a tab as "
            "delimiter."
        )


def _split_lines(
    lines: Iterable[Line], *, file: str, delimiter: str
) -> Iterator[Record | Rejection]:
    for line in lines:
        if line.fault or not line.text:
            yield reject_line(line, line.fault or BLANK, file=file)
        else:
            yield Record(line.number, line.text.split(delimiter), line.text)


def _guess_header(found: Sequence[Sequence[str]], options: TableOptions, notes: list[str]) -> bool:
    wanted = [*options.text, *([] if options.label is None else [options.label])]
    alike = [record for record in found if len(record) == len(found[0])]
    if has_header(alike, wanted):
        notes.append("The first row is read as the names of the columns (guessed).")
        return True
    notes.append("The first row is read as data; the columns are called 1, 2, … (guessed).")
    return False


def _name_columns(found: Sequence[Sequence[str]], *, named: bool, file: str) -> tuple[str, ...]:
    if not named:
        usual = Counter(map(len, found)).most_common(1)[0][0]
        return tuple(str(place) for place in range(1, usual + 1))
    names = [name.strip() or str(place) for place, name in enumerate(found[0], start=1)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputError(
            f"expected column names that differ, found {', '.join(map(repr, twice))} more than "
            "once; rename the columns, or give header false",
            file=file,
        )
    return tuple(names)


def _rows(
    records: Iterable[Record | Rejection],
    columns: tuple[str, ...],
    *,
    file: str,
    skip_first: bool,
) -> RowItems:
    """Records as rows of equal length; `skip_first` leaves out the header."""
    for item in records:
        if isinstance(item, Rejection):
            yield item
        elif skip_first:
            skip_first = False
        elif len(item.fields) == len(columns):
            yield Row(item.line, dict(zip(columns, item.fields, strict=True)))
        else:
            fault = Fault(
                "wrong number of fields", f"expected {len(columns)}, found {len(item.fields)}"
            )
            yield Rejection(
                file=file,
                line=item.line,
                column=None,
                reason=fault.reason,
                detail=fault.detail,
                raw=clip_raw(item.raw),
            )
