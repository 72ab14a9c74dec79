"""Scores of tags: as seqeval and scikit-learn have them, and whether they differ by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from sklearn.metrics import f1_score as sklearn_f1
from tests.tasks.tag.sentences import made

from vartai.errors import InputError
from vartai.tasks.tag.baselines import run_baselines
from vartai.tasks.tag.evaluation import evaluate_tags
from vartai.tasks.tag.metrics import Ratio, span_f1, span_scores, word_accuracy
from vartai.tasks.tag.schemes import count_illegal, find_scheme, legal_tags, may_follow
from vartai.tasks.tag.significance import paired_bootstrap

tags = st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y", "E-X", "S-Y"])
rows = st.lists(st.lists(st.tuples(tags, tags), min_size=1, max_size=7), min_size=1, max_size=5)


@settings(deadline=None, max_examples=60)
@given(pairs=rows)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_f1_of_spans_is_that_of_seqeval(pairs: list[list[tuple[str, str]]]) -> None:
    truth = [[one for one, _ in row] for row in pairs]
    chosen = [[other for _, other in row] for row in pairs]
    expected = f1_score(truth, chosen, zero_division=0)
    assert span_f1(truth, chosen).value == pytest.approx(expected)
    scores = span_scores(truth, chosen)
    assert sum(score.count for score in scores) == span_f1(truth, truth).below.sum() / 2


def test_scores_of_words_are_those_of_scikit_learn() -> None:
    corpus = made(("a b c", "X Y X"), ("d b", "Z Y"))
    chosen = [["X", "X", "X"], ["Z", "Y"]]
    found = evaluate_tags(
        corpus.rows, chosen, scheme="none", has_seen={"a", "b"}.__contains__, is_feature=False
    )
    flat_truth, flat = ["X", "Y", "X", "Z", "Y"], ["X", "X", "X", "Z", "Y"]
    assert found.accuracy == 0.8
    assert found.f1 == pytest.approx(sklearn_f1(flat_truth, flat, average="macro"))
    assert (found.unseen, found.unseen_accuracy) == (2, 1.0)
    assert found.feature_accuracy is None
    assert found.measure == "accuracy"


def test_a_feature_is_also_scored_over_the_words_that_have_it() -> None:
    corpus = made(("a b c d", "_ Fem _ Masc"))
    found = evaluate_tags(
        corpus.rows, [["_", "_", "_", "Masc"]], scheme="none", has_seen=bool, is_feature=True
    )
    assert (found.accuracy, found.feature_accuracy) == (0.75, 0.5)
    assert found.unseen_accuracy is None


def test_the_standard_error_of_an_accuracy_of_single_words_is_the_binomial_one() -> None:
    right = np.array([1.0] * 80 + [0.0] * 20)
    assert Ratio(right, np.ones(100)).error == pytest.approx((0.8 * 0.2 / 100) ** 0.5)


def test_what_differs_by_one_sentence_is_chance_and_what_differs_by_all_is_not() -> None:
    words = np.full(200, 10.0)
    good, bad = Ratio(words - 1, words), Ratio(words - 2, words)
    assert paired_bootstrap(good, bad, seed=0) < 0.002
    nearly = np.array(good.above)
    nearly[0] -= 1
    assert paired_bootstrap(good, Ratio(nearly, words), seed=0) > 0.3
    assert paired_bootstrap(good, good, seed=0) == 1.0


@pytest.mark.parametrize(
    ("spelled", "scheme"),
    [
        ("B-X I-X O", "bio"),
        ("S-X B-X I-X E-X O", "iobes"),
        ("NOUN O", "none"),
        ("O", "none"),
        ("I-X O", "none"),
        ("B- O", "none"),
    ],
)
def test_a_scheme_is_told_by_how_tags_are_spelled(spelled: str, scheme: str) -> None:
    corpus = made(("w " * len(spelled.split()), spelled))
    assert find_scheme("auto", corpus.rows, lambda _: None) == scheme


def test_a_scheme_that_was_asked_for_must_fit_the_tags() -> None:
    corpus = made(("a b", "B-X NOUN"))
    with pytest.raises(InputError, match="tag 'NOUN' is not one of the scheme bio, such as B-NP"):
        find_scheme("bio", corpus.rows, lambda _: None)
    assert find_scheme("none", corpus.rows, lambda _: None) == "none"


@pytest.mark.parametrize(
    ("scheme", "row", "legal"),
    [
        ("bio", "O B-X I-X B-X O B-Y I-Y I-Y", True),
        ("bio", "O I-X", False),
        ("bio", "B-X I-Y", False),
        ("bio", "I-X", False),
        ("iobes", "S-X B-Y I-Y E-Y O S-Y", True),
        ("iobes", "B-X O", False),
        ("iobes", "B-X E-Y", False),
        ("iobes", "O B-X", False),
        ("iobes", "E-X", False),
        ("iobes", "S-X I-X", False),
    ],
)
def test_what_is_legal_is_what_the_scheme_says(scheme: str, row: str, legal: bool) -> None:
    corpus = made(("w " * len(row.split()), row))
    assert (count_illegal(scheme, corpus.rows)[0] == 0) is legal


def test_masks_say_what_the_rule_says() -> None:
    names = ["B-X", "E-X", "I-X", "O", "S-X"]
    for scheme in ("bio", "iobes"):
        legal = legal_tags(scheme, names)
        assert legal is not None
        for i, one in enumerate(names):
            assert bool(legal.start[i]) is may_follow(scheme, None, one)
            assert bool(legal.end[i]) is may_follow(scheme, one, None)
            for j, other in enumerate(names):
                assert bool(legal.transitions[i, j]) is may_follow(scheme, one, other)
    assert legal_tags("none", names) is None


def test_baselines_know_the_commonest_tag_and_the_neighbours() -> None:
    train = made(*[("old men row", "ADJ NOUN VERB"), ("a row ends", "DET NOUN VERB")] * 10)
    test = made(("old row", "ADJ NOUN"), ("a zebra", "DET NOUN"))
    frequent, linear = run_baselines(train.rows, test.rows, seed=0)
    assert frequent.chosen[1][0] == "DET"
    assert frequent.chosen[1][1] == "NOUN"
    assert word_accuracy([row.tags for row in test.rows], linear.chosen).value >= 0.75
    assert linear.bytes > 0
