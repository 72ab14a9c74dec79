"""Parquet files as tables, read in batches; the "line" of a row is its number, from 1."""

from __future__ import annotations

import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vartai.data.rows import Contents, Row, RowItems, take_sample
from vartai.data.sources import STDIN, ByteSource
from vartai.errors import InputError

_BATCH_ROWS = 1_000
_BLOCK_BYTES = 1 << 20
_MEMORY_BYTES = 64 * 2**20


def open_parquet(source: ByteSource) -> Contents:
    """Open a Parquet file. Standard input and compressed files are copied to a temporary file.

    Raises:
        InputError: not a Parquet file, a damaged one, one without rows, or two columns of one name.
    """
    head = source.peek(4)
    if head != b"PAR1":
        raise InputError(
            f"expected a Parquet file, which begins with PAR1; found bytes {head.hex(' ')}",
            file=source.file,
        )
    try:
        # Buffered, or each column chunk of a row group would be in memory at once.
        table = pq.ParquetFile(_seekable(source), buffer_size=1 << 16, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"cannot be read as Parquet: {error}", file=source.file) from error
    columns = tuple(table.schema_arrow.names)
    twice = [name for name, times in Counter(columns).items() if times > 1]
    if twice:
        raise InputError(f"two columns are called {twice[0]!r}", file=source.file)
    if table.metadata.num_rows == 0:
        raise InputError("expected rows, found none", file=source.file)
    sample, _ = take_sample(_rows(table, None, file=source.file))
    return Contents(
        columns=columns,
        notes=[],
        sample=sample,
        items=lambda only: _rows(table, only, file=source.file),
    )


def _seekable(source: ByteSource) -> Any:
    """The file's path, or an open copy of it where it cannot be read at any place."""
    if source.compression is None and source.file != STDIN:
        return source.file
    copy = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115
    weakref.finalize(source, copy.close)
    while block := source.read(_BLOCK_BYTES):
        copy.write(block)
    copy.seek(0)
    return copy


def _rows(table: Any, only: tuple[str, ...] | None, *, file: str) -> RowItems:
    columns = None if only is None else list(only)
    number = 0
    try:
        for batch in table.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False):
            names = batch.schema.names
            for values in zip(*(_values(column) for column in batch.columns), strict=True):
                number += 1
                yield Row(number, dict(zip(names, values, strict=True)))
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"the Parquet data are damaged: {error}", file=file, line=number + 1
        ) from error


def _values(column: Any) -> list[object]:
    """A column as Python values; text that is not valid UTF-8 as bytes."""
    try:
        values: list[object] = column.to_pylist()
    except UnicodeDecodeError:
        values = list(_values_one_by_one(column))
    return values


def _values_one_by_one(column: Any) -> Iterator[object]:
    for cell in column:
        try:
            yield cell.as_py()
        except UnicodeDecodeError:
            yield cell.as_buffer().to_pybytes()
