"""Ends of words as ids."""

from __future__ import annotations

import numpy as np
import pytest

from vartai.errors import OptionError
from vartai.text.affixes import BUCKETS, affix_ids
from vartai.text.options import TextOptions
from vartai.text.rows import read_rows
from vartai.text.tokenizer import train_tokenizer


def test_a_prefix_and_a_suffix_of_the_same_letters_are_told_apart() -> None:
    (ids,) = affix_ids(["abab"], 2)
    assert len(set(ids.tolist())) == 4


def test_words_share_the_ids_of_the_ends_they_share_and_no_others() -> None:
    one, other = affix_ids(["gerasis", "mažasis"], 4)
    assert (one == other).tolist() == [False] * 4 + [True, True, True, True]
    # From the side of the suffix: s, is, sis, asis; and no longer one.
    longer, beyond = affix_ids(["gerasis", "mažasis"], 5)
    assert longer[9] != beyond[9]


def test_a_short_word_has_no_affix_longer_than_itself() -> None:
    (ids,) = affix_ids(["ne"], 4)
    assert (ids > 0).tolist() == [True, True, False, False] * 2


def test_ids_stay_within_the_buckets() -> None:
    ids = affix_ids([f"žodis{number}" for number in range(2_000)], 5)
    assert ids.min() >= 0
    assert ids.max() <= BUCKETS


def test_the_same_text_always_has_the_same_ids() -> None:
    """They are in saved models: a change of the hash would make those read nonsense."""
    assert affix_ids(["geras"], 2).tolist() == [[8188, 11602, 9570, 3996]]


def test_rows_hold_the_token_first_whether_it_is_known_or_not() -> None:
    tokenizer = train_tokenizer(["Geras vakaras"], TextOptions(min_frequency=1))
    (rows,) = read_rows(tokenizer, ["geras, VAKARAS! vakaro"], affixes=3)
    assert rows[:, 0].tolist() == tokenizer.encode_ids(["geras, VAKARAS! vakaro"])[0].tolist()
    words = ["geras", ",", "vakaras", "!", "vakaro"]
    np.testing.assert_array_equal(rows[:, 1:], affix_ids(words, 3))


@pytest.mark.parametrize("text", ["", "   ", "e\u0307 é", "a b " * 30_000, "x" * 300_000])
def test_every_token_has_its_row_however_strange_the_text(text: str) -> None:
    tokenizer = train_tokenizer(["a b"], TextOptions(min_frequency=1, max_tokens=7))
    (rows,) = read_rows(tokenizer, [text], affixes=2)
    (ids,) = tokenizer.encode_ids([text])
    assert rows.shape == (len(ids), 5)
    assert rows[:, 0].tolist() == ids.tolist()


def test_affixes_of_what_is_no_word_are_refused() -> None:
    with pytest.raises(OptionError, match="affixes are of words, but unit is char"):
        TextOptions(unit="char", affixes=3)
    with pytest.raises(OptionError, match="affixes must be at least 0 and below 9, was 9"):
        TextOptions(affixes=9)
