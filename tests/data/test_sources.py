from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.sources import ByteSource
from vartai.errors import InputError

Write = Callable[[str, str | bytes], str]
PLAIN = "".join(f"eilutė {number}\n" for number in range(20_000)).encode()


def read_all(path: str, *, step: int = 4096) -> bytes:
    with ByteSource(path) as source:
        return b"".join(iter(lambda: source.read(step), b""))


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("a.txt", PLAIN),
        ("a.txt.gz", gzip.compress(PLAIN)),
        ("a.txt.zst", zstandard.compress(PLAIN)),
        ("two-members.gz", gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:])),
        ("two-frames.zst", zstandard.compress(PLAIN[:100]) + zstandard.compress(PLAIN[100:])),
        ("no-suffix-but-gzip", gzip.compress(PLAIN)),
    ],
)
def test_compressed_files_read_as_their_content(
    write_file: Write, name: str, packed: bytes
) -> None:
    assert read_all(write_file(name, packed)) == PLAIN


@pytest.mark.parametrize(
    ("name", "packed"), [("a.gz", gzip.compress(PLAIN)), ("a.zst", zstandard.compress(PLAIN))]
)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999])
def test_a_truncated_compressed_file_is_an_error_not_a_short_file(
    write_file: Write, name: str, packed: bytes, kept: float
) -> None:
    path = write_file(name, packed[: int(len(packed) * kept)])
    with pytest.raises(InputError, match="stop before their end: the file is cut short"):
        read_all(path)


@pytest.mark.parametrize(
    ("name", "packed"), [("a.gz", gzip.compress(PLAIN)), ("a.zst", zstandard.compress(PLAIN))]
)
def test_damaged_compressed_data_are_an_error(write_file: Write, name: str, packed: bytes) -> None:
    middle = len(packed) // 2
    path = write_file(name, packed[:middle] + b"\xff" * 40 + packed[middle + 40 :])
    with pytest.raises(InputError, match=r"data are damaged|cut short"):
        read_all(path)


def test_a_name_that_claims_a_compression_must_be_true(write_file: Write) -> None:
    path = write_file("a.csv.gz", "text,label\n")
    with pytest.raises(InputError, match=r"says gzip.*expected bytes 1f 8b, found 74 65"):
        ByteSource(path)


def test_files_that_cannot_be_opened_are_named(tmp_path: Path, write_file: Write) -> None:
    with pytest.raises(InputError, match=r"absent\.csv: cannot be opened: No such file"):
        ByteSource(str(tmp_path / "absent.csv"))
    with pytest.raises(InputError, match="is a folder; expected a file"):
        ByteSource(str(tmp_path))
    with pytest.raises(InputError, match=r"empty\.csv: the file is empty \(0 bytes\)"):
        ByteSource(write_file("empty.csv", b""))
    with pytest.raises(InputError, match="cannot be opened: embedded null byte"):
        ByteSource("a\0b")


def test_standard_input_is_read_and_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(b"labas")))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert read_all("-") == b"labas"
    assert not stdin.buffer.closed


@given(peeks=st.lists(st.integers(0, 50), max_size=5), reads=st.lists(st.integers(1, 50)))
def test_peeking_takes_nothing(
    tmp_path_factory: pytest.TempPathFactory, peeks: list[int], reads: list[int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "peeked.txt"
    path.write_bytes(PLAIN[:200])
    with ByteSource(str(path)) as source:
        taken = b""
        for size in reads:
            for peek in peeks:
                assert source.peek(peek) == PLAIN[:200][len(taken) : len(taken) + peek]
            taken += source.read(size)
        assert PLAIN[:200].startswith(taken)
