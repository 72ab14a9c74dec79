"""Byte pairs spell every text there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import OptionError
from vartai.text.options import TextOptions
from vartai.text.subwords import SMALLEST, train_subwords

BPE = TextOptions(unit="bpe", vocabulary_size=400, lowercase=False)
TEXTS = ["geras filmas, geras vakaras, geras <unk> <unk>", "ačiū už gerą vakarą"] * 4
TOKENIZER = train_subwords(TEXTS, BPE)
composed = st.text(st.characters(exclude_categories=["Cs", "M"]), max_size=30)


@given(composed)
def test_nothing_is_unknown_and_nothing_is_lost(text: str) -> None:
    ids = TOKENIZER.encode_ids([text])[0]
    assert (ids >= 2).all()
    offsets = TOKENIZER.encode([text])[0].offsets.tolist()
    covered = {place for start, end in offsets for place in range(start, end)}
    assert covered == set(range(len(text)))


def test_common_pieces_are_merged_and_read_as_text() -> None:
    tokens = TOKENIZER.tokens(TOKENIZER.encode_ids(["geras vakaras ačiū"])[0])
    assert tokens == ["geras", " vakaras", " ", "ačiū"]


def test_parts_of_a_character_share_its_offsets_and_read_as_bytes() -> None:
    tokenized = TOKENIZER.encode(["a😂b"])[0]
    assert TOKENIZER.tokens(tokenized.ids) == ["a", "\\xf0", "\\x9f", "\\x98", "\\x82", "b"]
    assert tokenized.offsets.tolist() == [[0, 1], [1, 2], [1, 2], [1, 2], [1, 2], [2, 3]]


def test_a_composed_letter_takes_in_its_mark() -> None:
    text = "ge\u0307 e\u0307"
    offsets = TOKENIZER.encode([text])[0].offsets.tolist()
    assert {(start, end) for start, end in offsets} >= {(1, 3)}
    assert max(end for _, end in offsets) == len(text)


def test_a_special_token_typed_in_a_text_is_ordinary() -> None:
    assert min(TOKENIZER.encode_ids(["<unk><pad> <unk>"])[0]) >= 2
    assert TOKENIZER.tokens([0, 1]) == ["<pad>", "<unk>"]


def test_the_order_of_texts_does_not_matter() -> None:
    again = train_subwords(TEXTS[::-1], BPE)
    assert (again.vocabulary, again.merges) == (TOKENIZER.vocabulary, TOKENIZER.merges)


def test_a_vocabulary_without_room_for_the_bytes_is_refused() -> None:
    with pytest.raises(OptionError, match=f"at least {SMALLEST} for bpe .* was 257"):
        train_subwords(TEXTS, TextOptions(unit="bpe", vocabulary_size=257))
    smallest = train_subwords(TEXTS, TextOptions(unit="bpe", vocabulary_size=SMALLEST))
    assert smallest.size == SMALLEST == 258
    assert smallest.merges == ()


def test_extending_changes_nothing_but_the_longest_text() -> None:
    assert TOKENIZER.extended(["naujas žodis"] * 9, BPE) is TOKENIZER
    shorter = TextOptions(unit="bpe", lowercase=False, max_tokens=5)
    extended = TOKENIZER.extended([], shorter)
    assert extended.vocabulary == TOKENIZER.vocabulary
    assert extended.max_tokens == 5
    with pytest.raises(OptionError, match=r"byte pairs .* cannot go on with unit=char"):
        TOKENIZER.extended([], TextOptions(unit="char"))
