"""Texts as byte pairs and back, long texts in parts, words by a dictionary, scores with names."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.parallel import Parallel
from vartai.errors import InputError
from vartai.tasks.translate.baselines import run_baselines
from vartai.tasks.translate.config import PieceOptions
from vartai.tasks.translate.dictionary import Dictionary
from vartai.tasks.translate.long_texts import cut_ids
from vartai.tasks.translate.pieces import decode_pieces, encode_pieces, train_pieces
from vartai.tasks.translate.scores import score_translations, sentence_chrf

SOURCES = ["a red house", "a blue house", "a red cat", "the blue cat", "the house", "a cat"]
TARGETS = ["raudonas namas", "mėlynas namas", "raudonas katinas", "mėlynas katinas", "namas",
           "katinas"]  # fmt: skip
TOKENIZER, _ = train_pieces(SOURCES, TARGETS, PieceOptions(vocabulary_size=280))


@given(text=st.text())
def test_a_text_comes_back_exactly(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    [ids] = encode_pieces(TOKENIZER, [text])
    assert decode_pieces(TOKENIZER, ids.tolist()) == unicodedata.normalize("NFC", text)


def test_a_word_is_the_same_token_wherever_it_stands() -> None:
    first, second = encode_pieces(TOKENIZER, ["house", "red house"])
    assert second[-len(first) :].tolist() == first.tolist()


def test_bytes_that_are_no_character_are_shown_as_such() -> None:
    [ids] = encode_pieces(TOKENIZER, ["€"])
    assert decode_pieces(TOKENIZER, ids.tolist()[:-1]) == "�"


def test_a_vocabulary_is_shared_or_is_not() -> None:
    options = PieceOptions(vocabulary_size=300)
    one, other = train_pieces(SOURCES, TARGETS, options)
    assert one is other
    apart = train_pieces(SOURCES, TARGETS, PieceOptions(vocabulary_size=300, shared=False))
    assert apart[0].vocabulary != apart[1].vocabulary


@given(
    words=st.lists(st.sampled_from([" a", " b.", "c", " d", "!", "\n"]), max_size=40),
    limit=st.integers(1, 9),
)
def test_parts_are_short_and_lose_nothing(words: list[str], limit: int) -> None:
    ids = np.arange(len(words))
    parts = cut_ids(ids, words, limit)
    assert [one for part in parts for one in part.tolist()] == ids.tolist()
    assert all(0 < len(part) <= limit for part in parts) or not words


def test_a_cut_is_made_after_a_sentence_if_one_ends_there() -> None:
    words = [" One", " two", ".", " Three", " four", " five"]
    assert [len(part) for part in cut_ids(np.arange(6), words, 5)] == [3, 3]
    assert [len(part) for part in cut_ids(np.arange(6), [" w"] * 6, 4)] == [4, 2]


def test_a_dictionary_finds_which_word_is_which() -> None:
    learned = Dictionary.learn(SOURCES, TARGETS)
    assert learned.words["house"] == "namas"
    assert learned.words["cat"] == "katinas"
    assert learned.words["red"] == "raudonas"
    assert learned.translate("Red  house, zebra!") == "raudonas  namas, zebra!"


def test_baselines_are_scored_by_what_they_are() -> None:
    train = Parallel("train", SOURCES, TARGETS, list(range(6)))
    found = {one.name: one.scores for one in run_baselines(train, train)}
    assert list(found) == ["copy", "dictionary", "nearest"]
    assert found["nearest"].chrf == 100.0  # it has seen them all
    assert found["copy"].chrf < found["dictionary"].chrf < 100.0


def test_scores_carry_their_signatures() -> None:
    found = score_translations(["Der Hund schläft heute."], ["Der Hund schläft heute."])
    assert (round(found.bleu), round(found.chrf)) == (100, 100)
    assert found.bleu_signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a")
    lower = score_translations(["der hund schläft heute."], ["Der Hund schläft heute."])
    assert lower.bleu < 50  # case counts
    assert sentence_chrf("a", "b") == 0.0


def test_scores_need_as_many_references() -> None:
    with pytest.raises(InputError, match="found 1 translations and 2 references"):
        score_translations(["a"], ["a", "b"])
