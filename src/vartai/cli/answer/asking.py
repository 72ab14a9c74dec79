"""One run of `vartai answer`: questions about one text, or a file of questions with contexts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from vartai.bundle.trained import load_task
from vartai.cli.answer.ask import AskOptions
from vartai.cli.answer.prediction import answer_file
from vartai.cli.voice import Voice
from vartai.data.lines import open_lines
from vartai.data.questions.question import Question
from vartai.data.rejects import Rejection
from vartai.data.sources import ByteSource
from vartai.errors import InputError, OptionError
from vartai.tasks.answer.prediction import AnswerRecord, answer_items
from vartai.tasks.answer.task import AnswerTask
from vartai.text.decode import decode_text

_BYTES_A_CHARACTER = 4


def run_answering(
    model: str,
    questions: Sequence[str],
    where: AskOptions,
    *,
    encoding: str,
    max_characters: int,
) -> None:
    """Answer, print."""
    saved = load_task(Path(model))
    if saved.name != "answer":
        raise OptionError(f"{model} is a model for {saved.name}; vartai answer expects answer")
    task: AnswerTask = saved.task
    if where.input is not None:
        options = replace(
            task.config.questions, format=None, encoding=encoding, max_characters=max_characters
        )
        answer_file(
            task,
            where.input,
            options,
            output=where.output,
            count=where.top,
            json_object=where.json,
        )
        return
    if where.context == "-" and not questions:
        raise OptionError("standard input cannot hold the context and the questions; type these")
    context = _read_context(str(where.context), encoding, max_characters)
    voice = Voice(json=where.json)
    asked = _typed(questions) if questions else _lines(voice, encoding, max_characters)
    records = []
    for item in asked:
        [record] = answer_items(task, [_with_context(item, context)], count=where.top)
        records.append(record)
        _tell(record, voice)
    voice.answer({"answers": [_values(record) for record in records]})


def _read_context(path: str, encoding: str, max_characters: int) -> str:
    """The whole text of a file.

    Raises:
        InputError: it cannot be read, is not text, is blank or too long.
    """
    raw = b""
    most = _BYTES_A_CHARACTER * max_characters
    with ByteSource(path) as source:
        while len(raw) <= most and (block := source.read(1 << 16)):
            raw += block
    if len(raw) > most:
        raise InputError(
            f"expected at most {max_characters:,} characters (--max-characters), found more",
            file=path,
        )
    try:
        text = decode_text(raw, encoding=encoding).removeprefix("\ufeff")
    except InputError as error:
        raise InputError(error.problem, file=path, byte=error.byte) from error
    if "\0" in text:
        raise InputError("expected text, found the NUL character", file=path)
    if not text.strip():
        raise InputError("expected a text, found only blanks", file=path)
    if len(text) > max_characters:
        raise InputError(
            f"expected at most {max_characters:,} characters (--max-characters), found "
            f"{len(text):,}",
            file=path,
        )
    return text


def _typed(questions: Sequence[str]) -> Iterator[Question | Rejection]:
    for number, text in enumerate(questions, start=1):
        if not text.strip():
            raise OptionError(f"question {number} is empty")
        yield Question(number, "", "", "", text, ())


def _lines(voice: Voice, encoding: str, max_characters: int) -> Iterator[Question | Rejection]:
    """A question a line of standard input; an empty or broken one keeps its place."""
    if sys.stdin.isatty():
        voice.say("Type a question a line; Ctrl-D ends.")
    with ByteSource("-") as source:
        lines, _ = open_lines(source, encoding, max_characters=max_characters)
        for line in lines:
            if line.fault is None and line.text.strip():
                yield Question(line.number, "", "", "", line.text, ())
                continue
            yield Rejection(
                file="-",
                line=line.number,
                column=None,
                reason="blank line" if line.fault is None else line.fault.reason,
                detail="expected a question" if line.fault is None else line.fault.detail,
                raw=line.text[:100],
            )


def _with_context(item: Question | Rejection, context: str) -> Question | Rejection:
    return item._replace(context=context) if isinstance(item, Question) else item


def _tell(record: AnswerRecord, voice: Voice) -> None:
    if record.error is not None:
        voice.say(f"line {record.line}: {record.error}")
        voice.tell()
        return
    first = {
        "answer": record.answer,
        "start": record.start,
        "end": record.end,
        "confidence": record.confidence,
    }
    for reply in (first, *record.others):
        text = "(no answer)" if reply["answer"] is None else " ".join(str(reply["answer"]).split())
        place = "" if reply["start"] is None else f"\t{reply['start']}-{reply['end']}"
        voice.tell(f"{text}\t{reply['confidence']:.3f}{place}")


def _values(record: AnswerRecord) -> dict[str, Any]:
    return asdict(record)
