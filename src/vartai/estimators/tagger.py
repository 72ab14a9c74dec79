"""A tagger in Python: sentences of words in, a tag for each word out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from vartai.bundle.card import render_card
from vartai.bundle.trained import SavedTask, save_task
from vartai.data.options import SplitOptions
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import Sentences, split_sentences
from vartai.errors import InputError
from vartai.estimators.parameters import Parameters
from vartai.estimators.sentences import read_sentences
from vartai.estimators.texts import read_texts
from vartai.estimators.tracing import TraceOptions, trace_texts
from vartai.inspect.cuts.tag import cut_sentences
from vartai.inspect.selection import Selection, Units
from vartai.inspect.trace import MAX_TOKENS, Trace, trace_cut
from vartai.stream.opening import open_stream
from vartai.stream.stream import Stream
from vartai.stream.tag import Tagged
from vartai.tasks.card_facts import CardFacts, run_facts
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.tasks.tag.card import USAGE, model_facts
from vartai.tasks.tag.config import TagConfig, TaggerOptions, TagTextOptions, TagTrainingOptions
from vartai.tasks.tag.evaluation import evaluate
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.results import scores_as_mapping
from vartai.tasks.tag.task import TagTask
from vartai.training.events import Observer
from vartai.training.loop import Outcome, history_as_values
from vartai.training.sitting import Sitting, ignore

_LIMITS = (
    "The scores are those of the sentences that chose the epoch, so they flatter a little: judge "
    "by sentences that training never saw.",
    "It was trained without a baseline beside it.",
    "Words must come cut as in training: another way of cutting them is another language.",
)


# The arguments are called X and y because scikit-learn calls them so.
# ruff: noqa: N803
TAGGER = Parameters(
    TagConfig,
    {
        ("reading", "column"): "tags come as values, not in a named column",
        ("reading", "words"): "words come as values, not in a named column",
        ("reading", "format"): "no file is read",
        ("reading", "encoding"): "Python's texts are decoded",
        ("reading", "max_words"): "guards against misread files; no file is read",
        ("split", "test_share"): "the caller holds the test sentences and calls `score`",
        ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
    },
)
"""Which options of the configuration are parameters, and why the others are not."""


@dataclass(kw_only=True, eq=False, repr=False)
class Tagger(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learns to tag the words of sentences: a recurrent network in `fit` and `predict`.

    The parameters and their defaults are those of `vartai train tag`. They are described where they
    are defined: in `TaggerOptions`, `TagTextOptions` and `TrainingOptions`, with ``input_column``
    from `TaggedOptions` and ``valid_share`` from `SplitOptions`. `fit` checks them.

    A sentence is a list of words, its tags a list of as many texts. With ``input_column``, which
    names what else is known of each word, a word is a tuple: itself and those values.

    Attributes:
        tags_: the tags, sorted.
        history_: an `EpochDone` for each epoch; not after `load`.
        notes_: what `fit` noticed about the sentences, in sentences; not after `load`.
        metrics_: what was measured: for one, ``valid`` holds the scores on the validation part.
        card_: the model card that `save` writes, in Markdown.
        task_: the trained network with all it needs to read sentences.

    Example:
        >>> sentences = [["a", noun] for noun in ("cat", "dog", "cow", "hen")]
        >>> sentences += [["to", verb] for verb in ("go", "run", "sit", "eat")]
        >>> tags = [["DET", "NOUN"]] * 4 + [["PART", "VERB"]] * 4
        >>> tagger = Tagger(hidden_size=8, epochs=2, valid_share=0.25).fit(sentences, tags)
        >>> [len(row) for row in tagger.predict([["a", "fox"], ["to"]])]
        [2, 1]
        >>> tagger.tags_
        ('DET', 'NOUN', 'PART', 'VERB')
    """

    input_column: tuple[str, ...] = TaggedOptions.input_column

    cell: str = TaggerOptions.cell
    layers: int = TaggerOptions.layers
    bidirectional: bool = TaggerOptions.bidirectional
    hidden_size: int = TaggerOptions.hidden_size
    embedding_size: int = TaggerOptions.embedding_size
    character_embedding_size: int = TaggerOptions.character_embedding_size
    character_size: int = TaggerOptions.character_size
    column_size: int = TaggerOptions.column_size
    affixes: int = TaggerOptions.affixes
    crf: bool = TaggerOptions.crf
    scheme: str = TaggerOptions.scheme
    word_dropout: float = TaggerOptions.word_dropout
    input_dropout: float = TaggerOptions.input_dropout
    layer_dropout: float = TaggerOptions.layer_dropout
    output_dropout: float = TaggerOptions.output_dropout
    embeddings: str | None = TaggerOptions.embeddings

    lowercase: bool = TagTextOptions.lowercase
    vocabulary_size: int = TagTextOptions.vocabulary_size
    min_frequency: int = TagTextOptions.min_frequency
    max_characters: int = TagTextOptions.max_characters

    pretrain: bool = PretrainingOptions.pretrain
    pretrain_epochs: int = PretrainingOptions.pretrain_epochs
    pretrain_time: str | None = PretrainingOptions.pretrain_time
    pretrain_rate: float = PretrainingOptions.pretrain_rate
    pretrain_dropout: float = PretrainingOptions.pretrain_dropout
    samples: int = PretrainingOptions.samples
    slower: float = PretrainingOptions.slower
    gradual: bool = PretrainingOptions.gradual

    epochs: int = TagTrainingOptions.epochs
    time: str | None = TagTrainingOptions.time
    patience: int = TagTrainingOptions.patience
    learning_rate: float = TagTrainingOptions.learning_rate
    warmup: int = TagTrainingOptions.warmup
    batch_size: int | None = TagTrainingOptions.batch_size
    batch_tokens: int = TagTrainingOptions.batch_tokens
    clip: float = TagTrainingOptions.clip
    weight_decay: float = TagTrainingOptions.weight_decay
    label_smoothing: float = TagTrainingOptions.label_smoothing
    averaging: float = TagTrainingOptions.averaging
    threads: int | None = TagTrainingOptions.threads
    device: str = TagTrainingOptions.device
    seed: int = TagTrainingOptions.seed

    valid_share: float = SplitOptions.valid_share

    def fit(
        self,
        X: object,
        y: object,
        *,
        valid: tuple[object, object] | None = None,
        unlabelled: object | None = None,
        observer: Observer = ignore,
    ) -> Tagger:
        """Train.

        Args:
            X: sentences.
            y: tags of each.
            valid: sentences and tags that choose the best epoch. If not given, ``valid_share`` of
                `X` is held out for it, with equal sentences on one side.
            unlabelled: further sentences, for ``pretrain``.
            observer: told of every step and epoch, for a progress bar of your own.

        Returns:
            This tagger. If training was interrupted (Ctrl-C) it is as it was before.

        Raises:
            InputError: sentences or tags are not what was expected; names the position.
            OptionError: a parameter has the wrong type or is out of bounds.
            RunError: training diverged.
            KeyboardInterrupt: Ctrl-C.
        """
        config = TAGGER.to_config(self.get_params(deep=False))
        columns = len(config.reading.input_column)
        train = read_sentences(X, y, columns=columns, names=("X", "y"))
        train, held_out = _hold_out(config, train, valid)
        names = ("unlabelled", "tags")
        further = (
            None
            if unlabelled is None
            else read_sentences(unlabelled, None, columns=columns, names=names)
        )
        notes: list[str] = []
        # What else the program draws at random is not our business.
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            sitting = Sitting(observer=observer, note=notes.append)
            task, outcome = fit_tagger(config, train, held_out, sitting=sitting, unlabelled=further)
        if outcome.reason == "interrupted":
            raise KeyboardInterrupt
        metrics = _measure(task, outcome, held_out)
        card = _describe(task, outcome, metrics, train=train, valid=held_out)
        self._take(SavedTask("tag", task, metrics, card))
        self.history_ = outcome.history
        self.notes_ = notes
        return self

    def predict(self, X: object) -> list[list[str]]:
        """For each sentence the tags of its words.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: sentences are not what was expected; names the position.
        """
        check_is_fitted(self)
        columns = len(self.task_.vocabulary.columns)
        sentences = read_sentences(X, None, columns=columns, names=("X", "y"))
        return [list(tags) for tags in self.task_.predict(sentences.rows)]

    def score(self, X: object, y: object) -> float:
        """F1 of spans where tags spell spans (``task_.scheme``); else the share of right tags.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: sentences or tags are not what was expected; names the position.
        """
        check_is_fitted(self)
        columns = len(self.task_.vocabulary.columns)
        sentences = read_sentences(X, y, columns=columns, names=("X", "y"))
        return evaluate(self.task_, sentences).chosen_by.value

    def stream(self, *, delay: int = 0) -> Stream[list[Tagged]]:
        """A sentence that is tagged as its words come; see `vartai.stream`.

        Args:
            delay: words after which a tag is told; of use with ``crf`` only, whose tags later words
                can change.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            OptionError: a model of which no stream can be made, such as a bidirectional one.
        """
        check_is_fitted(self)
        return open_stream("tag", self.task_, delay=delay)

    @overload  # one text is an object like several: the first that fits counts
    def trace(  # type: ignore[overload-overlap]
        self,
        X: str,
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> Trace: ...

    @overload
    def trace(
        self,
        X: object,
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> list[Trace]: ...

    def trace(
        self,
        X: object,
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> Trace | list[Trace]:
        """Every state and gate, and what the model says after each word.

        Args:
            X: a text, whose words are what stands between white space; several; or sentences as
                `predict` takes them, whose tokens then have their places in the words joined by
                blanks.
            layers: as `vartai.inspect.trace.trace` has it, like all options here.
            units: of each layer, or by the layer's name.
            gates: all, none, or some by name.
            running: whether the running prediction is wanted.
            max_tokens: of a longer text the first so many are read.

        Returns:
            The trace of the text, or of each in a list.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: a text is missing, is not text, or has no token.
            OptionError: a layer, unit or gate that is not there; lists those there are.
        """
        options = TraceOptions(Selection(layers, units, gates), running, max_tokens)
        check_is_fitted(self)
        if isinstance(X, str) or _are_texts(X):
            made = trace_texts(self.task_, read_texts([X] if isinstance(X, str) else X), options)
            return made[0] if isinstance(X, str) else made
        columns = len(self.task_.vocabulary.columns)
        rows = read_sentences(X, None, columns=columns, names=("X", "y")).rows
        whole = cut_sentences(self.task_, rows, max_tokens=max_tokens)
        texts = [" ".join(row.words) for row in rows]
        return trace_cut(whole, texts, options.selection, running=running)

    def save(self, path: str | Path) -> None:
        """Write a bundle; an older one at its place survives any failure.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            SaveError: it could not be written, or something that is no bundle is in the way.
        """
        check_is_fitted(self)
        save_task(Path(path), "tag", self.task_, metrics=self.metrics_, card=self.card_)

    @classmethod
    def from_saved(cls, saved: SavedTask) -> Tagger:
        """A fitted tagger around a task that was read from a bundle."""
        tagger = cls(**TAGGER.of_config(saved.task.config))
        tagger._take(saved)
        return tagger

    def _take(self, trained: SavedTask) -> None:
        """Become the tagger that was trained."""
        self.task_: TagTask = trained.task
        self.metrics_ = trained.metrics
        self.card_ = trained.card
        self.tags_ = trained.task.tags


def _are_texts(values: object) -> bool:
    """Whether these are texts, not sentences that come as lists of words."""
    several = isinstance(values, list | tuple)
    return several and all(isinstance(value, str) for value in values)  # type: ignore[attr-defined]


def _hold_out(
    config: TagConfig, sentences: Sentences, valid: tuple[object, object] | None
) -> tuple[Sentences, Sentences]:
    """Sentences to learn from, and others to choose the epoch by."""
    if valid is None:
        share = config.split.valid_share
        fractions = (1 - share, share)
        train, held_out = split_sentences(sentences, fractions=fractions, seed=config.training.seed)
        return train, held_out
    if not isinstance(valid, tuple | list) or len(valid) != 2:
        raise InputError(f"valid: expected a pair of sentences and tags, found {valid!r:.60}")
    names = ("valid[0]", "valid[1]")
    columns = len(config.reading.input_column)
    return sentences, read_sentences(valid[0], valid[1], columns=columns, names=names)


def _measure(task: TagTask, outcome: Outcome, valid: Sentences) -> dict[str, Any]:
    found = evaluate(task, valid)
    return {
        "seconds": round(outcome.seconds, 3),
        "parameters": sum(value.numel() for value in task.model.parameters()),
        "measure": found.measure,
        "valid": scores_as_mapping(found),
        "best_epoch": outcome.best_epoch,
        "stopped_by": outcome.reason,
        "history": history_as_values(outcome),
    }


def _describe(
    task: TagTask,
    outcome: Outcome,
    metrics: dict[str, Any],
    *,
    train: Sentences,
    valid: Sentences,
) -> str:
    shown = [name for name in ("accuracy", "f1", "unseen_accuracy") if name in metrics["valid"]]
    facts = CardFacts(
        tags=[task.config.model.cell],
        usage=USAGE,
        data={
            "sentences to train on": len(train),
            "sentences to choose the epoch by": len(valid),
            "tags": ", ".join(task.tags[:20]) + (" …" if len(task.tags) > 20 else ""),
        },
        training={
            **model_facts(task.config, task.scheme),
            "parameters": int(metrics["parameters"]),
            **run_facts(task.config.training, outcome, seconds=metrics["seconds"]),
        },
        metrics={name: metrics["valid"][name] for name in shown},
        baselines={},
        limits=_LIMITS,
    )
    return render_card(f"Tagger ({task.config.model.cell})", "tag", facts)
