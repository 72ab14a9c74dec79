"""How good predicted tags are: one set of scores for models and baselines alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.fields import NONE
from vartai.data.tagged.sentences import Sentences
from vartai.errors import InputError
from vartai.tasks.tag.metrics import (
    Ratio,
    TagScore,
    span_f1,
    span_scores,
    tag_scores,
    word_accuracy,
)
from vartai.tasks.tag.task import TagTask

Seen = Callable[[str], bool]
Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TagEvaluation:
    """Scores on some sentences.

    Args:
        measure: what taggers are compared by: f1 of spans where tags spell spans, else accuracy.
        chosen_by: that measure.
        accuracy: share of words with the right tag.
        f1: F1 of whole spans where tags spell spans; else the mean over tags of F1.
        unseen_accuracy: accuracy on words that training did not have, case aside; None without any.
        unseen: how many such words there are.
        feature_accuracy: for a feature, accuracy on the words that have one; else None.
        words: scored.
        tags: scores of each tag, or of each kind of span.
    """

    measure: str
    chosen_by: Ratio
    accuracy: float
    f1: float
    unseen_accuracy: float | None
    unseen: int
    feature_accuracy: float | None
    words: int
    tags: list[TagScore]


def evaluate_tags(
    sentences: Sequence[Sentence],
    chosen: Sequence[Sequence[str]],
    *,
    scheme: str,
    has_seen: Seen,
    is_feature: bool,
) -> TagEvaluation:
    """Score tags that were chosen for sentences whose true tags are known.

    Args:
        sentences: with tags.
        chosen: for each as many tags.
        scheme: none, bio or iobes.
        has_seen: whether training had a word.
        is_feature: the tags are values of a feature, and ``_`` says that a word has none.
    """
    truth = [sentence.tags for sentence in sentences]
    accuracy = word_accuracy(truth, chosen)
    if scheme == "none":
        by, tags = accuracy, tag_scores(truth, chosen)
        f1 = float(np.mean([score.f1 for score in tags])) if tags else 0.0
    else:
        by, tags = span_f1(truth, chosen), span_scores(truth, chosen)
        f1 = by.value
    seen = {word: has_seen(word) for sentence in sentences for word in sentence.words}
    right = [
        (one == other, not seen[word], one != NONE)
        for sentence, row in zip(sentences, chosen, strict=True)
        for word, one, other in zip(sentence.words, sentence.tags, row, strict=True)
    ]
    table = np.array(right, dtype=bool).reshape(-1, 3)
    return TagEvaluation(
        measure="accuracy" if scheme == "none" else "f1",
        chosen_by=by,
        accuracy=accuracy.value,
        f1=f1,
        unseen_accuracy=_share(table[:, 0], table[:, 1]),
        unseen=int(table[:, 1].sum()),
        feature_accuracy=_share(table[:, 0], table[:, 2]) if is_feature else None,
        words=len(table),
        tags=tags,
    )


def evaluate(task: TagTask, sentences: Sentences) -> TagEvaluation:
    """Score a tagger on sentences with tags.

    A true tag that the model does not have counts as wrong.
    """
    return evaluate_tags(
        sentences.rows,
        task.predict(sentences.rows),
        scheme=task.scheme,
        has_seen=task.vocabulary.has_seen,
        is_feature=is_feature(task),
    )


def is_feature(task: TagTask) -> bool:
    """Whether the tags are values of a feature, as feats:Gender."""
    return ":" in (task.config.reading.column or "")


def require_tags(sentences: Sentences) -> None:
    """Refuse sentences without any, or of one tag only.

    Raises:
        InputError: fewer than two different tags.
    """
    tags = sorted({tag for row in sentences.rows for tag in row.tags})
    if len(tags) < 2:
        found = f"only {tags[0]!r}" if tags else "none"
        raise InputError(
            f"expected at least two different tags, found {found}", file=sentences.file
        )


def _share(right: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
    return float(right[among].mean()) if among.any() else None
