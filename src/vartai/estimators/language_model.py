"""A language model in Python: learns from text, scores text, writes text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.documents import Document
from vartai.data.passages import Passage, split_documents
from vartai.data.streams import BORDER_ID
from vartai.data.text_options import HeldOutOptions
from vartai.decoding.options import SamplingOptions
from vartai.errors import InputError, OptionError
from vartai.estimators.parameters import Parameters
from vartai.estimators.tracing import TraceOptions, trace_texts
from vartai.estimators.trained import Trained, learn
from vartai.inspect.selection import Selection, Units
from vartai.inspect.trace import MAX_TOKENS, Trace
from vartai.models.stepped_language_model import SteppedLanguageModel
from vartai.stream.generate import GenerateLive
from vartai.stream.language_stream import LanguageStream
from vartai.tasks.card_facts import Run
from vartai.tasks.generate.card import LIMITS, SHOWN, USAGE, model_facts, text_facts
from vartai.tasks.generate.config import (
    GenerateConfig,
    LanguageModelOptions,
    LanguageTraining,
    StreamOptions,
    UnitOptions,
)
from vartai.tasks.generate.experiment import score_model
from vartai.tasks.generate.fit import fit_language_model
from vartai.tasks.generate.generation import Generation, WritingOptions
from vartai.tasks.generate.results import fit_as_mapping
from vartai.tasks.generate.scoring import Fit
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.measured import run_as_mapping
from vartai.training.events import Observer
from vartai.training.sitting import ignore

_UNJUDGED = (
    "It is judged by the text that chose its epoch, which flatters a little.",
    "It was trained without a baseline beside it; counting n-grams is one.",
    *LIMITS,
)

LANGUAGE_MODEL = Parameters(
    GenerateConfig,
    {
        ("split", "test_share"): "the caller holds the test text and calls `score`",
        ("text", "fix_text"): "texts come as values; `vartai.text.repair` mends them",
        ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
        ("training", "label_smoothing"): "a language model is to foretell, not to hedge",
        ("training", "batch_size"): "streams and steps are the batch",
        ("training", "batch_tokens"): "streams and steps are the batch",
    },
    {"reading": "texts come as values, no file is read"},
)
"""Which options of the configuration are parameters, and why the others are not."""


@dataclass(kw_only=True, eq=False, repr=False)
class LanguageModel(Trained[GenerateTask]):
    """Learns to foretell text: a recurrent network in `fit`, `score` and `generate`.

    The parameters and their defaults are those of `vartai train generate`. They are described where
    they are defined: in `LanguageModelOptions`, `UnitOptions`, `StreamOptions` and
    `LanguageTraining`, with ``valid_share`` from `HeldOutOptions`. `fit` checks them.

    Attributes:
        history_: an `EpochDone` for each epoch; not after `load`.
        notes_: what `fit` noticed about the text, in sentences; not after `load`.
        metrics_: what was measured: for one, ``valid`` holds the scores on the held-out text.
        card_: the model card that `save` writes, in Markdown.
        task_: the trained network with all it needs to read and write text.

    Example:
        >>> model = LanguageModel(hidden_size=8, epochs=1, streams=4, valid_share=0.1)
        >>> text = "to be or not to be " * 40
        >>> len(model.fit(text).generate("to be", length=12))
        12
        >>> model.score("not to be").units
        9
    """

    TASK = "generate"
    PARAMETERS = LANGUAGE_MODEL

    cell: str = LanguageModelOptions.cell
    layers: int = LanguageModelOptions.layers
    hidden_size: int = LanguageModelOptions.hidden_size
    embedding_size: int | None = LanguageModelOptions.embedding_size
    tied: bool = LanguageModelOptions.tied
    softmax: str = LanguageModelOptions.softmax
    cutoffs: tuple[str, ...] = LanguageModelOptions.cutoffs
    word_dropout: float = LanguageModelOptions.word_dropout
    embedding_dropout: float = LanguageModelOptions.embedding_dropout
    layer_dropout: float = LanguageModelOptions.layer_dropout
    recurrent_dropout: float = LanguageModelOptions.recurrent_dropout
    output_dropout: float = LanguageModelOptions.output_dropout

    unit: str = UnitOptions.unit
    words: str = UnitOptions.words
    lowercase: bool = UnitOptions.lowercase
    vocabulary_size: int | None = UnitOptions.vocabulary_size
    min_frequency: int = UnitOptions.min_frequency

    streams: int = StreamOptions.streams
    steps: int = StreamOptions.steps

    epochs: int = LanguageTraining.epochs
    time: str | None = LanguageTraining.time
    patience: int = LanguageTraining.patience
    learning_rate: float = LanguageTraining.learning_rate
    warmup: int = LanguageTraining.warmup
    clip: float = LanguageTraining.clip
    weight_decay: float = LanguageTraining.weight_decay
    averaging: float = LanguageTraining.averaging
    threads: int | None = LanguageTraining.threads
    device: str = LanguageTraining.device
    seed: int = LanguageTraining.seed

    valid_share: float = HeldOutOptions.valid_share

    def fit(
        self,
        texts: str | Sequence[str],
        *,
        valid: str | Sequence[str] | None = None,
        observer: Observer = ignore,
    ) -> LanguageModel:
        """Train.

        Args:
            texts: one text, or several, each a document.
            valid: texts that choose the best epoch. If not given, ``valid_share`` of `texts` is
                held out for it: of fewer than 20 the end of each, else whole ones.
            observer: told of every step and epoch, for a progress bar of your own.

        Returns:
            This model. If training was interrupted (Ctrl-C) it is as it was before.

        Raises:
            InputError: texts are not what was expected; names the position.
            OptionError: a parameter has the wrong type or is out of bounds.
            RunError: training diverged.
            KeyboardInterrupt: Ctrl-C.
        """
        config = self._config()
        notes: list[str] = []
        splits = split_documents(
            _documents(texts, "texts"),
            valid=None if valid is None else _documents(valid, "valid"),
            test=None,
            options=config.split,
            seed=config.training.seed,
        )
        task, outcome = learn(
            lambda sitting: fit_language_model(config, splits, sitting=sitting), observer, notes
        )
        row, _ = score_model(task, splits.valid, seconds=outcome.seconds)
        scores = {"unit": task.config.text.unit, "valid": fit_as_mapping(row.fit)}
        metrics = run_as_mapping(task, outcome, scores, seconds=outcome.seconds)
        run = Run(task, outcome, metrics, text_facts(splits), _UNJUDGED)
        tags = (config.model.cell, config.text.unit)
        facts = run.card(tags=tags, usage=USAGE, model=model_facts(task), shown=SHOWN)
        title = f"Language model ({config.model.cell})"
        return self._become(run, facts, title=title, notes=notes)

    def score(self, texts: str | Sequence[str]) -> Fit:
        """How well the model foretells texts, each a document of its own: nats, perplexity, bits.

        Raises:
            InputError: a text is missing, empty or not text.
        """
        passages = [Passage(document.text) for document in _documents(texts, "texts")]
        return score_model(self._fitted(), passages, seconds=0.0)[0].fit

    def log_probability(self, text: str) -> float:
        """Nats of a text that begins a document, never positive; 0 for an empty text.

        Where the model knows how documents end, the end after the text is not part of it.
        """
        task = self._fitted()
        if not task.tokenizer.encode_ids([text])[0].size:
            return 0.0
        # A passage that is not whole has no end to foretell.
        row, _ = score_model(task, [Passage(text, whole=False)], seconds=0.0)
        return -row.fit.nats

    def next_distribution(self, text: str = "") -> dict[str, float]:
        """Every unit with the probability that it follows a text, the likeliest first.

        The two special ones are called ``<unk>``, whatever the vocabulary lacks, and ``<pad>``, the
        border of a document.
        """
        task = self._fitted()
        ids = np.append(np.int64(BORDER_ID), task.tokenizer.encode_ids([text])[0])
        scores, _ = SteppedLanguageModel(task.model).begin(torch.from_numpy(ids))
        shares: NDArray[np.float64] = scores[0].double().exp().numpy()
        order = np.argsort(-shares, kind="stable").tolist()
        return {task.tokenizer.tokens([token])[0]: float(shares[token]) for token in order}

    def generate(
        self,
        prompt: str = "",
        *,
        length: int = WritingOptions.length,
        stop: Sequence[str] = (),
        sampling: SamplingOptions | None = None,
    ) -> str:
        """A text that goes on from a prompt; the prompt is not part of it.

        Args:
            prompt: the beginning of a document.
            length: most units that are written.
            stop: strings of which any ends the text.
            sampling: how the next unit is chosen; the defaults of `SamplingOptions` if not given.

        Raises:
            InputError: a prompt of which no unit is known.
            OptionError: an option is out of bounds.
        """
        generation = Generation(self._fitted())
        read = generation.read(prompt)
        options = WritingOptions(length=length, stop=tuple(stop))
        chosen = SamplingOptions() if sampling is None else sampling
        return "".join(piece for _, piece in generation.write(read, options, chosen))

    def stream(self) -> LanguageStream:
        """A text that is read and written as it goes on; see `vartai.stream`."""
        return LanguageStream(GenerateLive(self._fitted()))

    @overload  # one text is an object like several: the first that fits counts
    def trace(  # type: ignore[overload-overlap]
        self,
        texts: str,
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
        texts: Sequence[str],
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> list[Trace]: ...

    def trace(
        self,
        texts: str | Sequence[str],
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> Trace | list[Trace]:
        """Every state and gate, and what the model says after each token.

        Args:
            texts: one, or several, each a document of its own; a row for the border stands before
                each text's first token.
            layers: as `vartai.inspect.trace.trace` has it, like all options here.
            units: of each layer, or by the layer's name.
            gates: all, none, or some by name.
            running: whether the running prediction is wanted.
            max_tokens: of a longer text the first so many are read.

        Returns:
            The trace of the text, or of each in a list.

        Raises:
            InputError: a text is missing, is not text, or has no token.
            OptionError: a layer, unit or gate that is not there; lists those there are.
        """
        options = TraceOptions(Selection(layers, units, gates), running, max_tokens)
        several = [document.text for document in _documents(texts, "texts")]
        made = trace_texts(self._fitted(), several, options)
        return made[0] if isinstance(texts, str) else made

    def _config(self) -> GenerateConfig:
        config = LANGUAGE_MODEL.to_config(vars(self))
        # The caller keeps the text to judge by; all that is held out chooses the epoch.
        return replace(config, split=replace(config.split, test_share=0.0))

    def _fitted(self) -> GenerateTask:
        if not hasattr(self, "task_"):
            raise OptionError("this language model was not fitted yet; call fit first")
        return self.task_


def _documents(texts: str | Sequence[str], name: str) -> list[Document]:
    several = [texts] if isinstance(texts, str) else list(texts)
    for place, text in enumerate(several):
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{name}[{place}]: expected a text, found {text!r:.40}")
    if not several:
        raise InputError(f"{name}: expected at least one text, found none")
    return [Document(text, name, place) for place, text in enumerate(several, start=1)]
