"""`vartai evaluate` for a model that answers: scores to read, and a folder of wrong answers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from vartai.cli.answer.closing import score_cells
from vartai.cli.answer.reading import question_options
from vartai.cli.task_verbs import Evaluation, make_folder
from vartai.cli.voice import Voice
from vartai.data.questions.question import SPAN, Questions
from vartai.data.questions.reading import read_questions, require_enough_questions
from vartai.data.writing import open_records
from vartai.tasks.answer.evaluation import answer_all, judge_answers, wrong_answers
from vartai.tasks.answer.task import AnswerTask

_WRONG = pa.schema(
    [
        ("line", pa.int64()),
        ("id", pa.string()),
        ("question", pa.string()),
        ("right", pa.list_(pa.string())),
        ("given", pa.string()),
        ("confidence", pa.float64()),
    ]
)
_NAMES = ("exact match", "F1", "F1 of questions with an answer", "F1 of those without")


def run_evaluation(request: Evaluation) -> None:
    """Score, write, tell."""
    voice = Voice(json=request.json)
    task: AnswerTask = request.saved.task
    file = request.one_file("questions with answers")
    folder = make_folder(request.folder)
    questions = _read(task, file, request, folder, voice)
    replies = answer_all(task, questions)
    judged = judge_answers([reply.text for reply in replies], questions)
    place = folder / "wrong.jsonl"
    records = [asdict(wrong) for wrong in wrong_answers(questions, replies, judged)]
    with open_records(place, _WRONG) as writer:
        writer.write(records)
    names = _NAMES if questions.kind == SPAN else ("accuracy",)
    voice.table(("score", "value"), list(zip(names, score_cells(judged), strict=True)))
    voice.tell()
    voice.tell(f"{len(records):,} wrong answers, the most confident first: {place}")
    voice.answer({**judged.as_mapping(), "wrong": str(place)})


def _read(
    task: AnswerTask, file: str, request: Evaluation, folder: Path, voice: Voice
) -> Questions:
    options = question_options(task.config.questions, request.reading)
    questions, rejects, notes = read_questions(file, options, need_answer=True)
    voice.say_all(notes)
    if len(rejects):
        place = folder / "rejects.jsonl"
        rejects.write(place)
        voice.say_rejected(rejects, place)
    require_enough_questions(questions, rejects)
    return questions
