"""What is asked of a model: how far it prefers one label to another, as one number.

    margin = score(label) - score(against)

With a softmax the margin is the logarithm of the ratio of the two probabilities, in nats; where
each label is decided by itself there is nothing to prefer it to, and its own score is its log-odds.
It is linear in the scores whatever the number of labels, which contextual decomposition needs, and
every other way of explaining gets the same number, so that they can stand beside each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.errors import OptionError, require_range, unknown_name
from vartai.inspect.cut import Cut
from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class Asked:
    """One number of a model's answer to one text.

    Attributes:
        label: whose score counts for.
        against: whose score counts against; None where labels are decided each by itself.
        place: token whose scores are meant, from 0; None where scores are of the whole text.
        weights: ``[K]``. Of the scores in the margin.
        scores: ``[K]``. What the model says of the text.
    """

    label: str
    against: str | None
    place: int | None
    weights: Tensor
    scores: Tensor

    @property
    def margin(self) -> float:
        """What the model answers."""
        return float(self.scores @ self.weights)

    def of_rows(self, cut: Cut, rows: SequenceBatch) -> Tensor:
        """``[B]``: the margins of sequences, from outputs ``[N, F]`` of the last layer."""
        scores = cut.scores(rows)
        if self.place is not None:
            scores = scores[rows.offsets[:-1].to(scores.device) + self.place]
        return scores @ self.weights

    def of(self, cut: Cut, vectors: SequenceBatch) -> Tensor:
        """``[B]``: the margins of sequences of vectors ``[N, E]`` read in the text's place."""
        return self.of_rows(cut, vectors.with_data(cut.run(vectors).rows))


def ask(
    cut: Cut, *, label: str | None = None, against: str | None = None, place: int | None = None
) -> Asked:
    """Choose the number to explain.

    Args:
        cut: of one text.
        label: the likeliest if not given.
        against: the likeliest other if not given.
        place: token, from 0, of a model that scores tokens.

    Raises:
        OptionError: a label that the model does not have, the same one twice, `against` where
            labels are decided each by itself; `place` without need, missing, or beyond the text.
    """
    _require_place(cut, place)
    with torch.no_grad():
        scores = cut.read()[0 if place is None else place]
    for name in (label, against):
        if name is not None and name not in cut.labels:
            raise unknown_name("label", name, cut.labels)
    exclusive = _excludes_others(cut)
    if against is not None and not exclusive:
        raise OptionError("each label of this model is decided by itself: leave out against")
    if label is not None and label == against:
        raise OptionError(f"label and against must differ, both were {label!r}")
    order = [cut.labels[k] for k in scores.argsort(descending=True, stable=True).tolist()]
    label = next(name for name in order if name != against) if label is None else label
    weights = torch.zeros_like(scores)
    weights[cut.labels.index(label)] = 1.0
    if exclusive:
        against = next(name for name in order if name != label) if against is None else against
        weights[cut.labels.index(against)] = -1.0
    return Asked(label, against, place, weights, scores)


def _excludes_others(cut: Cut) -> bool:
    """Whether there is one label: then probabilities add up to 1. A token always has one.

    With scores of 1, the sigmoids of labels that are decided each by itself are above one half.
    """
    if cut.per == "token":
        return True
    shares = cut.probabilities(torch.ones(1, len(cut.labels)))
    return bool((shares.sum() - 1).abs() < 1e-3)


def _require_place(cut: Cut, place: int | None) -> None:
    if len(cut.tokens) != 1:
        raise OptionError(f"one text is explained at a time, found {len(cut.tokens)}")
    if cut.per == "text" and place is not None:
        raise OptionError("place is of models that score tokens; this one scores texts")
    if cut.per == "token":
        if place is None:
            raise OptionError("a model that scores tokens is asked of one: place is missing")
        require_range("place", place, at_least=0, below=len(cut.tokens[0]))
