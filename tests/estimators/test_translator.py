"""`vartai.Translator`: the options of the command line, and a trained model in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vartai
from vartai import InputError, OptionError, Translator
from vartai.data.small_grammar import generate_grammar

PAIRS = generate_grammar(train=50, valid=1, test=1, seed=6).train
SMALL: dict[str, Any] = {
    "hidden_size": 8,
    "embedding_size": 8,
    "vocabulary_size": 300,
    "epochs": 1,
    "beam": 2,
    "max_ratio": 0.5,
    "sample": 2,
    "threads": 1,
    "valid_share": 0.1,
}


def test_it_learns_translates_scores_and_comes_back(tmp_path: Path) -> None:
    translator = Translator(**SMALL).fit(PAIRS.sources, PAIRS.targets)
    found = translator.predict([*PAIRS.sources[:3], ""])
    assert len(found) == 4
    assert found[3] == ""
    assert 0 <= translator.score(PAIRS.sources[:3], PAIRS.targets[:3]) <= 100
    assert len(translator.history_) == 1
    translator.save(tmp_path / "model")
    loaded = vartai.load(tmp_path / "model")
    assert isinstance(loaded, Translator)
    assert loaded.predict([*PAIRS.sources[:3], ""]) == found
    assert loaded.get_params() == {**translator.get_params()}


@pytest.mark.parametrize(
    ("texts", "translations", "told"),
    [
        (["a", "b"], ["c"], "y: expected a translation of each text, found 2 texts and 1 trans"),
        (["a", " "], ["c", "d"], r"X\[1\]: expected text, found only blanks"),
        (["a", None], ["c", "d"], r"X\[1\]: expected text, found NoneType None"),
    ],
)
def test_pairs_that_are_none_are_refused(texts: Any, translations: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        Translator(**SMALL).fit(texts, translations)


def test_an_option_out_of_bounds_is_refused_by_fit() -> None:
    with pytest.raises(OptionError, match="attention must be|unknown attention 'x'"):
        Translator(**{**SMALL, "attention": "x"}).fit(PAIRS.sources, PAIRS.targets)
