"""What a model of each task reads, and what it answers, as JSON.

`prepare` checks inputs where they came in, before anything waits; `compute` answers them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from vartai.errors import InputError
from vartai.estimators.questions import read_pairs
from vartai.estimators.sentences import read_sentences
from vartai.estimators.texts import mend_texts, read_texts
from vartai.tasks.answer.texts import Asked
from vartai.tasks.classify.metrics import decide
from vartai.text.cutting import cut_words

Answer = dict[str, Any]
DIGITS = 6
"""Of a probability in an answer: what a text's company in a batch cannot change."""


class Verb(NamedTuple):
    """How a task answers inputs.

    Attributes:
        reads: what an input is, as a message says it.
        prepare: inputs to what `compute` takes; raises `InputError` with the place of a fault.
        compute: many at once.
    """

    reads: str
    prepare: Callable[[Any, Sequence[Any]], Sequence[Any]]
    compute: Callable[[Any, Sequence[Any]], Sequence[Answer]]


def _texts(task: Any, inputs: Sequence[Any]) -> Sequence[str]:
    del task
    return read_texts(list(inputs), name="inputs")


def _classify(task: Any, texts: Sequence[str]) -> Sequence[Answer]:
    if task.config.text.fix_text:
        texts, _ = mend_texts(texts)
    shares = task.probabilities(texts)
    names = np.array(task.labels, dtype=object)
    answers = []
    for row, chosen in zip(shares, decide(shares, multilabel=task.multilabel), strict=True):
        labels = names[chosen].tolist()
        shown = dict(zip(task.labels, row.round(DIGITS).tolist(), strict=True))
        answers.append({"label": labels if task.multilabel else labels[0], "probabilities": shown})
    return answers


def _sentences(task: Any, inputs: Sequence[Any]) -> Sequence[Any]:
    words = [cut_words(each) if isinstance(each, str) else each for each in inputs]
    columns = len(task.vocabulary.columns)
    return read_sentences(words, None, columns=columns, names=("inputs", "")).rows


def _tag(task: Any, sentences: Sequence[Any]) -> Sequence[Answer]:
    return [
        {"words": list(sentence.words), "tags": list(tags)}
        for sentence, tags in zip(sentences, task.predict(sentences), strict=True)
    ]


def _translate(task: Any, texts: Sequence[str]) -> Sequence[Answer]:
    return [{"text": found.text, "cut": found.cut} for found in task.translate(texts)]


def _questions(task: Any, inputs: Sequence[Any]) -> Sequence[Asked]:
    most = task.config.questions.max_characters
    pairs = []
    for place, each in enumerate(inputs):
        if not isinstance(each, Mapping):
            raise InputError(f"inputs[{place}]: expected a context and a question, found a text")
        pairs.append((each["context"], each["question"]))
    return [Asked(*pair) for pair in read_pairs(pairs, name="inputs", max_characters=most)]


def _answer(task: Any, asked: Sequence[Asked]) -> Sequence[Answer]:
    answers = []
    for (reply,) in task.replies(asked, count=1):
        answers.append({**reply._asdict(), "confidence": round(reply.confidence, DIGITS)})
    return answers


VERBS: Mapping[str, Verb] = {
    "answer": Verb("an object with context and question", _questions, _answer),
    "classify": Verb("a text", _texts, _classify),
    "tag": Verb("a text, or a list of words", _sentences, _tag),
    "translate": Verb("a text", _texts, _translate),
}
"""Task → how it answers inputs. Language models write instead; see `writing`."""
