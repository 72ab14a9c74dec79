"""One run of `vartai predict` on a captioner: a table of pictures in, a table of captions out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from vartai.cli.caption.reading import read_as_trained
from vartai.cli.task_verbs import Prediction
from vartai.cli.voice import Voice, count_rows
from vartai.data.captions import CaptionedPictures
from vartai.data.rejects import Rejects
from vartai.data.writing import JsonLinesWriter, open_records, require_format
from vartai.errors import OptionError
from vartai.tasks.caption.task import CaptionTask

_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("image", pa.string()),
        ("caption", pa.string()),
        ("log_probability", pa.float64()),
        ("cut", pa.bool_()),
        ("error", pa.string()),
    ]
)


def run_prediction(request: Prediction) -> None:
    """Read, caption, write, tell."""
    where = request.where
    if request.texts or where.input is None:
        raise OptionError(
            "a captioner needs pictures: --input TABLE that names them, or vartai caption MODEL "
            "picture.jpg"
        )
    if where.fix_text:
        raise OptionError("--fix-text has no use here: no text is read but the names of files")
    target = None if where.output is None else Path(where.output)
    if target is not None:
        require_format(target)
    task: CaptionTask = request.saved.task
    voice = Voice(json=where.json)
    examples, rejects, notes = read_as_trained(
        task, where.input, request.reading, need_caption=False
    )
    voice.say_all([f"{where.input}: {note}" for note in notes])
    records = _records(task, examples, rejects)
    _write(records, target, json_object=where.json)
    if len(rejects):
        voice.say(
            f"{count_rows(len(rejects))} could not be read and stand in their places, with "
            '"error" in place of a caption.'
        )
    if target is not None:
        voice.say(f"{len(records):,} captions are in {target}.")
        voice.answer({"output": str(target), "pictures": len(examples), "rejected": len(rejects)})


def _records(
    task: CaptionTask, examples: CaptionedPictures, rejects: Rejects
) -> list[dict[str, Any]]:
    """A picture each, and what could not be read, in the order of the table."""
    made = task.caption(examples.inputs) if len(examples) else []
    records: list[dict[str, Any]] = [
        {
            "line": item.line,
            "image": item.image,
            "caption": one.text,
            "log_probability": one.log_probability,
            "cut": one.cut,
            "error": None,
        }
        for item, one in zip(examples.items, made, strict=True)
    ]
    for rejection in rejects:
        empty = dict.fromkeys(_SCHEMA.names)
        error = f"{rejection.reason}: {rejection.detail}"
        records.append({**empty, "line": rejection.line, "error": error})
    return sorted(records, key=lambda record: int(record["line"]))


def _write(records: Sequence[dict[str, Any]], target: Path | None, *, json_object: bool) -> None:
    if target is not None:
        with open_records(target, _SCHEMA) as writer:
            writer.write(records)
    elif json_object:
        print(json.dumps({"captions": list(records)}, ensure_ascii=False))
    else:
        JsonLinesWriter(sys.stdout).write(records)
