"""One run of `vartai predict`: rows in, predictions out, in order and in constant memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from vartai.cli.predict import PredictOptions
from vartai.cli.task_verbs import Prediction
from vartai.cli.voice import Voice
from vartai.data.examples import Example, ExampleStream, iter_examples
from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection
from vartai.data.writing import JsonLinesWriter, Record, RecordWriter, open_records, require_format
from vartai.tasks.classify.prediction import predict_items, prediction_schema
from vartai.tasks.classify.reading import table_options
from vartai.tasks.classify.task import ClassifyTask

_ROWS = 512
_LINES = TableOptions(format="lines")


class _Counts:
    """How many rows went by."""

    def __init__(self) -> None:
        self.rows = self.rejected = self.unknown = 0

    def add(self, records: Sequence[Record]) -> None:
        self.rows += len(records)
        self.rejected += sum(record["error"] is not None for record in records)
        self.unknown += sum(record["unknown"] for record in records)


def run_prediction(request: Prediction) -> None:
    """Predict, write, and say what was noticed."""
    texts, where = request.texts, request.where
    output = None if where.output is None else Path(where.output)
    if output is not None:
        require_format(output)
    task: ClassifyTask = request.saved.task
    voice = Voice(json=where.json)
    stream = None if texts else _open_stream(task, where, request.reading, voice)
    chunks = [_as_examples(texts)] if stream is None else stream.chunks(_ROWS)
    counts = _Counts()
    with _open_output(task, output, json_object=where.json, counts=counts) as writer:
        for chunk in chunks:
            records = [asdict(prediction) for prediction in predict_items(task, chunk)]
            writer.write(records)
            counts.add(records)
    _say_what_was_noticed(counts, stream, output, voice)


def _open_stream(
    task: ClassifyTask, where: PredictOptions, asked: TableOptions, voice: Voice
) -> ExampleStream:
    if where.input is None and sys.stdin.isatty():
        voice.say("Type a text a line; Ctrl-D ends.")
    return iter_examples(
        "-" if where.input is None else where.input,
        _LINES if where.input is None else table_options(task.config, asked, need_label=False),
        fix_text=where.fix_text or task.config.text.fix_text,
        need_label=False,
    )


def _as_examples(texts: Sequence[str]) -> list[Example | Rejection]:
    return [Example(place, text, ()) for place, text in enumerate(texts, start=1)]


@contextmanager
def _open_output(
    task: ClassifyTask, output: Path | None, *, json_object: bool, counts: _Counts
) -> Iterator[RecordWriter]:
    if output is not None:
        with open_records(output, prediction_schema(task)) as writer:
            yield writer
        if json_object:
            print(json.dumps({"output": str(output), **vars(counts)}, ensure_ascii=False))
    elif json_object:
        yield from _json_object(counts)
    else:
        yield JsonLinesWriter(sys.stdout)


def _json_object(counts: _Counts) -> Iterator[RecordWriter]:
    """One JSON object that is written as it grows, so that it may be larger than the memory."""
    print('{"predictions": [', end="")
    yield _JsonItems()
    print("], " + json.dumps(vars(counts)).removeprefix("{"))


class _JsonItems:
    def __init__(self) -> None:
        self._separator = ""

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            print(f"{self._separator}{json.dumps(record, ensure_ascii=False)}", end="")
            self._separator = ", "


def _say_what_was_noticed(
    counts: _Counts, stream: ExampleStream | None, output: Path | None, voice: Voice
) -> None:
    if stream is not None:
        voice.say_all(stream.notes())
    if counts.rejected:
        voice.say(
            f"{counts.rejected:,} of {counts.rows:,} rows could not be read: they stand in their "
            'places, with "error" in place of a label.'
        )
    if counts.unknown:
        voice.say(
            f"{counts.unknown:,} of {counts.rows:,} texts hold no token that the model knows "
            '("unknown"): their labels say nothing.'
        )
    if output is not None:
        voice.say(f"{counts.rows:,} predictions are in {output}.")
