"""One run of `vartai evaluate` on a language model: how well it foretells text."""

from __future__ import annotations

from vartai.cli.task_verbs import Evaluation, make_folder, require_untyped
from vartai.cli.voice import Voice
from vartai.data.documents import Document, read_documents
from vartai.data.passages import Passage
from vartai.data.text_options import DocumentOptions
from vartai.tasks.generate.experiment import score_model
from vartai.tasks.generate.results import fit_as_mapping, row_cells
from vartai.tasks.generate.task import GenerateTask


def run_evaluation(request: Evaluation) -> None:
    """Score, and tell."""
    task: GenerateTask = request.saved.task
    require_untyped(request.reading, used=("encoding",), why="running text has no columns")
    voice = Voice(json=request.json)
    passages = [Passage(document.text) for document in _read(task, request, voice)]
    row, corpus = score_model(task, passages, seconds=0.0)
    unknown = int((corpus.targets == task.tokenizer.unknown_id).sum())
    if unknown:
        voice.say(
            f"{unknown:,} of {len(corpus):,} {task.unit}s are not in the vocabulary; each was "
            "foretold as the unknown one."
        )
    voice.tell(f"On {row.fit.units:,} {task.unit}s, each counted once:")
    voice.tell()
    header = ("", f"nats a {task.unit}", "perplexity", "bits a character")
    voice.table(header, [row_cells(row)])
    voice.answer({**fit_as_mapping(row.fit), "unknown": unknown, "characters": row.fit.characters})


def _read(task: GenerateTask, request: Evaluation, voice: Voice) -> list[Document]:
    stored = task.config.reading
    asked = request.reading.encoding
    options = DocumentOptions(
        document_separator=stored.document_separator,
        encoding=stored.encoding if asked == DocumentOptions.encoding else asked,
    )
    found = read_documents(request.files, options, fix_text=task.config.text.fix_text)
    voice.say_all(found.notes)
    if len(found.rejects):
        place = make_folder(request.folder) / "rejects.jsonl"
        found.rejects.write(place)
        voice.say_rejected(found.rejects, place)
    return found.documents
