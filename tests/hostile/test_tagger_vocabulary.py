"""What an attacker can write into a tagger's tokenizer.json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vartai.errors import BundleError
from vartai.text.given import GivenWords, load_given_words


def good() -> dict[str, Any]:
    words = GivenWords(["a", "b"], "ab", [["X"]], lowercase=True, max_characters=9, rare=["c"])
    saved: dict[str, Any] = json.loads(words.to_json())
    return saved


def test_what_was_written_is_read_back() -> None:
    words = load_given_words(json.dumps(good()))
    assert (words.words, words.characters, words.columns) == (("a", "b"), "ab", (("X",),))
    assert (words.lowercase, words.max_characters, words.rare) == (True, 9, ("c",))
    assert words.has_seen("C")
    assert not words.has_seen("d")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "vartai.characters"}, "expected the type 'vartai.given-words'"),
        ({"version": 2}, "expected version 1, found 2"),
        ({"words": "ab"}, "expected words to be a list, found str"),
        ({"words": ["a", "a"]}, "expected each of the words once"),
        ({"words": ["a", 1]}, "expected each of words to be a string, found int"),
        ({"words": ["\ud800"]}, "a lone surrogate"),
        ({"rare": [None]}, "expected each of rare to be a string"),
        ({"characters": "aa"}, "expected each of the characters once"),
        ({"characters": ["a"]}, "expected characters to be a string"),
        ({"columns": ["a"]}, "expected column 1 to be a list"),
        ({"columns": [[]] * 65}, "expected at most 64 columns, found 65"),
        ({"max_characters": 0}, "expected max_characters to be a whole number from 2"),
        ({"max_characters": True}, "expected max_characters to be a whole number from 2"),
        ({"lowercase": 1}, "expected lowercase to be true or false"),
    ],
)
def test_a_forged_part_is_refused_by_name(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BundleError, match=says):
        load_given_words(json.dumps({**good(), **change}))


@pytest.mark.parametrize("name", ["type", "version", "words", "rare", "characters", "columns"])
def test_a_missing_part_is_refused_by_name(name: str) -> None:
    saved = good()
    del saved[name]
    with pytest.raises(BundleError, match=f"expected the field '{name}'"):
        load_given_words(json.dumps(saved))


def test_what_is_no_json_is_refused() -> None:
    for text in ("", "[]", "{", "[" * 100_000):
        with pytest.raises(BundleError, match="tokenizer: expected"):
            load_given_words(text)
