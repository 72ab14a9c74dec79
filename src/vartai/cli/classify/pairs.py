"""One run of `vartai pairs`: a sheet of minimal pairs before a classifier."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from vartai.cli.pairs import PairsOptions
from vartai.cli.task_verbs import Pairs, make_folder, require_untyped
from vartai.cli.voice import Voice
from vartai.data.negation.contrasts import generate_pairs
from vartai.data.pair_sheet import PairSheet, read_pair_sheet, require_enough_of_sheet
from vartai.data.writing import open_records
from vartai.errors import OptionError, require_range
from vartai.inspect.words.shares import Share
from vartai.inspect.words.sheet import (
    JudgedPair,
    KindSummary,
    Predict,
    Shuffled,
    judge_pairs,
    shuffled_control,
    summarise_pairs,
)
from vartai.tasks.classify.blend import probabilities
from vartai.tasks.classify.task import ClassifyTask

_READ = ("format", "delimiter", "encoding", "max_characters")
_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("kind", pa.string()),
        ("text_a", pa.string()),
        ("text_b", pa.string()),
        ("label_a", pa.string()),
        ("label_b", pa.string()),
        ("predicted_a", pa.string()),
        ("predicted_b", pa.string()),
        ("probability_a", pa.float64()),
        ("probability_b", pa.float64()),
        ("flipped", pa.bool_()),
        ("should_flip", pa.bool_()),
    ]
)
Control = Shuffled | None


def run_pairs(request: Pairs) -> None:
    """Ask, write, tell."""
    what, voice = request.what, Voice(json=request.what.json)
    require_range("shuffles", what.shuffles, at_least=0)
    task: ClassifyTask = request.saved.task
    if task.multilabel:
        raise OptionError("a pair has one label a text, and this model gives several")
    folder = make_folder(Path(what.out or f"{request.model.rstrip('/')}.pairs"))
    sheet, rejected = _sheet(request, task, folder, voice)
    whole, *parts = [_ask(name, by, task, sheet, what) for name, by in _asked(task).items()]
    place = folder / "pairs.jsonl"
    with open_records(place, _SCHEMA) as writer:
        writer.write([_record(each) for each in whole[1]])
    _show(sheet, [whole, *parts], voice)
    voice.tell()
    voice.tell(f"all {len(sheet.pairs):,} pairs: {place}")
    voice.answer(
        {
            "sheet": sheet.file,
            "pairs": len(sheet.pairs),
            "rejected": rejected,
            "written": str(place),
            "asked": {
                name: {
                    "kinds": [_plain(row) for row in summarise_pairs(judged)],
                    "shuffled": None if control is None else asdict(control),
                }
                for name, judged, control in (whole, *parts)
            },
        }
    )


Answers = tuple[str, list[JudgedPair], Control]


def _sheet(request: Pairs, task: ClassifyTask, folder: Path, voice: Voice) -> tuple[PairSheet, int]:
    what = request.what
    if request.sheet is None:
        _require_opinions(task, what)
        made = generate_pairs(
            what.generate or "",
            language=what.language,
            count=what.count,
            seed=what.seed,
            positive=what.positive,
            negative=what.negative,
        )
        return made, 0
    require_untyped(request.reading, used=_READ, why="the columns of a sheet of pairs are fixed")
    sheet, rejects, notes = read_pair_sheet(request.sheet, request.reading, labels=task.labels)
    voice.say_all(notes)
    voice.file_rejects(rejects, folder / "rejects.jsonl")
    require_enough_of_sheet(sheet, rejects)
    return sheet, len(rejects)


def _require_opinions(task: ClassifyTask, what: PairsOptions) -> None:
    for option in ("positive", "negative"):
        if getattr(what, option) not in task.labels:
            raise OptionError(
                f"--{option} {getattr(what, option)!r} is not among the model's labels: "
                f"{', '.join(task.labels)}; say which is which: --positive LABEL --negative LABEL"
            )


def _asked(task: ClassifyTask) -> dict[str, Predict]:
    """The whole model; where it has an n-gram path, both paths by themselves."""
    wide = task.wide
    if wide is None:
        return {"model": task.probabilities}
    return {
        "model": task.probabilities,
        f"{task.config.model.cell} alone": task.alone().probabilities,
        "n-grams alone": lambda texts: probabilities(wide.scores(texts), multilabel=False),
    }


def _ask(
    name: str, predict: Predict, task: ClassifyTask, sheet: PairSheet, what: PairsOptions
) -> Answers:
    judged = judge_pairs(predict, task.labels, sheet)
    if what.shuffles == 0:
        return name, judged, None
    seeds = range(what.seed, what.seed + what.shuffles)
    return name, judged, shuffled_control(predict, task.labels, judged, seeds=seeds)


def _record(each: JudgedPair) -> dict[str, Any]:
    return {
        **each.pair._asdict(),
        "predicted_a": each.predicted_a,
        "predicted_b": each.predicted_b,
        "probability_a": each.probability_a,
        "probability_b": each.probability_b,
        "flipped": each.flipped,
        "should_flip": each.pair.should_flip,
    }


def _show(sheet: PairSheet, answers: list[Answers], voice: Voice) -> None:
    rows = summarise_pairs(answers[0][1])
    header = ["kind", "pairs", "flipped"]
    if sheet.labelled:
        header += ["should", "texts right", "both right"]
    voice.table(header, [_cells(row, labelled=sheet.labelled) for row in rows])
    if len(answers) > 1 or answers[0][2] is not None:
        voice.tell()
        titles = ["asked", "flipped", *(["both right"] if sheet.labelled else [])]
        if answers[0][2] is not None:
            titles += ["shuffled: changed", "flipped", *(["both right"] if sheet.labelled else [])]
        voice.table(titles, [_asked_cells(each, labelled=sheet.labelled) for each in answers])


def _cells(row: KindSummary, *, labelled: bool) -> list[str]:
    cells = [row.kind, f"{row.pairs:,}", _interval(row.flipped)]
    if labelled:
        cells += [f"{row.should_flip:,}", _interval(row.texts_right), _interval(row.both_right)]
    return cells


def _asked_cells(answers: Answers, *, labelled: bool) -> list[str]:
    name, judged, control = answers
    whole = summarise_pairs(judged)[-1]
    cells = [name, f"{whole.flipped.value:.3f}"]
    if labelled:
        cells.append("" if whole.both_right is None else f"{whole.both_right.value:.3f}")
    if control is not None:
        cells += [_spread(control.changed), _spread(control.flipped)]
        if control.both_right is not None:
            cells.append(_spread(control.both_right))
    return cells


def _interval(found: Share | None) -> str:
    return "" if found is None else f"{found.value:.3f} ({found.low:.2f}–{found.high:.2f})"


def _spread(values: tuple[float, ...]) -> str:
    mean = sum(values) / len(values)
    return f"{mean:.3f} ({min(values):.2f}–{max(values):.2f})"


def _plain(row: KindSummary) -> dict[str, Any]:
    """A summary as JSON has it, each share with its value."""
    found = asdict(row)
    for name in ("flipped", "flipped_rightly", "kept_rightly", "texts_right", "both_right"):
        value: Share | None = getattr(row, name)
        if value is not None:
            found[name] = {**asdict(value), "value": value.value}
    return found
