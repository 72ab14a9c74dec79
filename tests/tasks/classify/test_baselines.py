"""The baselines: right on what can be counted by hand, and as strong as others found them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from vartai.data.negation import generate_corpus
from vartai.tasks.classify.baselines import TOKEN, run_baselines

TEXTS = ["good film", "good book", "a good one", "bad film", "bad book"]
LABELS = [("yes",), ("yes",), ("yes",), ("no",), ("no",)]


def test_majority_answers_the_commonest_label() -> None:
    majority, _ = run_baselines(TEXTS, LABELS, TEXTS, LABELS, TEXTS, LABELS, seed=0)
    assert majority.name == "majority"
    assert majority.accuracy == majority.shuffled_accuracy == pytest.approx(3 / 5)
    # F1 of "yes" is 2·3/(2·3 + 2), of "no" 0.
    assert majority.macro_f1 == pytest.approx(0.75 / 2)
    assert majority.correct.tolist() == [True, True, True, False, False]


def test_words_that_tell_are_learnt() -> None:
    unseen, answers = ["good play", "bad play"], [("yes",), ("no",)]
    _, tfidf = run_baselines(TEXTS, LABELS, TEXTS, LABELS, unseen, answers, seed=0)
    assert (tfidf.name, tfidf.accuracy) == ("tfidf_lr", 1.0)
    assert re.fullmatch(r"C = (1|3|10|30)", tfidf.detail)
    # Classes in alphabetical order: no, yes.
    assert tfidf.predictions.tolist() == [[False, True], [True, False]]


def test_size_counts_weights_and_vocabulary() -> None:
    texts, labels = ["ab", "ab", "ž"], [("x",), ("x",), ("y",)]
    _, tfidf = run_baselines(texts, labels, texts, labels, texts, labels, seed=0)
    # "ab" and "ž" with a line end each: 3 + 3 bytes; a weight and a scale each, and one bias.
    assert tfidf.bytes == 6 + 4 * (2 * 2 + 1)


def test_several_labels_a_text_count_only_when_all_are_right() -> None:
    texts = ["red", "blue", "red blue", "none"] * 5
    labels: list[tuple[str, ...]] = [("r",), ("b",), ("b", "r"), ()] * 5
    majority, tfidf = run_baselines(texts, labels, texts, labels, texts, labels, seed=0)
    assert majority.accuracy == pytest.approx(1 / 4)
    assert tfidf.accuracy == 1.0
    truth = np.array([["b" in row, "r" in row] for row in labels])
    expected = f1_score(truth, majority.predictions, average="macro", zero_division=0)
    assert majority.macro_f1 == pytest.approx(expected)


def test_apostrophes_and_single_characters_are_kept() -> None:
    text = "i do n't like the director 's cut , it isn't a film !"
    assert re.findall(TOKEN, text) == text.split()


def test_single_words_are_at_chance_where_order_decides_and_pairs_of_words_do_not_reach_far() -> (
    None
):
    corpus = generate_corpus(seed=0, train=4_000, valid=400, test=400)
    splits = [
        part
        for split in (corpus.train, corpus.valid, corpus.test)
        for part in ([s.text for s in split], [(s.label,) for s in split])
    ]
    majority, tfidf = run_baselines(*splits, seed=0)  # type: ignore[arg-type]
    assert majority.accuracy == 0.5
    assert tfidf.accuracy < 0.8
    assert abs(tfidf.shuffled_accuracy - 0.5) < 0.1


def test_movie_reviews_are_judged_about_as_well_as_elsewhere(data_dir: Path) -> None:
    splits = [part for name in ("train", "dev", "test") for part in _reviews(data_dir, name)]
    _, tfidf = run_baselines(*splits, seed=0)  # type: ignore[arg-type]
    assert 0.81 < tfidf.accuracy < 0.83
    assert tfidf.shuffled_accuracy < tfidf.accuracy


def _reviews(data_dir: Path, name: str) -> tuple[list[str], list[tuple[str, ...]]]:
    lines = (data_dir / "sst2" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [text for text, _ in rows], [(label,) for _, label in rows]
