"""One run of `vartai evaluate` on a captioner: signed scores, and a file of the worst."""

from __future__ import annotations

from dataclasses import asdict

import pyarrow as pa

from vartai.cli.caption.reading import read_as_trained
from vartai.cli.task_verbs import Evaluation, make_folder
from vartai.cli.voice import Voice
from vartai.data.captions import require_enough_captions
from vartai.data.writing import open_records
from vartai.tasks.caption.evaluation import Evaluation as Found
from vartai.tasks.caption.evaluation import evaluate, worst_first
from vartai.tasks.caption.examples import count_captions
from vartai.tasks.caption.results import scores_as_mapping
from vartai.tasks.caption.scores import ORDERS
from vartai.tasks.caption.task import CaptionTask

_WORST = pa.schema(
    [
        ("line", pa.int64()),
        ("image", pa.string()),
        ("references", pa.list_(pa.string())),
        ("caption", pa.string()),
        ("chrf", pa.float64()),
        ("log_probability", pa.float64()),
        ("cut", pa.bool_()),
    ]
)


def run_evaluation(request: Evaluation) -> None:
    """Caption, score, write, tell."""
    voice = Voice(json=request.json)
    task: CaptionTask = request.saved.task
    folder = make_folder(request.folder)
    file = request.one_file("a table of pictures and captions")
    examples, rejects, notes = read_as_trained(task, file, request.reading, need_caption=True)
    voice.say_all([f"{file}: {note}" for note in notes])
    if len(rejects):
        rejects.write(folder / "rejects.jsonl")
        voice.say_rejected(rejects, folder / "rejects.jsonl")
    require_enough_captions(examples, rejects)
    found = evaluate(task, examples)
    place = folder / "worst.jsonl"
    worst = [asdict(one) for one in worst_first(examples, found.captions)]
    with open_records(place, _WORST) as writer:
        writer.write(worst)
    _tell(found, voice)
    voice.tell(
        f"{len(worst):,} of {len(examples):,} captions are none of their references, the least "
        f"alike first: {place}"
    )
    sizes = {"pictures": len(examples), "captions": count_captions(examples)}
    voice.answer({**scores_as_mapping(found), **sizes, "worst": str(place)})


def _tell(found: Found, voice: Voice) -> None:
    scores = found.scores
    rows = [(f"BLEU-{n}", f"{value:.2f}") for n, value in zip(ORDERS, scores.bleu, strict=True)]
    rows += [
        ("chrF", f"{scores.chrf:.2f}"),
        ("exact", f"{scores.exact:.4f}"),
        ("loss, nats a word", f"{found.loss:.4f}"),
    ]
    voice.table(("score", "value"), rows)
    voice.tell()
    voice.tell(f"BLEU: {scores.bleu_signature}")
    voice.tell(f"chrF: {scores.chrf_signature}")
    if found.cut:
        voice.tell(f"Captions that had to be ended at their longest: {found.cut:,}.")
