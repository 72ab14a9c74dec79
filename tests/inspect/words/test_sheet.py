"""A model before a sheet of pairs: flips, what they should have been, and the shuffled control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.inspect.words.models import SMALL, random_task

from vartai.data.negation.contrasts import generate_pairs
from vartai.data.pair_sheet import PairSheet, TextPair
from vartai.errors import OptionError
from vartai.inspect.words.shares import share
from vartai.inspect.words.sheet import judge_pairs, shuffled_control, summarise_pairs

LABELS = ("no", "yes")
SHEET = PairSheet(
    "sheet",
    [
        TextPair(1, "not", "it is good", "it is not good", "yes", "no"),
        TextPair(2, "not", "it is bad", "it is not bad", "no", "yes"),
        TextPair(3, "so", "it is good", "it is so good", "yes", "yes"),
    ],
    labelled=True,
)


def says_no_at_not(texts: Sequence[str]) -> NDArray[np.float64]:
    """A reader that takes any "not" for a no, and all else for a yes, but for "bad"."""
    no = np.array([0.9 if {"not", "bad"} & set(text.split()) else 0.2 for text in texts])
    return np.stack([no, 1 - no], axis=1)


def starts_with_bad(texts: Sequence[str]) -> NDArray[np.float64]:
    no = np.array([0.8 if text.startswith("bad") else 0.3 for text in texts])
    return np.stack([no, 1 - no], axis=1)


def test_each_pair_is_judged_by_both_its_texts() -> None:
    first, second, third = judge_pairs(says_no_at_not, LABELS, SHEET)
    assert (first.predicted_a, first.predicted_b, first.flipped, first.right) == (
        "yes",
        "no",
        True,
        (True, True),
    )
    assert (second.flipped, second.right) == (False, (True, False))
    assert (third.flipped, third.right) == (False, (True, True))
    assert first.probability_a == pytest.approx(0.8)
    assert first.probability_b == pytest.approx(0.9)


def test_kinds_are_counted_apart_and_together() -> None:
    rows = {row.kind: row for row in summarise_pairs(judge_pairs(says_no_at_not, LABELS, SHEET))}
    assert list(rows) == ["not", "so", "all"]
    assert rows["not"].flipped == share(1, 2)
    assert rows["not"].flipped_rightly == share(1, 2)
    assert rows["not"].kept_rightly is None
    assert rows["so"].kept_rightly == share(1, 1)
    assert rows["so"].flipped_rightly is None
    assert rows["all"].texts_right == share(5, 6)
    assert rows["all"].both_right == share(2, 3)
    assert rows["all"].should_flip == 2


def test_without_labels_only_flips_are_counted() -> None:
    pairs = [pair._replace(label_a=None, label_b=None) for pair in SHEET.pairs]
    judged = judge_pairs(says_no_at_not, LABELS, PairSheet("sheet", pairs))
    row = summarise_pairs(judged)[-1]
    assert row.flipped == share(1, 3)
    assert (row.should_flip, row.texts_right, row.both_right) == (None, None, None)
    assert shuffled_control(says_no_at_not, LABELS, judged, seeds=(0,)).both_right is None


def test_shuffling_changes_nothing_for_a_bag_of_words() -> None:
    sheet = generate_pairs("order", language="en", count=20, seed=0, positive="yes", negative="no")
    bag = random_task(replace(SMALL, cell="bag", pool="mean"))
    for predict in (says_no_at_not, bag.probabilities):
        judged = judge_pairs(predict, LABELS, sheet)
        found = shuffled_control(predict, LABELS, judged, seeds=range(3))
        assert found.changed == (0.0, 0.0, 0.0)
        assert summarise_pairs(judged)[-1].flipped.count == 0
        assert found.both_right == (0.0, 0.0, 0.0)


def test_shuffling_changes_a_reader_of_order_differently_with_every_seed() -> None:
    pairs = [
        TextPair(1, "x", f"bad and good {n}", f"good and bad {n}", "no", "yes") for n in range(40)
    ]
    judged = judge_pairs(starts_with_bad, LABELS, PairSheet("sheet", pairs, labelled=True))
    assert summarise_pairs(judged)[-1].both_right == share(40, 40)
    found = shuffled_control(starts_with_bad, LABELS, judged, seeds=(0, 1, 2))
    assert min(found.changed) > 0.3
    assert found.both_right is not None
    assert max(found.both_right) < 0.5
    assert len(set(found.changed)) > 1


def test_an_interval_holds_its_share_and_narrows_with_more() -> None:
    few, many = share(3, 10), share(300, 1000)
    assert few is not None
    assert many is not None
    for found in (few, many):
        assert found.low < found.value < found.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert share(0, 0) is None


def test_a_control_without_seeds_is_refused() -> None:
    judged = judge_pairs(says_no_at_not, LABELS, SHEET)
    with pytest.raises(OptionError, match="expected at least one, found none"):
        shuffled_control(says_no_at_not, LABELS, judged, seeds=())
