"""A text classifier that follows scikit-learn's conventions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from vartai.bundle.trained import SavedTask
from vartai.data.options import SplitOptions, TableOptions
from vartai.estimators.columns import require_same_length
from vartai.estimators.examples import hold_texts_out, read_examples
from vartai.estimators.labels import Labels, read_labels
from vartai.estimators.parameters import Parameters
from vartai.estimators.texts import mend_texts, read_texts
from vartai.estimators.tracing import TraceOptions, trace_texts
from vartai.estimators.trained import Trained, learn
from vartai.inspect.selection import Selection, Units
from vartai.inspect.trace import MAX_TOKENS, Trace
from vartai.inspect.words.explain import Explanation, explain
from vartai.stream.classify import SoFar
from vartai.stream.opening import open_stream
from vartai.stream.stream import Stream
from vartai.tasks.card_facts import Run
from vartai.tasks.classify.card import UNJUDGED, describe, first_of, sizes
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.evaluation import evaluate
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.classify.metrics import decide
from vartai.tasks.classify.results import scores_as_mapping
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.measured import run_as_mapping
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.text.options import TextOptions
from vartai.training.events import Observer
from vartai.training.options import TrainingOptions
from vartai.training.sitting import ignore

# The arguments are called X and y because scikit-learn passes them so.
# ruff: noqa: N803
CLASSIFIER = Parameters(
    ClassifyConfig,
    {
        ("table", "text"): "texts come as values, not in a named column",
        ("table", "label"): "labels come as values, not in a named column",
        ("table", "format"): "no file is read",
        ("table", "delimiter"): "no file is read",
        ("table", "header"): "no file is read",
        ("table", "encoding"): "Python's texts are decoded",
        ("table", "max_characters"): "guards against misread files; no file is read",
        ("split", "test_share"): "the caller holds the test texts and calls `score`",
        ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
    },
)
"""Which options of the configuration are parameters, and why the others are not."""


@dataclass(kw_only=True, eq=False, repr=False)
class TextClassifier(Trained[ClassifyTask], ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learns to label texts: a recurrent network in `fit` and `predict`.

    The parameters and their defaults are those of `vartai train classify`. They are described where
    they are defined: in `ClassifierOptions`, `TextOptions` and `TrainingOptions`, with
    ``label_separator`` from `TableOptions` and ``valid_share`` from `SplitOptions`. `fit` checks
    them.

    Texts come as a list, or as an array, series or one-column frame of NumPy, pandas, polars or
    pyarrow. Labels are texts, whole numbers or truth values. If a text can have several labels (or
    none), give ``label_separator``; each label is then a list, tuple or set, or a text with the
    separator between the labels (what scikit-learn's splitters need).

    Attributes:
        classes_: the labels, sorted, of the type that they were given in. A bundle keeps labels as
            text, so after `load` they are texts, sorted as such.
        history_: an `EpochDone` for each epoch; not after `load`.
        notes_: what `fit` noticed about the texts, in sentences; not after `load`.
        metrics_: what was measured: for one, ``valid`` holds the scores on the validation texts.
        card_: the model card that `save` writes, in Markdown.
        task_: the trained network with all it needs to read text.

    Example:
        >>> texts = ["good", "so good", "good !", "is good", "very good"]
        >>> texts += [text.replace("good", "bad") for text in texts]
        >>> labels = [1] * 5 + [0] * 5
        >>> classifier = TextClassifier(hidden_size=8, epochs=2, valid_share=0.2)
        >>> classifier.fit(texts, labels).predict_proba(["good"]).shape
        (1, 2)
        >>> classifier.classes_
        array([0, 1])
    """

    TASK = "classify"
    PARAMETERS = CLASSIFIER

    cell: str = ClassifierOptions.cell
    layers: int = ClassifierOptions.layers
    bidirectional: bool = ClassifierOptions.bidirectional
    hidden_size: int = ClassifierOptions.hidden_size
    embedding_size: int = ClassifierOptions.embedding_size
    pool: str = ClassifierOptions.pool
    segment: int | None = ClassifierOptions.segment
    word_dropout: float = ClassifierOptions.word_dropout
    embedding_dropout: float = ClassifierOptions.embedding_dropout
    layer_dropout: float = ClassifierOptions.layer_dropout
    output_dropout: float = ClassifierOptions.output_dropout
    embeddings: str | None = ClassifierOptions.embeddings
    wide: bool = ClassifierOptions.wide
    class_weights: str = ClassifierOptions.class_weights

    unit: str = TextOptions.unit
    lowercase: bool = TextOptions.lowercase
    vocabulary_size: int = TextOptions.vocabulary_size
    min_frequency: int = TextOptions.min_frequency
    max_tokens: int = TextOptions.max_tokens
    affixes: int = TextOptions.affixes
    fix_text: bool = TextOptions.fix_text

    pretrain: bool = PretrainingOptions.pretrain
    pretrain_epochs: int = PretrainingOptions.pretrain_epochs
    pretrain_time: str | None = PretrainingOptions.pretrain_time
    pretrain_rate: float = PretrainingOptions.pretrain_rate
    pretrain_batch_tokens: int = PretrainingOptions.pretrain_batch_tokens
    pretrain_dropout: float = PretrainingOptions.pretrain_dropout
    samples: int = PretrainingOptions.samples
    slower: float = PretrainingOptions.slower
    gradual: bool = PretrainingOptions.gradual

    epochs: int = TrainingOptions.epochs
    time: str | None = TrainingOptions.time
    patience: int = TrainingOptions.patience
    learning_rate: float = TrainingOptions.learning_rate
    warmup: int = TrainingOptions.warmup
    batch_size: int | None = TrainingOptions.batch_size
    batch_tokens: int = TrainingOptions.batch_tokens
    clip: float = TrainingOptions.clip
    weight_decay: float = TrainingOptions.weight_decay
    label_smoothing: float = TrainingOptions.label_smoothing
    averaging: float = TrainingOptions.averaging
    threads: int | None = TrainingOptions.threads
    device: str = TrainingOptions.device
    seed: int = TrainingOptions.seed

    label_separator: str | None = TableOptions.label_separator
    valid_share: float = SplitOptions.valid_share

    def fit(
        self,
        X: object,
        y: object,
        *,
        valid: tuple[object, object] | None = None,
        unlabelled: object | None = None,
        observer: Observer = ignore,
    ) -> TextClassifier:
        """Train.

        Args:
            X: texts.
            y: a label for each.
            valid: texts and labels that choose the best epoch. If not given, ``valid_share`` of `X`
                is held out for it: by label, with equal texts on one side.
            unlabelled: further texts, for ``pretrain``.
            observer: told of every step and epoch, for a progress bar of your own.

        Returns:
            This classifier. If training was interrupted (Ctrl-C) it is as it was before.

        Raises:
            InputError: texts or labels are not what was expected; names the position.
            OptionError: a parameter has the wrong type or is out of bounds.
            RunError: training diverged.
            KeyboardInterrupt: Ctrl-C.
        """
        config = CLASSIFIER.to_config(self.get_params(deep=False))
        notes: list[str] = []
        examples, labels = read_examples(config, X, y, names=("X", "y"), note=notes.append)
        further = () if unlabelled is None else read_texts(unlabelled, name="unlabelled")
        train, held_out = hold_texts_out(config, examples, labels, valid, note=notes.append)
        task, outcome = learn(
            lambda sitting: fit_classifier(
                config, train, held_out, sitting=sitting, unlabelled=further
            ),
            observer,
            notes,
        )
        scores = {"valid": scores_as_mapping(evaluate(task, held_out))}
        metrics = run_as_mapping(task, outcome, scores, seconds=outcome.seconds)
        data = {**sizes(train, held_out), "labels": first_of(task.labels)}
        run = Run(task, outcome, metrics, data, UNJUDGED)
        title = f"Text classifier ({config.model.cell})"
        self._become(run, describe(run), title=title, notes=notes)
        self._know(labels)
        return self

    def predict(self, X: object) -> NDArray[Any]:
        """``[texts]``. The likeliest class of each text.

        With ``label_separator`` each is a tuple: all labels with a probability above one half.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: a text is missing or not text.
        """
        chosen = decide(self.predict_proba(X), multilabel=self._multilabel)
        if not self._multilabel:
            return np.asarray(self.classes_[chosen.argmax(1)])
        predicted = np.empty(len(chosen), dtype=object)
        predicted[:] = [tuple(self.classes_[row].tolist()) for row in chosen]
        return predicted

    def predict_proba(self, X: object) -> NDArray[np.float64]:
        """``[texts, classes]``. Probabilities, columns as in `classes_`.

        Rows add up to 1, except with ``label_separator``, where each label stands for itself.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: a text is missing or not text.
        """
        task = self._fitted()
        texts = read_texts(X)
        if task.config.text.fix_text:
            texts, _ = mend_texts(texts)
        return task.probabilities(texts)[:, self._columns]

    def score(self, X: object, y: object, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy: the share of texts of which exactly the right labels were predicted.

        A label that was not there in training counts as predicted wrong.

        Args:
            X: texts.
            y: a label for each.
            sample_weight: ``[texts]``. How much each counts; all the same if not given.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: texts or labels are not what was expected.
        """
        chosen = decide(self.predict_proba(X), multilabel=self._multilabel)
        truth = read_labels(y, separator=self.task_.config.table.label_separator)
        require_same_length(chosen, truth.rows, name="y")
        names = np.array(self._names)
        pairs = zip(chosen, truth.rows, strict=True)
        right = np.array([set(names[row].tolist()) == set(labels) for row, labels in pairs])
        weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return float(np.average(right, weights=weights))

    def stream(self) -> Stream[SoFar]:
        """A text that is read as it comes, in fragments; see `vartai.stream`.

        Its probabilities are called by the labels' texts. The weights are copied: fitting again
        changes nothing there.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            OptionError: a model of which no stream can be made, such as a bidirectional one.
        """
        return open_stream("classify", self._fitted())

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
        """Every state and gate, and what the model says after each token.

        Args:
            X: a text, or several as `predict` takes them.
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
        texts = read_texts([X] if isinstance(X, str) else X)
        notes: list[str] = []
        if task.config.text.fix_text:
            texts, notes = mend_texts(texts)
        made = trace_texts(task, texts, options, notes=notes)
        return made[0] if isinstance(X, str) else made

    def explain(
        self,
        text: str,
        *,
        label: str | None = None,
        against: str | None = None,
        methods: Sequence[str] | None = None,
        baseline: str = "zero",
    ) -> Explanation:
        """What each word did to the prediction, by several methods side by side.

        Args:
            text: to explain.
            label: text of the label whose score is explained; the likeliest if not given.
            against: the label that it is preferred to; the likeliest other if not given.
            methods: ``running``, ``gradients``, ``decomposition``, ``left-out``; all that this
                model allows if not given. `docs/pairs.md` says what each means.
            baseline: of integrated gradients: ``zero`` or ``unknown``.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: a text without any token.
            OptionError: a name that is not known, or a method that this model does not allow.
        """
        task = self._fitted()
        [read] = read_texts([text])
        if task.config.text.fix_text:
            [read], _ = mend_texts([read])
        return explain(task, read, label=label, against=against, methods=methods, baseline=baseline)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    @property
    def _multilabel(self) -> bool:
        return self.task_.multilabel

    def _take(self, trained: SavedTask) -> None:
        super()._take(trained)
        names = tuple(sorted(trained.task.labels))
        self._know(Labels(rows=[], classes=np.array(names), names=names))

    def _know(self, labels: Labels) -> None:
        """Call the network's classes what these labels are."""
        self.classes_ = labels.classes
        self._names = labels.names
        # The network's classes are in the order of their texts: 10 before 2.
        self._columns = [self.task_.labels.index(name) for name in labels.names]
