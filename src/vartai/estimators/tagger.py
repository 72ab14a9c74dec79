"""A tagger in Python: sentences of words in, a tag for each word out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from sklearn.base import BaseEstimator

from vartai.bundle.trained import SavedTask
from vartai.data.options import SplitOptions
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import Sentences, split_sentences
from vartai.estimators.parameters import Parameters
from vartai.estimators.sentences import read_sentences
from vartai.estimators.texts import read_texts
from vartai.estimators.tracing import TraceOptions, trace_texts
from vartai.estimators.trained import Trained, hold_out, learn
from vartai.inspect.cuts.tag import cut_sentences
from vartai.inspect.selection import Selection, Units
from vartai.inspect.trace import MAX_TOKENS, Trace, trace_cut
from vartai.stream.opening import open_stream
from vartai.stream.stream import Stream
from vartai.stream.tag import Tagged
from vartai.tasks.card_facts import Run
from vartai.tasks.measured import run_as_mapping
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.tasks.tag.card import UNJUDGED, describe, sizes
from vartai.tasks.tag.config import TagConfig, TaggerOptions, TagTextOptions, TagTrainingOptions
from vartai.tasks.tag.evaluation import evaluate
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.results import scores_as_mapping
from vartai.tasks.tag.task import TagTask
from vartai.training.events import Observer
from vartai.training.sitting import ignore

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
class Tagger(Trained[TagTask], BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
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

    TASK = "tag"
    PARAMETERS = TAGGER

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
    pretrain_batch_tokens: int = PretrainingOptions.pretrain_batch_tokens
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
        share, seed = config.split.valid_share, config.training.seed

        def read(words: object, tags: object, names: tuple[str, str]) -> Sentences:
            return read_sentences(words, tags, columns=columns, names=names)

        train, held_out = hold_out(
            read(X, y, ("X", "y")),
            valid,
            split=lambda found: split_sentences(found, fractions=(1 - share, share), seed=seed),
            read=read,
            both="a pair of sentences and tags",
        )
        further = None if unlabelled is None else read(unlabelled, None, ("unlabelled", "tags"))
        notes: list[str] = []
        task, outcome = learn(
            lambda sitting: fit_tagger(
                config, train, held_out, sitting=sitting, unlabelled=further
            ),
            observer,
            notes,
        )
        found = evaluate(task, held_out)
        scores = {"measure": found.measure, "valid": scores_as_mapping(found)}
        metrics = run_as_mapping(task, outcome, scores, seconds=outcome.seconds)
        tags = {"tags": ", ".join(task.tags[:20]) + (" …" if len(task.tags) > 20 else "")}
        run = Run(task, outcome, metrics, {**sizes(train, held_out), **tags}, UNJUDGED)
        title = f"Tagger ({config.model.cell})"
        return self._become(run, describe(run), title=title, notes=notes)

    def predict(self, X: object) -> list[list[str]]:
        """For each sentence the tags of its words.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: sentences are not what was expected; names the position.
        """
        task = self._fitted()
        columns = len(task.vocabulary.columns)
        sentences = read_sentences(X, None, columns=columns, names=("X", "y"))
        return [list(tags) for tags in task.predict(sentences.rows)]

    def score(self, X: object, y: object) -> float:
        """F1 of spans where tags spell spans (``task_.scheme``); else the share of right tags.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: sentences or tags are not what was expected; names the position.
        """
        task = self._fitted()
        columns = len(task.vocabulary.columns)
        sentences = read_sentences(X, y, columns=columns, names=("X", "y"))
        return evaluate(task, sentences).chosen_by.value

    def stream(self, *, delay: int = 0) -> Stream[list[Tagged]]:
        """A sentence that is tagged as its words come; see `vartai.stream`.

        Args:
            delay: words after which a tag is told; of use with ``crf`` only, whose tags later words
                can change.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            OptionError: a model of which no stream can be made, such as a bidirectional one.
        """
        return open_stream("tag", self._fitted(), delay=delay)

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
        task = self._fitted()
        if isinstance(X, str) or _are_texts(X):
            made = trace_texts(task, read_texts([X] if isinstance(X, str) else X), options)
            return made[0] if isinstance(X, str) else made
        columns = len(task.vocabulary.columns)
        rows = read_sentences(X, None, columns=columns, names=("X", "y")).rows
        whole = cut_sentences(task, rows, max_tokens=max_tokens)
        texts = [" ".join(row.words) for row in rows]
        return trace_cut(whole, texts, options.selection, running=running)

    def _take(self, trained: SavedTask) -> None:
        super()._take(trained)
        self.tags_ = trained.task.tags


def _are_texts(values: object) -> bool:
    """Whether these are texts, not sentences that come as lists of words."""
    several = isinstance(values, list | tuple)
    return several and all(isinstance(value, str) for value in values)  # type: ignore[attr-defined]
