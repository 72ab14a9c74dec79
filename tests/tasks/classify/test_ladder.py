from __future__ import annotations

import pytest

from vartai.errors import OptionError
from vartai.tasks.classify.config import ClassifierOptions
from vartai.tasks.classify.demo import demo_config, demo_corpus, demo_splits
from vartai.tasks.classify.ladder import parameter_count, sized_like


@pytest.mark.parametrize("cell", ["bag", "rnn", "lstm", "gru"])
def test_all_cells_of_the_ladder_have_nearly_equal_parameters(cell: str) -> None:
    options = demo_config(0).model
    wanted = parameter_count(options, vocabulary_size=500, classes=2)
    other = sized_like(options, cell, vocabulary_size=500, classes=2)
    assert other.cell == cell
    count = parameter_count(other, vocabulary_size=500, classes=2)
    assert abs(count - wanted) / wanted < 0.02


def test_a_cell_that_cannot_be_so_large_is_refused() -> None:
    options = ClassifierOptions(hidden_size=4000, layers=3)
    with pytest.raises(OptionError, match="a bag of size 4096 has fewer parameters than"):
        sized_like(options, "bag", vocabulary_size=100, classes=2)


def test_pairs_of_the_demonstration_stand_after_each_other() -> None:
    splits, pairs = demo_splits(demo_corpus(0))
    assert len(pairs) % 2 == 0
    assert len(pairs) >= 400
    for place in range(0, len(pairs), 2):
        one, other = pairs.texts[place : place + 2]
        assert sorted(one.split()) == sorted(other.split())
        assert pairs.labels[place] != pairs.labels[place + 1]
    assert not set(splits.test.texts) & set(splits.train.texts)
