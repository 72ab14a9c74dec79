"""Holding out text: the end of a book, whole ones of many."""

from __future__ import annotations

import pytest

from vartai.data.documents import Document
from vartai.data.passages import MANY, Passage, split_documents
from vartai.data.text_options import HeldOutOptions
from vartai.errors import InputError, OptionError


def documents(*texts: str) -> list[Document]:
    return [Document(text, "book.txt", 1) for text in texts]


BOOK = "".join(chr(0x100 + place) for place in range(1_000))
NONE_JUDGES = HeldOutOptions(valid_share=0.1, test_share=0.0)


def test_the_last_shares_of_a_book_are_held_out_and_nothing_is_lost() -> None:
    splits = split_documents(
        documents(BOOK), valid=None, test=None, options=HeldOutOptions(), seed=0
    )
    parts = [splits.train[0], splits.valid[0], splits.test[0]]
    assert "".join(part.text for part in parts) == BOOK
    assert [len(part.text) for part in parts] == [900, 50, 50]
    assert parts[1].before == BOOK[700:900]
    assert parts[2].before.endswith(BOOK[949])
    assert not splits.ends


def test_without_a_test_share_the_text_that_chooses_judges() -> None:
    splits = split_documents(documents(BOOK), valid=None, test=None, options=NONE_JUDGES, seed=0)
    assert splits.test == ()
    assert splits.judged == splits.valid
    assert len(splits.train[0].text) == 900


def test_of_many_documents_whole_ones_are_held_out_and_ends_are_seen() -> None:
    many = documents(*(f"tale {place}" for place in range(2 * MANY)))
    splits = split_documents(many, valid=None, test=None, options=HeldOutOptions(), seed=0)
    texts = [p.text for part in (splits.train, splits.valid, splits.test) for p in part]
    assert sorted(texts) == sorted(document.text for document in many)
    assert (len(splits.valid), len(splits.test)) == (2, 2)
    assert splits.ends
    other = split_documents(many, valid=None, test=None, options=HeldOutOptions(), seed=1)
    assert other.valid != splits.valid


def test_files_of_one_s_own_leave_the_book_whole() -> None:
    splits = split_documents(
        documents(BOOK),
        valid=documents("v"),
        test=documents("t"),
        options=HeldOutOptions(),
        seed=0,
    )
    assert splits.train == (Passage(BOOK),)
    assert (splits.valid, splits.test) == ((Passage("v"),), (Passage("t"),))


def test_text_too_short_to_hold_any_out_is_an_error() -> None:
    with pytest.raises(InputError, match=r"book.txt: expected enough text to train on"):
        split_documents(documents("a"), valid=None, test=None, options=NONE_JUDGES, seed=0)


def test_shares_out_of_bounds_are_refused() -> None:
    with pytest.raises(OptionError, match=r"valid_share must be above 0 and below 0.5, was 0"):
        HeldOutOptions(valid_share=0)
    with pytest.raises(OptionError, match=r"test_share must be at least 0 and below 0.5, was 0.5"):
        HeldOutOptions(test_share=0.5)
