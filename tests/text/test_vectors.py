"""Word vectors in the text formats of word2vec and GloVe."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from vartai.errors import InputError
from vartai.text import vectors
from vartai.text.vectors import read_vectors

VOCABULARY = ["<pad>", "<unk>", "geras", "blogas", "ačiū", "at home"]
GLOVE = "geras 1 2.5 -3e-1\nkitas 0 0 0\nat home 7 8 9\načiū 4 5 6\n"


def written(folder: Path, content: str | bytes, name: str = "vectors.txt") -> Path:
    raw = content.encode() if isinstance(content, str) else content
    path = folder / name
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
@pytest.mark.parametrize("header", ["", "4 3\n"], ids=["glove", "word2vec"])
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"], ids=["lf", "space", "crlf"])
def test_the_words_of_the_vocabulary_are_found(
    tmp_path: Path, header: str, name: str, end: str
) -> None:
    path = written(tmp_path, (header + GLOVE).replace("\n", end), name)
    found = read_vectors(path, VOCABULARY)
    assert found.ids.tolist() == [2, 5, 4]
    assert found.matrix.dtype == np.float32
    np.testing.assert_array_equal(
        found.matrix, np.array([[1, 2.5, -0.3], [7, 8, 9], [4, 5, 6]], dtype=np.float32)
    )
    assert (found.size, found.found, found.words_read, found.rejected) == (3, 3, 4, ())


def test_a_mapping_names_the_ids_itself(tmp_path: Path) -> None:
    found = read_vectors(written(tmp_path, GLOVE), {"kitas": 40, "geras": 3})
    assert found.ids.tolist() == [3, 40]


def test_no_word_found_is_an_empty_matrix(tmp_path: Path) -> None:
    found = read_vectors(written(tmp_path, GLOVE), ["<pad>", "<unk>"])
    assert found.matrix.shape == (0, 3)
    assert found.ids.dtype == np.int64


def test_special_tokens_get_no_vector(tmp_path: Path) -> None:
    assert read_vectors(written(tmp_path, "<unk> 1 2\ngeras 3 4\n"), VOCABULARY).ids.tolist() == [2]


def test_doubles_and_undecodable_words_are_listed(tmp_path: Path) -> None:
    path = written(tmp_path, b"geras 1 2\nger\xffas 3 4\ngeras 5 6\n")
    found = read_vectors(path, VOCABULARY)
    assert found.matrix.tolist() == [[1, 2]]
    assert [(bad.line, bad.problem) for bad in found.rejected] == [
        (2, "expected a word in utf-8, found b'ger\\xffas'"),
        (3, "expected each word once, found 'geras' again"),
    ]
    assert found.rejected_count == 2


def test_only_the_first_rejected_lines_are_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "MAX_REJECTED", 2)
    found = read_vectors(written(tmp_path, "geras 1\n" * 5), VOCABULARY)
    assert (len(found.rejected), found.rejected_count) == (2, 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected word vectors, found an empty file"),
        ("\n", "line 1: expected a word and 1 to 10000 numbers, found 0"),
        ("geras\n", "line 1: expected a word and 1 to 10000 numbers, found 0"),
        ("9 20000\n", "line 1: expected a word and 1 to 10000 numbers, found 20000"),
        ("kitas 1 2\ngeras 1\n", "line 2: expected a word and 2 numbers, found 1"),
        ("kitas 1 2\n\n", "line 2: expected a word and 2 numbers, found 0"),
        ("geras 1 x\n", "line 1: expected numbers"),
        ("geras 1 nan\n", "line 1: expected finite numbers"),
        ("geras 1 1e39\n", "line 1: expected finite numbers"),
        ("3 2\ngeras 1 2\n", "expected 3 words as its first line says, found 1"),
        ("a 1\n" + "b" * 2_000_000 + " 1\n", "line 2: expected at most 1048576 bytes a line"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"vectors\.txt.*{message}"):
        read_vectors(written(tmp_path, content), VOCABULARY)


def test_a_cut_off_or_foreign_gzip_file_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(GLOVE.encode() * 50)
    for damaged in (whole[:-12], b"plain text", whole[:20] + b"\x00" * 9 + whole[29:]):
        path = tmp_path / "vectors.gz"
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="expected a whole gzip file, found damage"):
            read_vectors(path, VOCABULARY)


def test_an_absent_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.txt: cannot be read \(No such file"):
        read_vectors(tmp_path / "absent.txt", VOCABULARY)
