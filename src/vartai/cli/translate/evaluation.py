"""One run of `vartai evaluate` on a translator: signed scores, and a file of the worst."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from vartai.cli.task_verbs import Evaluation, make_folder, require_untyped
from vartai.cli.voice import Voice
from vartai.data.options import TableOptions
from vartai.data.parallel import Parallel, read_parallel, require_enough_pairs
from vartai.data.writing import open_records
from vartai.tasks.translate.evaluation import evaluate, worst_first
from vartai.tasks.translate.reading import pair_options
from vartai.tasks.translate.results import scores_as_mapping
from vartai.tasks.translate.task import TranslateTask

_WORST = pa.schema(
    [
        ("line", pa.int64()),
        ("source", pa.string()),
        ("reference", pa.string()),
        ("translation", pa.string()),
        ("chrf", pa.float64()),
        ("log_probability", pa.float64()),
        ("cut", pa.bool_()),
    ]
)


def run_evaluation(request: Evaluation) -> None:
    """Translate, score, write, tell."""
    voice = Voice(json=request.json)
    task: TranslateTask = request.saved.task
    folder = make_folder(request.folder)
    pairs = _read(task, request.files, request.reading, folder, voice)
    found = evaluate(task, pairs)
    place = folder / "worst.jsonl"
    worst = [asdict(one) for one in worst_first(pairs, found.translations)]
    with open_records(place, _WORST) as writer:
        writer.write(worst)
    voice.table(
        ("score", "value"),
        [
            ("BLEU", f"{found.scores.bleu:.2f}"),
            ("chrF", f"{found.scores.chrf:.2f}"),
            ("loss, nats a token", f"{found.loss:.4f}"),
        ],
    )
    voice.tell()
    voice.tell(f"BLEU: {found.scores.bleu_signature}")
    voice.tell(f"chrF: {found.scores.chrf_signature}")
    if found.cut:
        voice.tell(f"{found.cut:,} translations had to be ended at their longest.")
    voice.tell(
        f"{len(worst):,} of {len(pairs):,} translations differ from their reference, the least "
        f"alike first: {place}"
    )
    voice.answer({**scores_as_mapping(found), "pairs": len(pairs), "worst": str(place)})


def _read(
    task: TranslateTask,
    files: tuple[str, ...],
    asked: TableOptions,
    folder: Path,
    voice: Voice,
) -> Parallel:
    require_untyped(
        asked,
        used=("format", "delimiter", "header", "encoding", "max_characters"),
        why="a translator's columns are those it was trained on",
    )
    pairs, rejects, notes = read_parallel(files, pair_options(task.config.pairs, asked))
    voice.say_all([f"{pairs.file}: {note}" for note in notes])
    if len(rejects):
        place = folder / "rejects.jsonl"
        rejects.write(place)
        voice.say_rejected(rejects, place)
    require_enough_pairs(pairs, rejects)
    return pairs
