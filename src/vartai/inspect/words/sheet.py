"""A model on a sheet of minimal pairs: does the prediction flip, and should it have?

Whoever is asked is a function from texts to probabilities: the whole model, one of its paths, a
baseline. The control asks the same of the same bags of words in random order: what a model still
gets right then it does not get from their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.data.pair_sheet import PairSheet, TextPair
from vartai.data.shuffle import shuffle_words
from vartai.errors import OptionError
from vartai.inspect.words.shares import Share, share

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Predict = Callable[[Sequence[str]], Floats]
"""Texts to probabilities ``[texts, labels]``."""

ALL = "all"


@dataclass(frozen=True)
class JudgedPair:
    """What a model says of one pair.

    Attributes:
        pair: as the sheet has it.
        predicted_a: the likeliest label of text_a.
        predicted_b: and of text_b.
        probability_a: of predicted_a.
        probability_b: of predicted_b.
    """

    pair: TextPair
    predicted_a: str
    predicted_b: str
    probability_a: float
    probability_b: float

    @property
    def flipped(self) -> bool:
        """Whether the two predictions differ."""
        return self.predicted_a != self.predicted_b

    @property
    def right(self) -> tuple[bool, bool] | None:
        """Which of the two is right; None where the labels are not known."""
        if self.pair.label_a is None:
            return None
        return self.predicted_a == self.pair.label_a, self.predicted_b == self.pair.label_b


@dataclass(frozen=True)
class KindSummary:
    """All pairs of one kind.

    Attributes:
        kind: its name; ``all`` for all together.
        pairs: how many.
        flipped: share whose prediction flipped.
        should_flip: how many have two labels; None where labels are not known.
        flipped_rightly: of the pairs that should flip, those that did; None if there are none.
        kept_rightly: of the pairs that should not, those that did not; None if there are none.
        texts_right: share of single texts; None where labels are not known.
        both_right: share of pairs of which both texts are right; None likewise.
    """

    kind: str
    pairs: int
    flipped: Share
    should_flip: int | None
    flipped_rightly: Share | None
    kept_rightly: Share | None
    texts_right: Share | None
    both_right: Share | None


@dataclass(frozen=True)
class Shuffled:
    """The control, for each seed.

    Attributes:
        seeds: of the random orders.
        changed: share of texts whose prediction is another than in their own order.
        flipped: share of pairs whose prediction flips.
        both_right: share of pairs of which both are right; None where labels are not known.
    """

    seeds: tuple[int, ...]
    changed: tuple[float, ...]
    flipped: tuple[float, ...]
    both_right: tuple[float, ...] | None


def judge_pairs(predict: Predict, labels: Sequence[str], sheet: PairSheet) -> list[JudgedPair]:
    """Ask for every text of a sheet.

    Args:
        predict: whoever is asked.
        labels: names of the columns of what it answers.
        sheet: at least one pair.
    """
    return _judge(predict, labels, sheet.pairs)


def summarise_pairs(judged: Sequence[JudgedPair]) -> list[KindSummary]:
    """By kind in the order of their first pair; all together last, if there are several."""
    kinds = list(dict.fromkeys(each.pair.kind for each in judged))
    rows = [_summary(kind, [each for each in judged if each.pair.kind == kind]) for kind in kinds]
    return rows if len(kinds) == 1 else [*rows, _summary(ALL, judged)]


def shuffled_control(
    predict: Predict,
    labels: Sequence[str],
    judged: Sequence[JudgedPair],
    *,
    seeds: Sequence[int],
) -> Shuffled:
    """Ask again with the words of every text in random order.

    Args:
        predict: whoever was asked.
        labels: names of the columns of what it answers.
        judged: what it said of the texts in their own order.
        seeds: a random order of every text for each; at least one.

    Raises:
        OptionError: no seed.
    """
    if not seeds:
        raise OptionError("seeds: expected at least one, found none")
    changed, flipped, right = [], [], []
    labelled = judged[0].pair.label_a is not None
    for seed in seeds:
        again = _judge(predict, labels, _shuffle([each.pair for each in judged], seed))
        sides = list(zip(judged, again, strict=True))
        moves = [one.predicted_a != other.predicted_a for one, other in sides]
        moves += [one.predicted_b != other.predicted_b for one, other in sides]
        changed.append(float(np.mean(moves)))
        flipped.append(float(np.mean([each.flipped for each in again])))
        right.append(float(np.mean([all(each.right or (False,)) for each in again])))
    return Shuffled(
        tuple(seeds), tuple(changed), tuple(flipped), tuple(right) if labelled else None
    )


def _judge(predict: Predict, labels: Sequence[str], pairs: Sequence[TextPair]) -> list[JudgedPair]:
    texts = [text for pair in pairs for text in (pair.text_a, pair.text_b)]
    probabilities = predict(texts)
    chosen = probabilities.argmax(1)
    highest = probabilities.max(1)
    return [
        JudgedPair(
            pair,
            predicted_a=labels[chosen[2 * place]],
            predicted_b=labels[chosen[2 * place + 1]],
            probability_a=float(highest[2 * place]),
            probability_b=float(highest[2 * place + 1]),
        )
        for place, pair in enumerate(pairs)
    ]


def _shuffle(pairs: Sequence[TextPair], seed: int) -> list[TextPair]:
    random = np.random.default_rng(seed)
    return [
        pair._replace(
            text_a=shuffle_words(pair.text_a, random), text_b=shuffle_words(pair.text_b, random)
        )
        for pair in pairs
    ]


def _summary(kind: str, judged: Sequence[JudgedPair]) -> KindSummary:
    flipped = sum(each.flipped for each in judged)
    rights = [each.right for each in judged if each.right is not None]
    should = [each for each in judged if each.pair.should_flip]
    should_not = [each for each in judged if each.pair.should_flip is False]
    some = share(flipped, len(judged))
    if some is None:
        raise ValueError("a summary of no pairs")
    return KindSummary(
        kind=kind,
        pairs=len(judged),
        flipped=some,
        should_flip=len(should) if rights else None,
        flipped_rightly=share(sum(each.flipped for each in should), len(should)),
        kept_rightly=share(sum(not each.flipped for each in should_not), len(should_not)),
        texts_right=share(sum(map(sum, rights)), 2 * len(rights)),
        both_right=share(sum(map(all, rights)), len(rights)),
    )
