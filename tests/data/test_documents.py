"""Running text from files: whole, strictly decoded, as the documents it is made of."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from vartai.data.documents import read_documents
from vartai.data.text_options import DocumentOptions
from vartai.errors import InputError

SCRIPTS = "Ąžuolas ėjo.\n\tПривет, мир!\n\nمرحبا بالعالم\n你好 👩‍👩‍👧 e\u0301\n"  # noqa: RUF001


def write(path: Path, raw: bytes) -> str:
    path.write_bytes(raw)
    return str(path)


def test_a_text_comes_through_exactly_compressed_or_not(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.txt", SCRIPTS.encode())
    packed = write(tmp_path / "b.txt.gz", gzip.compress(SCRIPTS.encode()))
    found = read_documents([plain, packed], DocumentOptions())
    assert [document.text for document in found.documents] == [SCRIPTS, SCRIPTS]
    assert found.notes == []


def test_a_text_without_a_last_line_end_gets_none(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"one\ntwo")
    assert read_documents([file], DocumentOptions()).documents[0].text == "one\ntwo"


def test_blank_lines_or_a_line_of_one_s_own_separate_documents(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"one\nmore\n\n\ntwo\n---\nthree\n")
    blank = read_documents([file], DocumentOptions(document_separator="")).documents
    assert [(d.text, d.line) for d in blank] == [("one\nmore\n", 1), ("two\n---\nthree\n", 5)]
    own = read_documents([file], DocumentOptions(document_separator="---")).documents
    assert [d.text for d in own] == ["one\nmore\n\n\ntwo\n", "three\n"]


def test_an_undecodable_line_is_rejected_by_name_and_the_rest_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"good\nb\xffd\nbetter\n")
    found = read_documents([file], DocumentOptions())
    assert found.documents[0].text == "good\nbetter\n"
    (rejection,) = found.rejects
    assert (rejection.line, rejection.reason) == (2, "undecodable byte")
    assert "found byte 0xFF" in rejection.detail


def test_carriage_returns_are_read_as_line_ends_and_counted(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"one\r\ntwo\r\n")
    found = read_documents([file], DocumentOptions())
    assert found.documents[0].text == "one\ntwo\n"
    assert "2 lines end with a carriage return" in found.notes[0]


def test_misdecoded_text_is_told_of_and_mended_on_request(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "lÄ…stelÄ—s auga\n".encode())
    found = read_documents([file], DocumentOptions())
    assert "decoded with the wrong encoding" in found.notes[0]
    assert read_documents([file], DocumentOptions(), fix_text=True).documents[0].text == (
        "ląstelės auga\n"
    )


def test_a_file_without_text_or_given_twice_is_an_error(tmp_path: Path) -> None:
    blank = write(tmp_path / "blank.txt", b" \n\n")
    with pytest.raises(InputError, match=r"blank.txt: expected text, found none"):
        read_documents([blank], DocumentOptions())
    file = write(tmp_path / "a.txt", b"text\n")
    with pytest.raises(InputError, match=r"a.txt: is given twice"):
        read_documents([file, file], DocumentOptions())
