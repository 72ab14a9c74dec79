"""From tagged sentences to a trained tagger: the command line and Python share this call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.sentences import Sentences
from vartai.errors import InputError, OptionError
from vartai.tasks.given_vectors import load_vectors
from vartai.tasks.identity import run_identity
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.evaluation import require_tags
from vartai.tasks.tag.pretraining import pretrain_reader
from vartai.tasks.tag.problem import TagProblem
from vartai.tasks.tag.schemes import count_illegal, find_scheme
from vartai.tasks.tag.start import continued_task
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import GivenWords, count_given_words
from vartai.training.device import choose_device, use_threads
from vartai.training.loop import Outcome, train
from vartai.training.sitting import Sitting

Note = Callable[[str], None]


def fit_tagger(
    config: TagConfig,
    train_sentences: Sentences,
    valid_sentences: Sentences,
    *,
    sitting: Sitting,
    start: TagTask | None = None,
    unlabelled: Sentences | None = None,
) -> tuple[TagTask, Outcome]:
    """Train a tagger.

    Args:
        config: of the tagger.
        train_sentences: with tags.
        valid_sentences: with tags; they choose the epoch.
        sitting: observers, processes, checkpoint.
        start: a trained tagger to go on from: its vocabulary is extended by the new words, its tags
            must cover theirs.
        unlabelled: further sentences to pretrain on; tags they have are not read.

    Returns:
        The tagger and how its training ended.

    Raises:
        InputError: fewer than two tags, or a training tag that `start` lacks.
        OptionError: there are sentences without tags but no pretraining, or both pretraining and a
            tagger to go on from.
    """
    _require_use(config, start, unlabelled)
    torch.manual_seed(config.training.seed)
    further = [] if unlabelled is None else unlabelled.rows
    rows = [*train_sentences.rows, *further]
    vocabulary = _count(config, rows)
    if start is None:
        require_tags(train_sentences)
        task = _fresh_task(config, train_sentences, vocabulary, sitting.note)
    else:
        _require_known(train_sentences, start.tags)
        task = continued_task(start, config, vocabulary, sitting.note)
    _note_foreign_tags(valid_sentences, task.tags, sitting.note)
    task.model.to(choose_device(config.training.device))
    parts = (train_sentences.rows, valid_sentences.rows, further)
    identity = run_identity(config, *map(_values, parts))
    if config.pretraining.pretrain:
        pretrained = pretrain_reader(task, rows, sitting=sitting, identity=identity)
        if pretrained is not None and pretrained.reason == "interrupted":
            return task, pretrained
    problem = TagProblem(task, train_sentences.rows, valid_sentences.rows)
    with use_threads(config.training.threads):
        outcome = train(
            problem,
            config.training,
            sitting=replace(sitting, resume=sitting.resume_training),
            identity=identity,
            schedule=config.pretraining.schedule(),
        )
    return task, outcome


def _require_use(config: TagConfig, start: TagTask | None, unlabelled: Sentences | None) -> None:
    if unlabelled is not None and not config.pretraining.pretrain:
        raise OptionError("sentences without tags are for pretraining, which was not asked for")
    if start is not None and config.pretraining.pretrain:
        raise OptionError("a model to go on from knows its language already: leave pretrain out")


def _count(config: TagConfig, rows: Sequence[Sentence]) -> GivenWords:
    columns = range(len(config.reading.input_column))
    return count_given_words(
        (row.words for row in rows),
        [(value for row in rows for value in row.inputs[place]) for place in columns],
        lowercase=config.text.lowercase,
        max_characters=config.text.max_characters,
        vocabulary_size=config.text.vocabulary_size,
        min_frequency=config.text.min_frequency,
    )


def _fresh_task(
    config: TagConfig, sentences: Sentences, vocabulary: GivenWords, note: Note
) -> TagTask:
    tags = tuple(sorted({tag for row in sentences.rows for tag in row.tags}))
    scheme = find_scheme(config.model.scheme, sentences.rows, note)
    restricted = config.model.crf and _keeps_to(scheme, sentences, note)
    model = build_model(config, vocabulary, tags, scheme if restricted else "none")
    if config.model.embeddings is not None:
        path = Path(config.model.embeddings)
        load_vectors(model.vectors.embedding, vocabulary.tokens(), path, note, things="words")
    return TagTask(config, tags, vocabulary, model, scheme, restricted)


def _keeps_to(scheme: str, sentences: Sentences, note: Note) -> bool:
    """Whether every training sentence is legal, so that all else can be ruled out."""
    if scheme == "none":
        return False
    broken, first = count_illegal(scheme, sentences.rows)
    if broken:
        note(
            f"{broken:,} of {len(sentences):,} training sentences break the scheme {scheme} "
            f"(the first: {first}), so no transition is ruled out."
        )
    return not broken


def _require_known(sentences: Sentences, tags: tuple[str, ...]) -> None:
    known = set(tags)
    for row in sentences.rows:
        for tag in row.tags:
            if tag not in known:
                raise InputError(
                    f"tag {tag!r} is not among the model's: {', '.join(tags)}",
                    file=sentences.file,
                    line=row.line,
                )


def _note_foreign_tags(sentences: Sentences, tags: tuple[str, ...], note: Note) -> None:
    """Rare tags may be in one part only: they count as wrong there, and that is said."""
    known = set(tags)
    foreign = [tag for row in sentences.rows for tag in row.tags if tag not in known]
    if foreign:
        note(
            f"{len(foreign):,} words of {sentences.file} have tags that training lacks "
            f"({', '.join(sorted(set(foreign))[:5])}); they count as wrong."
        )


def _values(rows: Sequence[Sentence]) -> Iterator[list[object]]:
    for row in rows:
        yield [row.words, row.tags, row.inputs]
