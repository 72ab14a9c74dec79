"""From labelled texts to a trained classifier: the command line and Python share this call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.batches import TokenStore
from vartai.data.examples import Examples
from vartai.errors import InputError, OptionError
from vartai.tasks.classify.blend import fit_blend
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.evaluation import require_known_labels
from vartai.tasks.classify.metrics import indicators
from vartai.tasks.classify.ngrams import NgramPath
from vartai.tasks.classify.pretraining import pretrain_reader
from vartai.tasks.classify.problem import ClassifyProblem
from vartai.tasks.classify.start import continued_task
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.given_vectors import load_vectors
from vartai.tasks.identity import run_identity
from vartai.text.tokenizer import Tokenizer, train_tokenizer
from vartai.training.device import choose_device, use_threads
from vartai.training.loop import Outcome, train
from vartai.training.sitting import Sitting


def fit_classifier(
    config: ClassifyConfig,
    train_texts: Examples,
    valid_texts: Examples,
    *,
    sitting: Sitting,
    start: ClassifyTask | None = None,
    unlabelled: Sequence[str] = (),
) -> tuple[ClassifyTask, Outcome]:
    """Train a classifier.

    Args:
        config: of the classifier.
        train_texts: with labels.
        valid_texts: with labels; they choose the epoch and the blend.
        sitting: observers, processes, checkpoint.
        start: a trained classifier to go on from: its vocabulary is extended by the new texts, its
            labels must cover theirs.
        unlabelled: texts to pretrain on, beside those with labels.

    Returns:
        The classifier and how its training ended. If that is ``interrupted``, there is no blend
        and no n-gram path yet.

    Raises:
        InputError: fewer than two classes, a validation label that training lacks, no texts.
        OptionError: texts without labels but no pretraining, or pretraining and `start`.
    """
    _require_use(config, start, unlabelled)
    labels = _labels(train_texts) if start is None else start.labels
    require_known_labels(train_texts, labels)
    require_known_labels(valid_texts, labels)
    torch.manual_seed(config.training.seed)
    texts = [*train_texts.texts, *unlabelled]
    task = (
        _fresh_task(config, texts, labels, sitting.note)
        if start is None
        else continued_task(start, config, texts, sitting.note)
    )
    task.model.to(choose_device(config.training.device))
    identity = run_identity(config, _rows(train_texts), _rows(valid_texts), unlabelled)
    if config.pretraining.pretrain:
        pretrained = pretrain_reader(task, texts, sitting=sitting, identity=identity)
        if pretrained is not None and pretrained.reason == "interrupted":
            return task, pretrained
    truth = indicators(valid_texts.labels, labels)
    _note_unknown(task.tokenizer, train_texts.texts, sitting.note)
    read, valid = task.read(train_texts.texts), task.read(valid_texts.texts)
    with use_threads(config.training.threads):
        outcome = train(
            ClassifyProblem(task, read, indicators(train_texts.labels, labels), valid, truth),
            config.training,
            sitting=replace(sitting, resume=sitting.resume_training),
            identity=identity,
            schedule=config.pretraining.schedule(),
        )
    if outcome.reason == "interrupted":
        return task, outcome
    wide = _fit_wide(config, train_texts, labels) if config.model.wide else None
    return _blended(task, wide, valid, texts=valid_texts.texts, truth=truth), outcome


def _blended(
    task: ClassifyTask,
    wide: NgramPath | None,
    store: TokenStore,
    *,
    texts: Sequence[str],
    truth: NDArray[np.bool_],
) -> ClassifyTask:
    """The task with its n-gram path, and both weighed by these texts, which `store` holds read."""
    wide_scores = None if wide is None else wide.scores(texts)
    recurrent = task.recurrent_scores(store)
    blend = fit_blend(recurrent, wide_scores, truth, multilabel=task.multilabel)
    return replace(task, wide=wide, blend=blend)


def _require_use(
    config: ClassifyConfig, start: ClassifyTask | None, unlabelled: Sequence[str]
) -> None:
    if unlabelled and not config.pretraining.pretrain:
        raise OptionError("texts without labels are for pretraining, which was not asked for")
    if start is not None and config.pretraining.pretrain:
        raise OptionError("a model to go on from knows its language already: leave pretrain out")


def _labels(examples: Examples) -> tuple[str, ...]:
    labels = tuple(sorted({label for row in examples.labels for label in row}))
    if len(labels) < 2:
        found = f"only {labels[0]!r}" if labels else "none"
        raise InputError(f"expected at least two classes, found {found}", file=examples.file)
    return labels


def _fresh_task(
    config: ClassifyConfig,
    texts: Sequence[str],
    labels: tuple[str, ...],
    note: Callable[[str], None],
) -> ClassifyTask:
    tokenizer = train_tokenizer(texts, config.text)
    model = build_classifier(
        config.model,
        vocabulary_size=tokenizer.size,
        unknown_id=tokenizer.unknown_id,
        classes=len(labels),
        affixes=config.text.affixes,
    )
    if config.model.embeddings is not None:
        tokens = tokenizer.tokens(range(tokenizer.size))
        path = Path(config.model.embeddings)
        load_vectors(model.vectors.embedding, tokens, path, note, things="tokens")
    return ClassifyTask(config, labels, tokenizer, model)


def _note_unknown(tokenizer: Tokenizer, texts: Sequence[str], note: Callable[[str], None]) -> None:
    unknown = sum(int((ids == tokenizer.unknown_id).all()) for ids in tokenizer.encode_ids(texts))
    if unknown:
        note(f"{unknown:,} training texts hold no known token")


def _fit_wide(config: ClassifyConfig, examples: Examples, labels: tuple[str, ...]) -> NgramPath:
    truth = indicators(examples.labels, labels)
    targets: NDArray[np.int64] | NDArray[np.bool_] = truth
    if config.table.label_separator is None:
        targets = truth.argmax(1)
    return NgramPath.fit(examples.texts, targets, classes=len(labels))


def _rows(examples: Examples) -> Iterator[list[str]]:
    for text, labels in zip(examples.texts, examples.labels, strict=True):
        yield [text, *labels]
