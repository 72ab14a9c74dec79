"""A trace as a table in a Parquet file: one row a token, one column a layer and quantity.

part         what the row's token belongs to: "" where a model reads one text, else the name before
             the dot of its layers, such as ``encoder``
position     of the token, from 0
token        ``text[start:end]``, beside ``start`` and ``end`` in characters
running      the running prediction: a list of pairs ``(label, probability)``, null where none is
l0.hidden    a list of numbers, one a unit; so for every layer and quantity, null where the layer
             did not read this token

The file's metadata hold ``vartai.trace``: a JSON object with the text, the notes, the numbers of
each layer's units, and the attention maps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from vartai.errors import SaveError
from vartai.inspect.cut import Token

if TYPE_CHECKING:
    from vartai.inspect.running import Running
    from vartai.inspect.trace import Trace

METADATA = "vartai.trace"


def write_trace(trace: Trace, path: str | Path) -> None:
    """Write a trace.

    Raises:
        SaveError: it could not be written.
    """
    try:
        parquet.write_table(_table(trace), str(path))
    except OSError as error:
        raise SaveError(f"{path}: could not be written: {error}") from error


def _table(trace: Trace) -> Any:
    parts = _parts(trace)
    rows = [(part, place, token) for part, own in parts.items() for place, token in enumerate(own)]
    columns: dict[str, Any] = {
        "part": pa.array([part for part, _, _ in rows], pa.string()),
        "position": pa.array([place for _, place, _ in rows], pa.int32()),
        "token": pa.array([token.text for _, _, token in rows], pa.string()),
        "start": pa.array([token.start for _, _, token in rows], pa.int32()),
        "end": pa.array([token.end for _, _, token in rows], pa.int32()),
    }
    counts = {part: len(tokens) for part, tokens in parts.items()}
    if trace.running is not None:
        kind = pa.list_(pa.struct([("label", pa.string()), ("probability", pa.float32())]))
        said: list[Any] = []
        for own in parts.values():
            along = own == trace.running.tokens
            said += _pairs(trace.running) if along else [None] * len(own)
        columns["running"] = pa.array(said, kind)
    for layer, states in trace.layers.items():
        for name, numbers in states.quantities().items():
            columns[f"{layer}.{name}"] = _lists(numbers, _part_of(layer), counts)
    metadata = {
        "text": trace.text,
        "texts": dict(trace.texts),
        "notes": list(trace.notes),
        "units": {name: list(states.units) for name, states in trace.layers.items()},
        "attention": {
            name: {
                "rows": shown.rows,
                "columns": shown.columns,
                "weights": shown.weights.tolist(),
            }
            for name, shown in trace.attention.items()
        },
    }
    said_of_it = {METADATA: json.dumps(metadata, ensure_ascii=False)}
    return pa.table(columns).replace_schema_metadata(said_of_it)


def _part_of(layer: str) -> str:
    return layer.rpartition(".")[0]


def _parts(trace: Trace) -> dict[str, tuple[Token, ...]]:
    """The tokens of each part; those of the text first."""
    parts = {_part_of(name): states.tokens for name, states in trace.layers.items()}
    return parts or {"": trace.tokens}


def _pairs(running: Running) -> list[list[dict[str, Any]] | None]:
    return [
        None
        if np.isnan(row).any()
        else [
            {"label": name, "probability": share}
            for name, share in zip(running.names(place), row.tolist(), strict=True)
        ]
        for place, row in enumerate(running.probabilities)
    ]


def _lists(numbers: Any, part: str, counts: dict[str, int]) -> Any:
    """A column of lists: rows of numbers where the part is, nulls elsewhere."""
    flat = pa.array(np.ascontiguousarray(numbers).reshape(-1))
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * numbers.shape[1]
    found = pa.ListArray.from_arrays(pa.array(offsets), flat)
    return pa.concat_arrays(
        [found if name == part else pa.nulls(count, found.type) for name, count in counts.items()]
    )
