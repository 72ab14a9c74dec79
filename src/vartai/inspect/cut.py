"""A model, cut at its recurrent layers: what they read, the layers, what is made of their outputs.

    scores = above(layers(vectors))

Whoever looks inside needs these three and nothing else of a model: gates and states are in the
run of the layers, influence is the gradient of scores or states by the vectors, and what a unit
does is seen when its outputs are changed on their way to `above`.

Letters: B texts, N tokens of all of them, E numbers a vector, F outputs a row, K scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import NamedTuple

from torch import Tensor

from vartai.errors import InputError, OptionError, require_range
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.stack_run import StackRun
from vartai.sequences import SequenceBatch

MAX_TOKENS = 20_000
"""Of a longer text the first so many tokens are read."""

# How the task of each class is cut, as module:name. Names, so that no task is imported in vain.
_HOW = {
    "ClassifyTask": "vartai.inspect.cuts.classify:cut_classifier",
    "GenerateTask": "vartai.inspect.cuts.generate:cut_language_model",
    "TagTask": "vartai.inspect.cuts.tag:cut_tagger",
}


class Token(NamedTuple):
    """What one row stands for: ``text[start:end]``, counted in characters of the whole text.

    The border that a language model reads first stands for nothing: its text is empty.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Cut:
    """B texts about to be read, by a model in evaluation mode.

    Args:
        tokens: of each text; as many as it has rows.
        vectors: ``[N, E]``. What the layers read, without a gradient behind it: one that is asked
            for with `requires_grad_` arrives here.
        layers: the recurrent layers.
        segment: steps after which the layers begin anew; None for never.
        above: outputs ``[N, F]`` of the last layer to scores: ``[B, K]`` where they are of a text,
            ``[N, K]`` where they are of a token. May be given other sequences than those of
            `vectors`, of other lengths.
        per: what scores are of: ``text``, or ``token``.
        labels: names of the K scores.
        probabilities: scores to the probabilities that they stand for, row by row.
        notes: for each text what is to be known about how it was read, in sentences.
        ahead: whether a token's scores are of what comes after it.
        after_each: outputs ``[N, F]`` to scores ``[N, K]`` of each text cut after each of its
            tokens; None where those do not follow from outputs: something reads from the end, or
            scores are a token's own.
        jointly: scores ``[N, K]`` to probabilities, where a token's depend on other tokens'
            (a conditional random field); None where `probabilities` is all.
        shares: outputs ``[N, F]`` to the weight ``[N]`` that pooling gives each token of a text;
            None where nothing weighs them.
    """

    tokens: tuple[tuple[Token, ...], ...]
    vectors: SequenceBatch
    layers: SequenceLayers
    segment: int | None
    above: Callable[[SequenceBatch], Tensor]
    per: str
    labels: tuple[str, ...]
    probabilities: Callable[[Tensor], Tensor]
    notes: tuple[tuple[str, ...], ...]
    ahead: bool = False
    after_each: Callable[[SequenceBatch], Tensor] | None = None
    jointly: Callable[[SequenceBatch], Tensor] | None = None
    shares: Callable[[SequenceBatch], Tensor] | None = None

    def run(self, vectors: SequenceBatch | None = None, *, keep: bool = False) -> StackRun:
        """Run the layers.

        Args:
            vectors: ``[N, E]``, read in the place of the texts' own; sequences of any lengths.
            keep: whether traces are wanted.

        Returns:
            Rows and traces in the order of the vectors. The final states are those of the pieces
            that `segment` makes of the sequences.

        Raises:
            OptionError: traces are wanted of layers that keep none.
        """
        if keep and not self.layers.traced:
            raise OptionError(f"layers of {type(self.layers).__name__} keep no traces of their run")
        batch = self.vectors if vectors is None else vectors
        pieces = batch if self.segment is None else batch.cut(self.segment)
        return self.layers.run(pieces, keep=keep)

    def some(self, start: int, end: int) -> Cut:
        """Of the texts from one to before another."""
        parts = self.vectors.split()[start:end]
        vectors = SequenceBatch.from_sequences(parts)
        return replace(
            self, tokens=self.tokens[start:end], vectors=vectors, notes=self.notes[start:end]
        )

    def scores(self, rows: SequenceBatch) -> Tensor:
        """Outputs of the last layer to scores: `above`."""
        return self.above(rows)

    def read(self, vectors: SequenceBatch | None = None) -> Tensor:
        """Scores of the texts, or of what is read in their place: `above` of `run`."""
        batch = self.vectors if vectors is None else vectors
        return self.above(batch.with_data(self.run(batch).rows))


def cut(task: object, texts: Sequence[str], *, max_tokens: int = MAX_TOKENS) -> Cut:
    """Cut the model of a trained task that classifies, tags or generates.

    Args:
        task: such as an estimator's ``task_``; its model is put into evaluation mode and left so.
        texts: at least one. A tagger's words are what stands between white space.
        max_tokens: of a longer text the first so many are read, and a note says so.

    Raises:
        InputError: a text without any token, or none at all; names its position.
        OptionError: a task of another kind, or one without recurrent layers.
    """
    require_range("max_tokens", max_tokens, at_least=1)
    kind = type(task).__name__
    if kind not in _HOW:
        raise OptionError(
            f"cut: expected a trained task to classify, generate or tag, found {kind}"
        )
    if isinstance(texts, str) or not texts:
        found = "one text" if isinstance(texts, str) else "none"
        raise InputError(f"texts: expected a list of at least one text, found {found}")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"texts[{place}]: expected text, found {type(text).__name__}")
    module, _, name = _HOW[kind].partition(":")
    made: Cut = getattr(import_module(module), name)(task, texts, max_tokens=max_tokens)
    return made
