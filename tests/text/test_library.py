"""Long texts go through the library in pieces, and nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.text import library
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer

parts = st.lists(
    st.sampled_from(
        ["don't", "<br />", "<b", "/>", " ", "  ", "\n", "\u00a0", "e\u0307", "\u0307", "İ", "!",
         "!!", "'s", "a", "žodis", "3.5", ".", "😂", "\u200d", "_"]
    ),
    max_size=60,
)  # fmt: skip


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "PIECE", 5)


@given(parts=parts)
def test_pieces_join_to_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "PIECE", 5)
        assert "".join(library.pieces(text)) == text


@pytest.mark.parametrize("unit", ["word", "bpe"])
@given(parts=parts)
def test_a_text_in_pieces_has_the_tokens_of_the_whole(unit: str, parts: list[str]) -> None:
    text = "".join(parts)
    options = TextOptions(unit=unit, vocabulary_size=400)
    whole = train_tokenizer([text], options)
    expected = whole.encode([text])[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "PIECE", 5)
        tokenized = whole.encode(["x", text])[1]
        assert tokenized.ids.tolist() == expected.ids.tolist()
        assert tokenized.offsets.tolist() == expected.offsets.tolist()
        assert whole.encode_ids([text])[0].tolist() == expected.ids.tolist()
        assert train_tokenizer([text], options).vocabulary == whole.vocabulary


@pytest.mark.usefixtures("short_pieces")
def test_a_text_without_gaps_stays_whole() -> None:
    assert list(library.pieces("a" * 50)) == ["a" * 50]
    assert list(library.pieces("vienas du trys")) == ["vienas", " du trys"]


def test_two_million_letters_without_a_gap_are_one_unknown_word() -> None:
    tokenizer = train_tokenizer(["a b"], TextOptions())
    assert tokenizer.encode_ids(["a" * 2_000_000])[0].tolist() == [1]
