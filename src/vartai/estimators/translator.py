"""A translator in Python: texts in, texts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sklearn.base import BaseEstimator

from vartai.data.pair_options import PairOptions
from vartai.data.parallel import Pair, Parallel, split_parallel
from vartai.errors import InputError
from vartai.estimators.parameters import Parameters
from vartai.estimators.texts import read_texts
from vartai.estimators.trained import Trained, hold_out, learn
from vartai.inspect.selection import Selection, Units
from vartai.inspect.trace import MAX_TOKENS, Trace
from vartai.inspect.translation import trace_translation
from vartai.tasks.card_facts import Run
from vartai.tasks.measured import run_as_mapping
from vartai.tasks.translate.card import UNJUDGED, describe, sizes
from vartai.tasks.translate.config import (
    ChoiceOptions,
    PieceOptions,
    TranslateConfig,
    TranslatorOptions,
    TranslatorTraining,
    WritingOptions,
)
from vartai.tasks.translate.evaluation import evaluate
from vartai.tasks.translate.fit import fit_translator
from vartai.tasks.translate.results import scores_as_mapping
from vartai.tasks.translate.scores import score_translations
from vartai.tasks.translate.task import TranslateTask
from vartai.training.events import Observer
from vartai.training.sitting import ignore

# The arguments are called X and y because scikit-learn calls them so.
# ruff: noqa: N803
TRANSLATOR = Parameters(
    TranslateConfig,
    {
        ("pairs", "source"): "texts come as values, not in a named column",
        ("pairs", "target"): "translations come as values, not in a named column",
        ("pairs", "format"): "no file is read",
        ("pairs", "delimiter"): "no file is read",
        ("pairs", "header"): "no file is read",
        ("pairs", "encoding"): "Python's texts are decoded",
        ("pairs", "max_characters"): "guards against misread files; no file is read",
        ("pairs", "test_share"): "the caller holds the test pairs and calls `score`",
        ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
    },
)
"""Which options of the configuration are parameters, and why the others are not."""


@dataclass(kw_only=True, eq=False, repr=False)
class Translator(Trained[TranslateTask], BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learns to translate from pairs: a recurrent encoder and decoder in `fit` and `predict`.

    The parameters and their defaults are those of `vartai train translate`. They are described
    where they are defined: in `TranslatorOptions`, `PieceOptions`, `WritingOptions`,
    `ChoiceOptions` and `TrainingOptions`, with ``valid_share`` from `PairOptions`. `fit` checks
    them.

    Attributes:
        history_: an `EpochDone` for each epoch; not after `load`.
        notes_: what `fit` noticed about the pairs, in sentences; not after `load`.
        metrics_: what was measured: for one, ``valid`` holds the scores on the validation pairs.
        card_: the model card that `save` writes, in Markdown.
        task_: the trained network with all it needs to read and write text.

    Example:
        >>> english = ["one cat", "two cats", "one dog", "two dogs", "one cow"]
        >>> german = ["eine Katze", "zwei Katzen", "ein Hund", "zwei Hunde", "eine Kuh"]
        >>> translator = Translator(hidden_size=8, embedding_size=8, epochs=1, valid_share=0.3)
        >>> len(translator.fit(english, german).predict(["one dog", "two cats"]))
        2
    """

    TASK = "translate"
    PARAMETERS = TRANSLATOR

    valid_share: float = PairOptions.valid_share

    vocabulary_size: int = PieceOptions.vocabulary_size
    shared: bool = PieceOptions.shared
    max_tokens: int = PieceOptions.max_tokens

    cell: str = TranslatorOptions.cell
    encoder_layers: int = TranslatorOptions.encoder_layers
    decoder_layers: int = TranslatorOptions.decoder_layers
    hidden_size: int = TranslatorOptions.hidden_size
    embedding_size: int = TranslatorOptions.embedding_size
    attention: str = TranslatorOptions.attention
    input_feeding: bool = TranslatorOptions.input_feeding
    tied: bool = TranslatorOptions.tied
    word_dropout: float = TranslatorOptions.word_dropout
    embedding_dropout: float = TranslatorOptions.embedding_dropout
    layer_dropout: float = TranslatorOptions.layer_dropout
    output_dropout: float = TranslatorOptions.output_dropout

    beam: int = WritingOptions.beam
    length_penalty: float = WritingOptions.length_penalty
    max_ratio: float = WritingOptions.max_ratio

    choose: str = ChoiceOptions.choose
    sample: int = ChoiceOptions.sample

    epochs: int = TranslatorTraining.epochs
    time: str | None = TranslatorTraining.time
    patience: int = TranslatorTraining.patience
    learning_rate: float = TranslatorTraining.learning_rate
    warmup: int = TranslatorTraining.warmup
    batch_size: int | None = TranslatorTraining.batch_size
    batch_tokens: int = TranslatorTraining.batch_tokens
    clip: float = TranslatorTraining.clip
    weight_decay: float = TranslatorTraining.weight_decay
    label_smoothing: float = TranslatorTraining.label_smoothing
    averaging: float = TranslatorTraining.averaging
    threads: int | None = TranslatorTraining.threads
    device: str = TranslatorTraining.device
    seed: int = TranslatorTraining.seed

    def fit(
        self,
        X: object,
        y: object,
        *,
        valid: tuple[object, object] | None = None,
        observer: Observer = ignore,
    ) -> Translator:
        """Train.

        Args:
            X: texts.
            y: a translation of each.
            valid: texts and translations that choose the best epoch. If not given, ``valid_share``
                of `X` is held out for it, with equal texts on one side.
            observer: told of every step and epoch, for a progress bar of your own.

        Returns:
            This translator. If training was interrupted (Ctrl-C) it is as it was before.

        Raises:
            InputError: texts or translations are not what was expected; names the position.
            OptionError: a parameter has the wrong type or is out of bounds.
            RunError: training diverged.
            KeyboardInterrupt: Ctrl-C.
        """
        config = TRANSLATOR.to_config(self.get_params(deep=False))
        share, seed = config.pairs.valid_share, config.training.seed
        train, held_out = hold_out(
            _read_pairs(X, y, ("X", "y")),
            valid,
            split=lambda pairs: split_parallel(pairs, fractions=(1 - share, share), seed=seed),
            read=_read_pairs,
            both="a pair of texts and translations",
        )
        notes: list[str] = []
        task, outcome = learn(
            lambda sitting: fit_translator(config, train, held_out, sitting=sitting),
            observer,
            notes,
        )
        scores = {"valid": scores_as_mapping(evaluate(task, held_out))}
        metrics = run_as_mapping(task, outcome, scores, seconds=outcome.seconds)
        run = Run(task, outcome, metrics, sizes(train, held_out), UNJUDGED)
        title = f"Translator ({config.model.cell})"
        return self._become(run, describe(run), title=title, notes=notes)

    def predict(self, X: object) -> list[str]:
        """A translation of each text; of a blank one an empty text.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: a text is missing or not text.
        """
        return [one.text for one in self._fitted().translate(read_texts(X))]

    def score(self, X: object, y: object) -> float:
        """BLEU from 0 to 100, by sacreBLEU as it stands: mixed case, its own tokenisation.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: texts or translations are not what was expected.
        """
        task = self._fitted()
        pairs = _read_pairs(X, y, ("X", "y"))
        made = [one.text for one in task.translate(pairs.sources)]
        return score_translations(made, pairs.targets).bleu

    def trace(
        self,
        text: str,
        translation: str | None = None,
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> Trace:
        """Every state and gate of encoder and decoder, and attention between them.

        Args:
            text: to translate.
            translation: its translation; the one that `predict` gives if not given.
            layers: as `vartai.inspect.trace.trace` has it, like all options here.
            units: of each layer, or by the layer's name.
            gates: all, none, or some by name.
            running: whether what the decoder says after each token it read is wanted.
            max_tokens: of longer texts the first so many are read.

        Returns:
            One trace, with layers such as ``encoder.l0`` and ``decoder.l0``.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: something is not text, or has no token.
            OptionError: a layer, unit or gate that is not there; lists those there are.
        """
        task = self._fitted()
        read_texts([text] if translation is None else [text, translation], name="trace")
        selection = Selection(layers, units, gates)
        return trace_translation(
            task, text, translation, selection, running=running, max_tokens=max_tokens
        )


def _read_pairs(texts: object, translations: object, names: tuple[str, str]) -> Parallel:
    sources, targets = (
        read_texts(values, name=name)
        for values, name in zip((texts, translations), names, strict=True)
    )
    if len(sources) != len(targets):
        raise InputError(
            f"{names[1]}: expected a translation of each text, found {len(sources):,} texts and "
            f"{len(targets):,} translations"
        )
    pairs = Parallel(names[0])
    for place, both in enumerate(zip(sources, targets, strict=True)):
        for name, text in zip(names, both, strict=True):
            if not text.strip():
                raise InputError(f"{name}[{place}]: expected text, found only blanks")
        pairs.add(Pair(place + 1, *both))
    return pairs
