"""What each word of a text did to what a model says of it, by several methods side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError, unknown_name
from vartai.figures.figure import Figure
from vartai.figures.words import word_colours
from vartai.inspect.cut import MAX_TOKENS, Cut, Token, cut
from vartai.inspect.pictures import in_notebook
from vartai.inspect.words.asked import Asked, ask
from vartai.inspect.words.baselines import baseline_vector
from vartai.inspect.words.integrated import integrated_gradients
from vartai.inspect.words.leave_out import left_out_effects
from vartai.inspect.words.phrases import Phrase, interaction, phrase_effects, require_decomposable
from vartai.inspect.words.prefixes import running_margins

Floats = NDArray[np.float64]

LONGEST = 1_000
"""Tokens of a text at most: the running effect and leaving out cost the square of their number."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each token did to the margin of a label over another, in nats.

    Attributes:
        text: as it was given.
        tokens: as the model reads it.
        label: whose score counts for.
        against: whose score counts against; None where labels are decided each by itself.
        place: token whose label is explained; None where it is the text's.
        margin: score(label) - score(against).
        probability: of the label.
        effects: ``[T]`` by method, of `METHODS`; NaN where a method says nothing of a token.
        starts: by method, what its effects begin with: their sum is ``margin - start``. Methods
            whose effects need not add up have none.
        error: how far integrated gradients are from adding up, in nats; None if not asked for.
        steps: at which their gradient was taken; None if not asked for.
        baseline: what they set out from.
        notes: what is to be known besides, in sentences.
    """

    text: str
    tokens: tuple[Token, ...]
    label: str
    against: str | None
    place: int | None
    margin: float
    probability: float
    effects: Mapping[str, Floats]
    starts: Mapping[str, float]
    error: float | None
    steps: int | None
    baseline: str
    notes: tuple[str, ...]

    def figure(self) -> Figure:
        """Each word coloured by what it did, a row for each method."""
        over = "" if self.against is None else f" over {self.against}"
        effects = self.to_record()["effects"]
        return word_colours(
            tokens=[token.text for token in self.tokens],
            effects=effects,
            title=f"What each word did for {self.label}{over}: {self.margin:+.2f} nats in all",
        )

    def show(self) -> Any:
        """The figure as an object that notebooks display.

        Raises:
            MissingExtra: plotly is not installed.
        """
        return in_notebook(self.figure())

    def to_record(self) -> dict[str, Any]:
        """The same as plain values that JSON can hold; None for NaN."""
        return {
            **{name: value for name, value in vars(self).items() if name != "effects"},
            "tokens": [token._asdict() for token in self.tokens],
            "effects": {
                method: [None if np.isnan(value) else float(value) for value in effects]
                for method, effects in self.effects.items()
            },
            "starts": dict(self.starts),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class _Found:
    effects: Floats
    start: float | None = None
    error: float | None = None
    steps: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Question:
    task: object
    cut: Cut
    asked: Asked
    baseline: str


def explain(
    task: object,
    text: str,
    *,
    label: str | None = None,
    against: str | None = None,
    place: int | None = None,
    methods: Sequence[str] | None = None,
    baseline: str = "zero",
) -> Explanation:
    """What each word did to what a model says of a text.

    Args:
        task: a trained task that classifies, tags or generates, such as an estimator's ``task_``.
        text: to explain.
        label: whose score is explained; the likeliest if not given.
        against: the label that it is preferred to; the likeliest other if not given.
        place: of a model that scores tokens, the token, from 0, whose label is explained.
        methods: of `METHODS`; all that this model allows if not given.
        baseline: of integrated gradients: ``zero`` (vectors of zeros) or ``unknown`` (the vector of
            words that the vocabulary lacks).

    Raises:
        InputError: a text without any token.
        OptionError: a name that is not known, or a method that this model does not allow.
    """
    one = cut(task, [text], max_tokens=min(LONGEST, MAX_TOKENS))
    asked = ask(one, label=label, against=against, place=place)
    question = _Question(task, one, asked, baseline)
    notes = list(one.notes[0])
    found = {name: _answer(name, question) for name in _chosen(question, methods, notes)}
    notes += [note for each in found.values() for note in each.notes]
    probabilities = one.probabilities(asked.scores)
    gradients = found.get("gradients")
    return Explanation(
        text=text,
        tokens=one.tokens[0],
        label=asked.label,
        against=asked.against,
        place=place,
        margin=asked.margin,
        probability=float(probabilities[one.labels.index(asked.label)]),
        effects={name: each.effects for name, each in found.items()},
        starts={name: each.start for name, each in found.items() if each.start is not None},
        error=None if gradients is None else gradients.error,
        steps=None if gradients is None else gradients.steps,
        baseline=baseline,
        notes=tuple(notes),
    )


def explain_phrases(
    task: object,
    text: str,
    phrases: Sequence[Phrase],
    *,
    label: str | None = None,
    against: str | None = None,
    place: int | None = None,
) -> Floats:
    """``[P]``: what phrases, sets of tokens from 0, bring by contextual decomposition.

    Raises:
        As `explain`.
    """
    one = cut(task, [text], max_tokens=LONGEST)
    asked = ask(one, label=label, against=against, place=place)
    return phrase_effects(one, asked, phrases)


def explain_interaction(
    task: object,
    text: str,
    one: Phrase,
    other: Phrase,
    *,
    label: str | None = None,
    against: str | None = None,
    place: int | None = None,
) -> float:
    """What two phrases bring to the margin only together, by contextual decomposition, in nats.

    Raises:
        As `explain`.
    """
    read = cut(task, [text], max_tokens=LONGEST)
    return interaction(read, ask(read, label=label, against=against, place=place), one, other)


def _running(question: _Question) -> _Found:
    margins = running_margins(question.cut, question.asked)
    return _Found(np.diff(margins), start=float(margins[0]))


def _gradients(question: _Question) -> _Found:
    vector = baseline_vector(question.task, question.cut, question.baseline)
    found = integrated_gradients(question.cut, question.asked, vector)
    missed = (
        ()
        if found.complete
        else (
            f"integrated gradients miss the margin's difference by {found.error:.3g} nats after "
            f"{found.steps} steps",
        )
    )
    return _Found(found.effects, found.start, found.error, found.steps, missed)


def _decomposition(question: _Question) -> _Found:
    steps = len(question.cut.vectors.data)
    effects = phrase_effects(question.cut, question.asked, [[token] for token in range(steps)])
    return _Found(effects)


def _left_out(question: _Question) -> _Found:
    return _Found(left_out_effects(question.cut, question.asked))


METHODS: Mapping[str, Callable[[_Question], _Found]] = {
    "running": _running,
    "gradients": _gradients,
    "decomposition": _decomposition,
    "left-out": _left_out,
}
"""By name: running effect, integrated gradients, contextual decomposition, leave one out."""


def _answer(name: str, question: _Question) -> _Found:
    return METHODS[name](question)


def _chosen(question: _Question, methods: Sequence[str] | None, notes: list[str]) -> list[str]:
    """Methods as asked for; or all that can be done, and a note on each other."""
    if methods is not None:
        for name in methods:
            if name not in METHODS:
                raise unknown_name("method", name, METHODS)
        return list(methods)
    chosen = [name for name in METHODS if name != "running" or question.cut.per == "text"]
    try:
        require_decomposable(question.cut, question.asked)
    except OptionError as error:
        chosen.remove("decomposition")
        notes.append(f"not done: {error}")
    return chosen
