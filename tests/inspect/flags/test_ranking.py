"""Units ranked by what they tell: against scikit-learn, under shuffled labels, held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from vartai.errors import InputError, OptionError
from vartai.inspect.flags.align import TokenLabels
from vartai.inspect.flags.auroc import Counted, auroc, best_thresholds, centred_ranks
from vartai.inspect.flags.ranking import RankingOptions, held_out_texts, rank
from vartai.inspect.flags.shuffling import by_sentence, by_word
from vartai.inspect.flags.spans import Trouble
from vartai.inspect.flags.units import Columns, Unit, UnitTable

_TEXTS, _LENGTH, _UNITS = 80, 6, 30
_QUICK = RankingOptions(shuffles=200)


def _corpus(*, strength: float) -> tuple[UnitTable, TokenLabels, list[str]]:
    """Texts that are all of one kind or the other; one unit of 30 knows which."""
    random = np.random.default_rng(3)
    kinds = np.arange(_TEXTS) % 2
    codes = kinds.repeat(_LENGTH)
    # Every text moves all units to and fro: its tokens are no independent draws.
    values = random.normal(size=(_TEXTS, _UNITS)).repeat(_LENGTH, axis=0)
    values += 0.3 * random.normal(size=values.shape)
    values[:, 7] -= strength * codes
    labels = TokenLabels(
        values=("Fem", "Masc"),
        codes=codes,
        texts=np.arange(_TEXTS).repeat(_LENGTH),
        words=random.integers(40, size=len(codes)),
        covered=np.ones(len(codes), dtype=bool),
        trouble=Trouble(),
    )
    table = UnitTable((Columns("l0", "hidden", _UNITS),), values.astype(np.float32))
    return table, labels, [f"text {place}" for place in range(_TEXTS)]


def test_auroc_is_scikit_learns_with_ties_and_for_many_columns() -> None:
    random = np.random.default_rng(0)
    values = random.integers(5, size=(50, 4)).astype(np.float32)
    masks = random.random((3, 50)) < 0.4
    found = auroc(centred_ranks(values), masks)
    for row, mask in zip(found, masks, strict=True):
        expected = [roc_auc_score(mask, column) for column in values.T]
        np.testing.assert_allclose(row, expected, rtol=1e-12)
    assert auroc(centred_ranks(values), np.ones((1, 50), dtype=bool)).tolist() == [[0.5] * 4]


def test_the_threshold_is_the_best_there_is_and_scores_are_scikit_learns() -> None:
    random = np.random.default_rng(1)
    mask = random.random(60) < 0.3
    values = (random.integers(8, size=(60, 3)) + 4 * mask[:, None]).astype(np.float32)
    values[:, 1] *= -1
    found = best_thresholds(values, mask, np.array([1, -1, 1]))
    counted = Counted.of(found.fires(values), mask)
    for place in range(3):
        sign, column = found.signs[place], values[:, place]
        tried = [sign * (column - cut) > 0 for cut in np.unique(column) - 0.5]
        best = max((calls[mask].mean() + 1 - calls[~mask].mean()) / 2 for calls in tried)
        assert counted.balanced[place] == pytest.approx(best)
        fires = found.fires(values)[:, place]
        assert counted.f1[place] == pytest.approx(f1_score(mask, fires))
        assert counted.accuracy[place] == pytest.approx((fires == mask).mean())


def test_a_constant_unit_says_nothing() -> None:
    mask = np.array([True, False, True])
    values = np.ones((3, 1), dtype=np.float32)
    assert auroc(centred_ranks(values), mask[None]).tolist() == [[0.5]]
    calls = best_thresholds(values, mask, np.array([1])).fires(values)
    assert Counted.of(calls, mask).balanced.tolist() == [0.5]


def test_the_unit_that_knows_is_found_survives_and_holds_on_other_texts() -> None:
    table, labels, texts = _corpus(strength=4.0)
    found = rank(table, labels, texts, options=_QUICK)
    first = found.best("Fem", 1)[0]
    assert (first.unit, first.sign) == (Unit("l0", "hidden", 7), 1)
    assert first.p == 1 / 201
    assert min(first.auroc, first.held_out, first.accuracy) > 0.95
    assert found.survivors() == {"Fem": 1, "Masc": 1}
    assert found.best("Masc", 1)[0].sign == -1
    assert sum(found.tokens) == len(labels.codes)


def test_with_shuffled_labels_nothing_survives() -> None:
    table, labels, texts = _corpus(strength=4.0)
    kept = 0
    for seed in range(12):
        drawn = by_sentence(labels.codes, labels.texts)(np.random.default_rng(seed))
        shuffled = replace(labels, codes=drawn)
        found = rank(table, shuffled, texts, options=replace(_QUICK, seed=seed))
        kept += sum(found.survivors().values()) > 0
    # At a level of 1 in 20, more than three of twelve by chance would be one case in 500.
    assert kept <= 3


def test_shuffling_single_tokens_would_find_what_is_not_there() -> None:
    table, labels, texts = _corpus(strength=0.0)
    honest = rank(table, labels, texts, options=_QUICK)
    chance = []
    random = np.random.default_rng(5)
    ranks = centred_ranks(table.values)
    for _ in range(100):
        drawn = random.permutation(labels.codes)
        chance.append(np.abs(auroc(ranks, (drawn == 0)[None]) - 0.5).max())
    assert sum(honest.survivors().values()) == 0
    assert 0.5 + np.quantile(chance, 0.95) < honest.critical - 0.05


def test_rows_of_labels_stay_together_and_words_keep_one_label() -> None:
    codes = np.array([0, 0, 1, 1, 1, 2, 0, 1])
    texts = np.array([0, 0, 1, 1, 1, 2, 3, 3])
    random = np.random.default_rng(2)
    drawn = by_sentence(codes, texts)(random)
    assert sorted(drawn) == sorted(codes)
    around = "".join(map(str, drawn.tolist() * 2))
    assert all(row in around for row in ("00", "111", "2", "01"))
    words = np.array([4, 4, 1, 1, 7, 7, 9, 9])
    drawn = by_word(codes, words)(random)
    assert all(len(set(drawn[words == word])) == 1 for word in (4, 1, 7, 9))


def test_the_tokens_of_a_carried_value_are_shuffled_as_one() -> None:
    codes = np.array([0, 0, 0, 1, 1, 0, 1, 1, 1, 1])
    texts = np.array([0, 0, 0, 0, 0, 1, 1, 1, 2, 2])
    words = np.array([3, 3, 3, 5, 5, 3, 5, 5, 5, 5])
    for seed in range(20):
        drawn = by_sentence(codes, texts, words)(np.random.default_rng(seed))
        stretches = [drawn[:3], drawn[3:5], drawn[5:6], drawn[6:8], drawn[8:]]
        assert all(len(set(each)) == 1 for each in stretches)
        assert sorted(each[0] for each in stretches) == [0, 0, 1, 1, 1]


def test_p_values_and_the_critical_score_say_the_same() -> None:
    table, labels, texts = _corpus(strength=0.6)
    found = rank(table, labels, texts, options=_QUICK)
    survives = found.p_values() <= found.options.alpha
    assert (survives == (np.abs(found.scores - 0.5) + 0.5 > found.critical)).all()


def test_equal_texts_are_on_the_same_side_and_the_share_is_kept() -> None:
    texts = [f"text {place % 50}" for place in range(100)]
    held = held_out_texts(texts, share=0.3, seed=1)
    assert (held[:50] == held[50:]).all()
    assert held.sum() == 30
    assert (held != held_out_texts(texts, share=0.3, seed=2)).any()


def test_values_too_rare_to_be_ranked_are_named() -> None:
    table, labels, texts = _corpus(strength=4.0)
    codes = labels.codes.copy()
    codes[:3] = 2
    rare = replace(labels, codes=codes, values=("Fem", "Masc", "Neut"))
    found = rank(table, rare, texts, options=replace(_QUICK, shuffles=5))
    assert found.values == ("Fem", "Masc")
    assert "Neut: not ranked" in found.notes[0]
    one = replace(labels, codes=np.zeros_like(labels.codes))
    with pytest.raises(InputError, match="at least 5 tokens of a value and of the rest"):
        rank(table, one, texts, options=_QUICK)
    with pytest.raises(OptionError, match="unknown value 'Neut'; known: Fem, Masc"):
        found.best("Neut", 1)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"held_out": 1.0}, "held_out must be above 0 and below 1"),
        ({"shuffles": 0}, "shuffles must be at least 1"),
        ({"shuffle": "tokens"}, "unknown shuffle 'tokens'; known: sentences, words"),
    ],
)
def test_impossible_options_are_refused(option: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        RankingOptions(**option)  # type: ignore[arg-type]
