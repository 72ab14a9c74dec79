"""One run of `vartai evaluate` on a tagger: scores to read, and a file of what went wrong."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from vartai.cli.tag.reading import tagged_options
from vartai.cli.task_verbs import Evaluation, make_folder
from vartai.cli.voice import Voice
from vartai.data.tagged.sentences import Sentences, read_sentences, require_enough
from vartai.data.writing import open_records
from vartai.tasks.tag.evaluation import TagEvaluation, evaluate_tags, is_feature
from vartai.tasks.tag.results import scores_as_mapping
from vartai.tasks.tag.task import TagTask

# Beyond these many, the rest of the table is in the JSON object only.
_MOST_TAGS = 40
_WRONG = pa.schema(
    [
        ("line", pa.int64()),
        ("place", pa.int64()),
        ("word", pa.string()),
        ("tag", pa.string()),
        ("predicted", pa.string()),
        ("sentence", pa.string()),
    ]
)


def run_evaluation(request: Evaluation) -> None:
    """Score, write, tell."""
    voice = Voice(json=request.json)
    task: TagTask = request.saved.task
    file = request.one_file("a file of tagged sentences")
    folder = make_folder(request.folder)
    sentences = _read(task, file, request, folder, voice)
    chosen = task.predict(sentences.rows)
    found = evaluate_tags(
        sentences.rows,
        chosen,
        scheme=task.scheme,
        has_seen=task.vocabulary.has_seen,
        is_feature=is_feature(task),
    )
    wrong = _write_wrong(sentences, chosen, folder / "wrong.jsonl")
    _show(found, voice)
    voice.tell()
    voice.tell(f"{wrong:,} wrong tags: {folder / 'wrong.jsonl'}")
    voice.answer(
        {
            **scores_as_mapping(found),
            "measure": found.measure,
            "tags": [asdict(score) for score in found.tags],
            "sentences": len(sentences),
            "wrong": str(folder / "wrong.jsonl"),
        }
    )


def _read(task: TagTask, file: str, request: Evaluation, folder: Path, voice: Voice) -> Sentences:
    sentences, rejects, opened = read_sentences(
        file,
        tagged_options(task.config, request.reading),
        need_tags=True,
        like=task.config.reading,
    )
    voice.say_all(opened.notes)
    if len(rejects):
        place = folder / "rejects.jsonl"
        rejects.write(place)
        voice.say_rejected(rejects, place)
    require_enough(sentences, rejects)
    return sentences


def _write_wrong(sentences: Sentences, chosen: list[tuple[str, ...]], place: Path) -> int:
    records: list[dict[str, Any]] = []
    for sentence, tags in zip(sentences.rows, chosen, strict=True):
        words = zip(sentence.words, sentence.tags, tags, strict=True)
        for number, (word, tag, predicted) in enumerate(words, start=1):
            if tag != predicted:
                records.append(
                    {
                        "line": sentence.line,
                        "place": number,
                        "word": word,
                        "tag": tag,
                        "predicted": predicted,
                        "sentence": " ".join(sentence.words),
                    }
                )
    with open_records(place, _WRONG) as writer:
        writer.write(records)
    return len(records)


def _show(found: TagEvaluation, voice: Voice) -> None:
    spans = found.measure == "f1"
    rows = [
        ("accuracy", f"{found.accuracy:.4f}"),
        ("F1 of spans" if spans else "macro-F1", f"{found.f1:.4f}"),
        ("standard error", f"{found.chosen_by.error:.4f}"),
    ]
    if found.unseen_accuracy is not None:
        rows.append((f"accuracy on {found.unseen:,} unseen words", f"{found.unseen_accuracy:.4f}"))
    if found.feature_accuracy is not None:
        rows.append(("accuracy on words with the feature", f"{found.feature_accuracy:.4f}"))
    voice.table(("score", "value"), rows)
    voice.tell()
    voice.table(
        ("span" if spans else "tag", "precision", "recall", "F1", "spans" if spans else "words"),
        [
            (s.tag, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", f"{s.count:,}")
            for s in sorted(found.tags, key=lambda score: -score.count)[:_MOST_TAGS]
        ],
    )
    more = len(found.tags) - _MOST_TAGS
    if more > 0:
        voice.tell(f"and {more:,} more")
