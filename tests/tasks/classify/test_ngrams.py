"""The wide path: it learns, is saved without loss, and refuses what was tampered with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from vartai.data.negation import generate_corpus
from vartai.errors import BundleError, InputError
from vartai.tasks.classify.ngram_features import BLOCK_BUCKETS, LONG_TEXTS, SHORT_TEXTS
from vartai.tasks.classify.ngrams import NgramPath

WORDS = {"good": 0, "bad": 1, "odd": 2}
TEXTS = [f"{name} {word}" for word in WORDS for name in "abcdefghijkl"]
CLASSES = np.array([index for index in WORDS.values() for _ in range(12)])


@pytest.fixture(scope="module")
def path() -> NgramPath:
    return NgramPath.fit(TEXTS, CLASSES, classes=3)


def test_a_telling_word_is_found(path: NgramPath) -> None:
    unseen = [f"zebra {word}" for word in WORDS]
    assert path.scores(unseen).argmax(1).tolist() == [0, 1, 2]
    assert path.inverse_penalty in (3.0, 10.0, 30.0)


def test_two_classes_give_the_log_odds_of_the_second_half_to_each_side() -> None:
    two = NgramPath.fit(TEXTS[:24], CLASSES[:24], classes=2)
    scores = two.scores(["x good", "x bad"])
    np.testing.assert_allclose(scores[:, 0], -scores[:, 1], rtol=1e-6)
    assert softmax(scores, axis=1)[[0, 1], [0, 1]].min() > 0.5


def test_several_labels_a_text_are_decided_each_by_itself() -> None:
    both = [f"{text} and bad" for text in TEXTS[:12]]
    truth = np.zeros((48, 3), dtype=bool)
    truth[np.arange(36), CLASSES] = True
    truth[36:, :2] = True
    many = NgramPath.fit(TEXTS + both, truth, classes=3)
    assert (many.scores(["x good and bad", "x odd"]) > 0).tolist() == [
        [True, True, False],
        [False, False, True],
    ]


def test_pairs_of_words_tell_what_single_words_do_not() -> None:
    corpus = generate_corpus(seed=0, train=2_000, valid=4, test=4)
    labels = np.array([int(s.label == "positive") for s in corpus.train])
    fitted = NgramPath.fit([s.text for s in corpus.train], labels, classes=2)
    pairs = ["it was not bad , it was good", "it was not good , it was bad"]
    difference = np.diff(fitted.scores(pairs)[:, 1])[0]
    assert difference < 0


def test_saved_and_loaded_scores_are_the_same_to_the_bit(path: NgramPath) -> None:
    loaded = NgramPath.from_tensors(path.tensors(), classes=3)
    np.testing.assert_array_equal(loaded.scores(TEXTS), path.scores(TEXTS))


def test_a_text_alone_scores_as_among_others(
    path: NgramPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "good " * 1_000
    monkeypatch.setattr("vartai.tasks.classify.ngrams._CHARACTERS_AT_ONCE", 40)
    among = path.scores([*TEXTS, long, "bad"])
    alone = np.concatenate([path.scores([text]) for text in [*TEXTS, long, "bad"]])
    np.testing.assert_array_equal(among, alone)


def test_empty_texts_and_no_texts_have_scores(path: NgramPath) -> None:
    assert path.scores([]).shape == (0, 3)
    assert np.isfinite(path.scores(["", "\x00", "🙂"])).all()


def test_long_texts_are_read_by_triples_of_words_and_short_ones_by_character_runs(
    path: NgramPath,
) -> None:
    long = NgramPath.fit([text + " filler" * 30_000 for text in TEXTS], CLASSES, classes=3)
    assert tuple(long.features.parts()) == LONG_TEXTS
    assert tuple(path.features.parts()) == SHORT_TEXTS
    loaded = NgramPath.from_tensors(long.tensors(), classes=3)
    np.testing.assert_array_equal(loaded.scores(TEXTS), long.scores(TEXTS))


def test_triples_of_words_tell_what_pairs_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both texts have the same pairs, the ends included: the same two rounds, in other order."""
    monkeypatch.setattr("vartai.tasks.classify.ngrams.MOST_CHARACTERS", 0)
    texts = ["x a b x c d x", "x c d x a b x"] * 20
    fitted = NgramPath.fit(texts, np.array([0, 1] * 20), classes=2)
    assert fitted.scores(texts[:2]).argmax(1).tolist() == [0, 1]


def test_texts_without_anything_in_common_are_refused() -> None:
    with pytest.raises(InputError, match="n-grams that occur in 2 texts, and among 2 texts there"):
        NgramPath.fit(["猫", "犬"], np.array([0, 1]), classes=2)


Tensors = dict[str, NDArray[Any]]


def _without_bias(tensors: Tensors) -> None:
    del tensors["bias"]


def _unsorted(tensors: Tensors) -> None:
    tensors["buckets"] = tensors["buckets"][::-1].copy()


def _repeated(tensors: Tensors) -> None:
    tensors["buckets"][1] = tensors["buckets"][0]


def _negative(tensors: Tensors) -> None:
    tensors["buckets"][0] = -1


def _too_high(tensors: Tensors) -> None:
    tensors["buckets"][-1] = 3 * BLOCK_BUCKETS


def _empty(tensors: Tensors) -> None:
    for name in ("buckets", "scale", "weights"):
        tensors[name] = tensors[name][:0]


def _nan(tensors: Tensors) -> None:
    tensors["weights"][3, 1] = np.nan


def _too_few_weights(tensors: Tensors) -> None:
    tensors["weights"] = tensors["weights"][:-1]


def _other_classes(tensors: Tensors) -> None:
    tensors["bias"] = tensors["bias"][:2]


def _floating_buckets(tensors: Tensors) -> None:
    tensors["buckets"] = tensors["buckets"].astype(np.float64)


def _zero_scale(tensors: Tensors) -> None:
    tensors["scale"][0] = 0


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without_bias, "an n-gram path has bias, buckets, scale, weights; found buckets, scale"),
        (_unsorted, "wide.buckets should be in ascending order"),
        (_repeated, "wide.buckets should be in ascending order"),
        (_negative, "wide.buckets should be from 0 up to"),
        (_too_high, "wide.buckets should be from 0 up to"),
        (_empty, "wide.buckets should be .*at least one"),
        (_nan, "wide.weights should be finite"),
        (_too_few_weights, "wide.weights should be float32 .*, was float32"),
        (_other_classes, r"wide.bias should be float32 \[3\], was float32 \[2\]"),
        (_floating_buckets, "wide.buckets should be int64 .*, was float64"),
        (_zero_scale, "wide.scale should be positive"),
    ],
)
def test_damaged_tensors_are_refused_by_name(path: NgramPath, damage: Any, message: str) -> None:
    tensors = {name: value.copy() for name, value in path.tensors().items()}
    damage(tensors)
    with pytest.raises(BundleError, match=message):
        NgramPath.from_tensors(tensors, classes=3)


def test_questions_are_sorted_as_well_as_published(data_dir: Path) -> None:
    train, test = (
        _questions(data_dir / "trec" / f"TREC.{split}.all") for split in ("train", "test")
    )
    fitted = NgramPath.fit(train[0], train[1], classes=6)
    accuracy = (fitted.scores(test[0]).argmax(1) == test[1]).mean()
    assert accuracy >= 0.905


def _questions(file: Path) -> tuple[list[str], NDArray[np.int64]]:
    rows = [line.split(" ", 1) for line in file.read_text(encoding="latin-1").splitlines()]
    return [text for _, text in rows], np.array([int(label) for label, _ in rows])
