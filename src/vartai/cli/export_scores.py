"""Scores of a model on a file that the user names: what a change of its weights has done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vartai.bundle.trained import SavedTask
from vartai.cli.tag.reading import tagged_options
from vartai.data.documents import read_documents
from vartai.data.examples import read_examples
from vartai.data.examples import require_enough as require_examples
from vartai.data.options import TableOptions
from vartai.data.passages import Passage
from vartai.data.tagged.sentences import read_sentences
from vartai.data.tagged.sentences import require_enough as require_sentences
from vartai.data.text_options import DocumentOptions
from vartai.tasks.classify.evaluation import evaluate as evaluate_classifier
from vartai.tasks.classify.reading import table_options
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.experiment import score_model
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.evaluation import evaluate as evaluate_tagger
from vartai.tasks.tag.task import TagTask


def score_file(saved: SavedTask, file: str) -> dict[str, float]:
    """Scores by name.

    Raises:
        InputError: the file cannot be read, or has too little in it.
    """
    return _SCORERS[saved.name](saved.task, file)


def _classifier(task: ClassifyTask, file: str) -> dict[str, float]:
    examples, rejects, _ = read_examples(
        file,
        table_options(task.config, TableOptions(), need_label=True),
        fix_text=task.config.text.fix_text,
        need_label=True,
    )
    require_examples(examples, rejects)
    found = evaluate_classifier(task, examples)
    return {"accuracy": found.accuracy, "macro-F1": found.macro_f1, "loss, nats": found.loss}


def _tagger(task: TagTask, file: str) -> dict[str, float]:
    options = tagged_options(task.config, TableOptions())
    sentences, rejects, _ = read_sentences(file, options, need_tags=True, like=task.config.reading)
    require_sentences(sentences, rejects)
    found = evaluate_tagger(task, sentences)
    return {"accuracy": found.accuracy, "F1": found.f1}


def _language_model(task: GenerateTask, file: str) -> dict[str, float]:
    stored = task.config.reading
    options = DocumentOptions(
        document_separator=stored.document_separator, encoding=stored.encoding
    )
    found = read_documents((file,), options, fix_text=task.config.text.fix_text)
    row, _ = score_model(task, [Passage(each.text) for each in found.documents], seconds=0.0)
    return {f"nats a {task.unit}": row.fit.nats_per_unit}


_SCORERS: Mapping[str, Callable[[Any, str], dict[str, float]]] = {
    "classify": _classifier,
    "generate": _language_model,
    "tag": _tagger,
}
