"""Units ranked by how well each, alone, separates the tokens of a value from the rest.

On half of the texts the units are ranked, by AUROC, and a threshold is chosen for each; on the
other half all is measured anew. With a thousand units some look good by chance, so the ranking half
is also ranked under shuffled labels (`shuffling`), and a unit survives if it separates better than
the best unit of all does there in all but a share `alpha` of the shuffles. This is the single-step
max-T of Westfall & Young (1993): the chance that anything at all survives falsely is at most
`alpha`, whatever the units have to do with each other. A correction of rank tests by Benjamini &
Hochberg would need tokens that are independent, which words of a sentence are not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.errors import InputError, unknown_name
from vartai.inspect.flags.align import TokenLabels, only
from vartai.inspect.flags.auroc import (
    Bools,
    Counted,
    Floats,
    auroc,
    best_thresholds,
    centred_ranks,
)
from vartai.inspect.flags.options import RankingOptions as RankingOptions
from vartai.inspect.flags.shuffling import Shuffler, by_sentence, by_word
from vartai.inspect.flags.units import Unit, UnitTable

Ints = NDArray[np.int64]

_FEWEST = 5
_SHUFFLES_AT_ONCE = 64


@dataclass(frozen=True)
class UnitScore:
    """How well one unit tells one value.

    Args:
        unit: which.
        value: which value, against all others.
        sign: 1 if the unit is higher on tokens of the value, -1 if lower.
        auroc: on the texts it was ranked on; at least 0.5.
        p: share of shuffles in which some unit did as well, counting the true labels as one.
        threshold: of the unit, chosen on those texts.
        held_out: AUROC on the held-out texts, in the direction of `sign`; may be below 0.5.
        accuracy: share of held-out tokens on the right side of the threshold.
        balanced: mean of that share over tokens of the value and the rest: 0.5 says nothing.
        f1: of the value, held out.
    """

    unit: Unit
    value: str
    sign: int
    auroc: float
    p: float
    threshold: float
    held_out: float
    accuracy: float
    balanced: float
    f1: float


@dataclass(frozen=True, eq=False)
class Ranking:
    """All U units for each of L values.

    Args:
        units: in the order of the columns.
        values: that were ranked for.
        scores: AUROC ``[L, U]`` on the ranking half; below 0.5 where a unit is lower on the value.
        held_out: the same on the other half, not turned around.
        thresholds: ``[L, U]``, chosen on the ranking half.
        counted: held-out calls, of each value.
        best_by_chance: ``[shuffles]``. The best distance from 0.5 of any unit for any value, with
            shuffled labels.
        tokens: labelled tokens of the ranking half and of the other.
        texts: texts of each half that have labels.
        share: of each value among held-out tokens.
        notes: values left out, and why.
        options: as it was done.
    """

    units: list[Unit]
    values: tuple[str, ...]
    scores: Floats
    held_out: Floats
    thresholds: Floats
    counted: tuple[Counted, ...]
    best_by_chance: Floats
    tokens: tuple[int, int]
    texts: tuple[int, int]
    share: tuple[float, ...]
    notes: tuple[str, ...]
    options: RankingOptions

    @property
    def critical(self) -> float:
        """The AUROC above which a unit survives."""
        ordered = np.sort(self.best_by_chance)
        # p <= alpha means that at most alpha * (shuffles + 1) - 1 shuffles did as well.
        allowed = int(np.floor(self.options.alpha * (len(ordered) + 1) + 1e-9)) - 1
        return 1.0 if allowed < 0 else 0.5 + float(ordered[len(ordered) - 1 - allowed])

    def p_values(self) -> Floats:
        """``[L, U]``, corrected for all units and values tried."""
        ordered = np.sort(self.best_by_chance)
        distance = np.abs(self.scores - 0.5)
        # Rounding must not make the true labels worse than the same labels drawn by chance.
        reached = len(ordered) - np.searchsorted(ordered, distance - 1e-6)
        return (1 + reached) / (len(ordered) + 1)

    def survivors(self) -> dict[str, int]:
        """For each value how many units survive."""
        counts = (self.p_values() <= self.options.alpha).sum(1)
        return dict(zip(self.values, counts.tolist(), strict=True))

    def best(self, value: str, count: int) -> list[UnitScore]:
        """The units that separate a value best on the ranking half, best first.

        Raises:
            OptionError: it was not ranked for; lists those that were.
        """
        row = self._row(value)
        order = np.argsort(-np.abs(self.scores[row] - 0.5), kind="stable")[:count]
        return [self.score(value, int(place)) for place in order]

    def score(self, value: str, place: int) -> UnitScore:
        """How well the unit in a column tells a value."""
        row = self._row(value)
        found = float(self.scores[row, place])
        sign = 1 if found >= 0.5 else -1
        other = float(self.held_out[row, place])
        counted = self.counted[row]
        return UnitScore(
            unit=self.units[place],
            value=value,
            sign=sign,
            auroc=max(found, 1 - found),
            p=float(self.p_values()[row, place]),
            threshold=float(self.thresholds[row, place]),
            held_out=other if sign > 0 else 1 - other,
            accuracy=float(counted.accuracy[place]),
            balanced=float(counted.balanced[place]),
            f1=float(counted.f1[place]),
        )

    def _row(self, value: str) -> int:
        if value not in self.values:
            raise unknown_name("value", value, self.values)
        return self.values.index(value)


_RANKING = RankingOptions()


def rank(
    table: UnitTable,
    labels: TokenLabels,
    texts: Sequence[str],
    *,
    options: RankingOptions = _RANKING,
) -> Ranking:
    """Rank units by how well each separates each value from the other values.

    Args:
        table: what the units were at the N labelled tokens.
        labels: of exactly these tokens.
        texts: the texts that labels refer to; equal ones never stand on two sides.
        options: how.

    Raises:
        InputError: fewer than two values that are frequent enough on both sides.
        ValueError: another number of labels than of rows, or a token without a value.
    """
    if len(labels.codes) != len(table.values) or (labels.codes < 0).any():
        raise ValueError(
            f"rank: expected {len(table.values)} labels, found {int((labels.codes >= 0).sum())}"
        )
    held = held_out_texts(texts, share=options.held_out, seed=options.seed)[labels.texts]
    codes = labels.codes
    chosen, notes = _usable(labels, held)
    masks = np.stack([codes == code for code in chosen])
    values = tuple(labels.values[code] for code in chosen)
    train, other = table.values[~held], table.values[held]
    ranks = centred_ranks(train)
    scores = auroc(ranks, masks[:, ~held])
    signs = np.where(scores >= 0.5, 1, -1)
    thresholds, counted = [], []
    for row in range(len(values)):
        found = best_thresholds(train, masks[row, ~held], signs[row])
        thresholds.append(found.cuts)
        counted.append(Counted.of(found.fires(other), masks[row, held]))
    return Ranking(
        units=table.units,
        values=values,
        scores=scores,
        held_out=auroc(centred_ranks(other), masks[:, held]),
        thresholds=np.stack(thresholds),
        counted=tuple(counted),
        best_by_chance=_by_chance(ranks.astype(np.float32), only(labels, ~held), chosen, options),
        tokens=(int((~held).sum()), int(held.sum())),
        texts=(len(np.unique(labels.texts[~held])), len(np.unique(labels.texts[held]))),
        share=tuple(masks[:, held].mean(1).tolist()),
        notes=notes,
        options=options,
    )


def held_out_texts(texts: Sequence[str], *, share: float, seed: int) -> Bools:
    """Which texts are held out: ``[texts]``. Equal texts are on the same side."""
    drawn = sorted({_draw(text, seed) for text in texts})
    if not drawn:
        return np.zeros(0, dtype=bool)
    edge = drawn[min(len(drawn) - 1, round(len(drawn) * (1 - share)))]
    return np.array([_draw(text, seed) >= edge for text in texts])


def _draw(text: str, seed: int) -> bytes:
    """A number that looks random: the same for text and seed on every machine."""
    whole = f"{seed}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).digest()


def shuffler(labels: TokenLabels, shuffle: str) -> Shuffler:
    """Draws labels that mean nothing, in the way of `RankingOptions.shuffle`."""
    if shuffle == "words":
        return by_word(labels.codes, labels.words)
    stretches = labels.words if labels.carried else None
    return by_sentence(labels.codes, labels.texts, stretches)


def _usable(labels: TokenLabels, held: Bools) -> tuple[list[int], tuple[str, ...]]:
    """Codes of the values with enough tokens, and not all tokens, on both sides."""
    chosen, notes = [], []
    for code, value in enumerate(labels.values):
        counts = [int((labels.codes[half] == code).sum()) for half in (~held, held)]
        if not sum(counts):
            continue
        rest = [int(half.sum()) - count for half, count in zip((~held, held), counts, strict=True)]
        if min(*counts, *rest) < _FEWEST:
            notes.append(
                f"{value}: not ranked: {counts[0]} tokens to rank on and {counts[1]} held out "
                f"(of the rest {rest[0]} and {rest[1]}), at least {_FEWEST} of each are needed"
            )
        else:
            chosen.append(code)
    if not chosen:
        counts_said = ", ".join(f"{value} {count}" for value, count in labels.counts().items())
        raise InputError(
            f"expected at least {_FEWEST} tokens of a value and of the rest on both sides of the "
            f"split, found: {counts_said or 'no labelled token'}"
        )
    return chosen, tuple(notes)


def _by_chance(
    ranks: NDArray[np.float32],
    labels: TokenLabels,
    chosen: list[int],
    options: RankingOptions,
) -> Floats:
    """The best distance from 0.5 of any unit for any value, for each shuffle."""
    shuffle = shuffler(labels, options.shuffle)
    random = np.random.default_rng([options.seed, 1])
    best: list[float] = []
    while len(best) < options.shuffles:
        count = min(_SHUFFLES_AT_ONCE, options.shuffles - len(best))
        drawn = np.stack([shuffle(random) for _ in range(count)])
        masks = np.stack([drawn == code for code in chosen], axis=1)
        found = auroc(ranks, masks.reshape(count * len(chosen), -1))
        distance = np.abs(found - 0.5).reshape(count, -1)
        best.extend(distance.max(1).tolist())
    return np.array(best)
