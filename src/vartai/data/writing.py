"""Tables on their way out: rows to JSON lines, CSV or Parquet, as they come, in constant memory.

A file appears under its name only when it is whole.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from vartai.errors import OptionError, SaveError

Record = Mapping[str, Any]


class RecordWriter(Protocol):
    """Takes records, each with all columns of the table."""

    def write(self, records: Sequence[Record]) -> None:
        """Write some more."""


class JsonLinesWriter:
    """One JSON object a line.

    Args:
        file: text file or stream.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, records: Sequence[Record]) -> None:
        """Write some more."""
        self._file.writelines(
            json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records
        )


class CsvWriter:
    """A header and rows; what is neither text nor a number is written as JSON.

    Args:
        file: text file opened with ``newline=""``.
        columns: names.
        delimiter: between fields.
    """

    def __init__(self, file: TextIO, columns: Sequence[str], *, delimiter: str = ",") -> None:
        self._columns = columns
        self._rows = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        self._rows.writerow(columns)

    def write(self, records: Sequence[Record]) -> None:
        """Write some more."""
        self._rows.writerows(
            [_field(record[column]) for column in self._columns] for record in records
        )


class ParquetWriter:
    """A row group for each call of `write`.

    Args:
        writer: of pyarrow.
        schema: of the table.
    """

    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer = writer
        self._schema = schema

    def write(self, records: Sequence[Record]) -> None:
        """Write some more."""
        self._writer.write_table(pa.Table.from_pylist(list(records), schema=self._schema))


def require_format(path: Path) -> str:
    """The format that a file's name asks for: jsonl, csv, tsv or parquet.

    Raises:
        OptionError: the name ends in none of the known ways.
    """
    formats = {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".csv": "csv",
        ".tsv": "tsv",
        ".parquet": "parquet",
        ".pq": "parquet",
    }
    suffix = path.suffix.lower()
    if suffix not in formats:
        raise OptionError(
            f"{path}: expected a name that ends in one of {', '.join(formats)}, found {suffix!r}"
        )
    return formats[suffix]


@contextmanager
def open_records(path: Path, schema: Any) -> Iterator[RecordWriter]:
    """A writer for a file of the format that its name asks for.

    Args:
        path: of the file. What stands there is replaced at the end, and only if all went well.
        schema: pyarrow's, of the records.

    Raises:
        OptionError: the name asks for no known format.
        SaveError: the file could not be written; an earlier one is intact.
    """
    named = require_format(path)
    with whole_or_not_at_all(path) as beside, _open_writer(beside, named, schema) as writer:
        yield writer


@contextmanager
def whole_or_not_at_all(path: Path) -> Iterator[Path]:
    """Where to write what takes the place of a file at the end, and only if all went well.

    Raises:
        SaveError: it could not be written; an earlier file is intact.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        if error.filename not in (None, str(beside)):
            raise
        raise SaveError(f"{path}: could not be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


@contextmanager
def _open_writer(path: Path, named: str, schema: Any) -> Iterator[RecordWriter]:
    if named == "parquet":
        with path.open("wb") as raw, pq.ParquetWriter(raw, schema) as writer:
            yield ParquetWriter(writer, schema)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if named == "jsonl":
            yield JsonLinesWriter(file)
        else:
            yield CsvWriter(file, schema.names, delimiter="," if named == "csv" else "\t")


def _field(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
