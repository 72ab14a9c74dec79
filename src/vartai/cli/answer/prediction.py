"""Rows of questions in, answers out, in order and in constant memory where the format allows."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from vartai.cli.answer.reading import question_options
from vartai.cli.task_verbs import Prediction
from vartai.cli.voice import Voice
from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.reading import iter_questions
from vartai.data.writing import JsonLinesWriter, Record, RecordWriter, open_records, require_format
from vartai.errors import OptionError
from vartai.tasks.answer.prediction import SCHEMA, answer_items
from vartai.tasks.answer.task import AnswerTask

_ROWS = 256


class Counts:
    """How many rows went by."""

    def __init__(self) -> None:
        self.rows = self.rejected = self.without_answer = 0

    def add(self, records: Sequence[Record]) -> None:
        """Count some more."""
        self.rows += len(records)
        self.rejected += sum(record["error"] is not None for record in records)
        self.without_answer += sum(
            record["answer"] is None and record["error"] is None for record in records
        )


def run_prediction(request: Prediction) -> None:
    """`vartai predict` for a model that answers."""
    if request.texts or request.where.input is None:
        raise OptionError(
            "a model that answers needs contexts: --input FILE of questions, or vartai answer MODEL"
        )
    task: AnswerTask = request.saved.task
    if request.where.fix_text:
        raise OptionError("--fix-text has no use here: it would move the offsets of answers")
    options = question_options(task.config.questions, request.reading)
    where = request.where
    answer_file(
        task, request.where.input, options, output=where.output, count=1, json_object=where.json
    )


def answer_file(
    task: AnswerTask,
    file: str,
    options: QuestionOptions,
    *,
    output: str | None,
    count: int,
    json_object: bool,
) -> None:
    """Answer every question of a file; rejected rows stand in their places.

    Args:
        task: the model.
        file: the questions.
        options: how to read them.
        output: file for the answers; standard output, as JSON lines, if None.
        count: answers to each question, at most.
        json_object: print one JSON object in place of JSON lines.
    """
    target = None if output is None else Path(output)
    if target is not None:
        require_format(target)
    voice = Voice(json=json_object)
    stream = iter_questions(file, options, need_answer=False)
    if stream.kind != task.kind:
        stream.close()
        raise OptionError(
            f"{file} has questions of kind {stream.kind}; the model is for {task.kind}"
        )
    counts = Counts()
    with _open_output(target, json_object=json_object, counts=counts) as writer:
        for chunk in stream.chunks(_ROWS):
            records = [asdict(each) for each in answer_items(task, chunk, count=count)]
            writer.write(records)
            counts.add(records)
    voice.say_all(stream.notes)
    if counts.rejected:
        voice.say(
            f"{counts.rejected:,} of {counts.rows:,} questions could not be read: they stand in "
            'their places, with "error" in place of an answer.'
        )
    if target is not None:
        voice.say(f"{counts.rows:,} answers are in {target}.")


@contextmanager
def _open_output(
    output: Path | None, *, json_object: bool, counts: Counts
) -> Iterator[RecordWriter]:
    if output is not None:
        with open_records(output, SCHEMA) as writer:
            yield writer
        if json_object:
            print(json.dumps({"output": str(output), **vars(counts)}, ensure_ascii=False))
    elif json_object:
        print('{"answers": [', end="")
        yield _JsonItems()
        print("], " + json.dumps(vars(counts)).removeprefix("{"))
    else:
        yield JsonLinesWriter(sys.stdout)


class _JsonItems:
    """One JSON object that is written as it grows, so that it may be larger than the memory."""

    def __init__(self) -> None:
        self._separator = ""

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            print(f"{self._separator}{json.dumps(record, ensure_ascii=False)}", end="")
            self._separator = ", "
