"""Words as white space leaves them, and line ends."""

from __future__ import annotations

import json

import pytest

from vartai.errors import BundleError, OptionError
from vartai.text.options import TextOptions
from vartai.text.tokenizer import load_tokenizer, train_spaced

OPTIONS = TextOptions(unit="word", lowercase=False, min_frequency=1)
TEXT = " the cat 's hat \n the <unk> sat on N mats \n"


def test_a_token_is_what_stands_between_white_space_and_every_line_end_is_one() -> None:
    tokenizer = train_spaced([TEXT], OPTIONS)
    (ids,) = tokenizer.encode_ids([TEXT])
    words = ["the", "cat", "'s", "hat", "\n", "the", "<unk>", "sat", "on", "N", "mats", "\n"]
    assert tokenizer.tokens(ids) == words
    assert ids[6] == tokenizer.unknown_id


def test_the_commonest_words_come_first_and_ties_by_code_points() -> None:
    tokenizer = train_spaced(["b a b c a b"], OPTIONS)
    assert tokenizer.vocabulary == ("<pad>", "<unk>", "b", "a", "c")


def test_rare_words_and_those_beyond_the_vocabulary_are_unknown() -> None:
    rare = train_spaced(["a a b"], TextOptions(unit="word", lowercase=False, min_frequency=2))
    assert rare.encode_ids(["a b"])[0].tolist() == [2, 1]
    few = train_spaced(["a a b"], TextOptions(unit="word", vocabulary_size=3, min_frequency=1))
    assert few.encode_ids(["a b"])[0].tolist() == [2, 1]


def test_case_is_folded_where_that_was_asked_for() -> None:
    tokenizer = train_spaced(["Ąžuolas ĄŽUOLAS"], TextOptions(unit="word", min_frequency=1))
    assert tokenizer.encode_ids(["ąžuolas"])[0].tolist() == [2]


def test_offsets_lead_back_to_the_text() -> None:
    tokenizer = train_spaced([TEXT], OPTIONS)
    offsets = tokenizer.encode([TEXT])[0].offsets.tolist()
    assert [TEXT[a:b] for a, b in offsets[:5]] == ["the", "cat", "'s", "hat", "\n"]


def test_a_saved_tokenizer_reads_as_before() -> None:
    tokenizer = train_spaced([TEXT], OPTIONS)
    again = load_tokenizer(tokenizer.to_json())
    assert again.vocabulary == tokenizer.vocabulary
    assert again.encode_ids([TEXT])[0].tolist() == tokenizer.encode_ids([TEXT])[0].tolist()


def test_new_words_are_appended() -> None:
    more = train_spaced(["a b"], OPTIONS).extended(["c a"], OPTIONS)
    assert more.vocabulary == ("<pad>", "<unk>", "a", "b", "c")
    with pytest.raises(OptionError, match="cannot be extended with unit=char"):
        more.extended(["c"], TextOptions(unit="char", lowercase=False))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"version": 2}, "expected version 1, found 2"),
        ({"lowercase": 1}, "expected lowercase to be true or false, found 1"),
        ({"words": ["a b"]}, "expected words without white space, found 'a b'"),
        ({"words": ["<pad>"]}, "expected words without white space, found '<pad>'"),
        ({"words": ["a", "a"]}, "expected each of the words once, found some twice"),
        ({"words": [3]}, "expected a word to be a string, found int"),
        ({"max_tokens": 0}, "expected max_tokens to be a whole number from 2, found 0"),
        ({"type": "vartai.other"}, "expected the type 'vartai.characters' or 'vartai.spaced'"),
    ],
)
def test_a_damaged_tokenizer_is_refused(change: dict[str, object], fault: str) -> None:
    saved = json.loads(train_spaced(["a b"], OPTIONS).to_json())
    with pytest.raises(BundleError, match=fault):
        load_tokenizer(json.dumps({**saved, **change}))
