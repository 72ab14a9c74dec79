from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from vartai.errors import InputError
from vartai.images.features import read_annotations


def saved(path: Path, numbers: np.ndarray) -> Path:
    np.save(path, numbers)
    return path


@pytest.mark.parametrize("kind", ["<f4", "<f2", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_annotations_come_as_they_were_saved(tmp_path: Path, kind: str, order: str) -> None:
    numbers = np.arange(12).reshape(4, 3)
    path = saved(tmp_path / "a.npy", np.array(numbers, dtype=kind, order=order))  # type: ignore[call-overload]
    found = read_annotations(path, shape=None)
    assert found.values.dtype == torch.float32
    assert found.values.tolist() == numbers.tolist()
    assert torch.equal(read_annotations(str(path), shape=(4, 3)).values, found.values)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (np.zeros((4, 3)), "float16 or float32 .*, found <f8"),
        (np.zeros((4, 3), dtype=np.int32), "float16 or float32 .*, found <i4"),
        (np.zeros((4, 3), dtype=np.complex64), "found <c8"),
        (np.zeros(12, dtype=np.float32), r"annotations \[places, numbers\], found 12"),
        (np.zeros((2, 2, 3), dtype=np.float32), r"\[places, numbers\], found 2 × 2 × 3"),
        (np.float32(1), "found a single number"),
        (np.zeros((0, 3), dtype=np.float32), "found 0 × 3"),
        (np.zeros((4, 4), dtype=np.float32), "4 places × 3 numbers, found 4 × 4"),
        (np.full((4, 3), np.nan, dtype=np.float32), "found nan at place 0, number 0"),
    ],
)
def test_numbers_that_are_no_annotations_are_refused(
    tmp_path: Path, numbers: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_annotations(saved(tmp_path / "a.npy", numbers), shape=(4, 3))


def test_too_many_places_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npy", np.zeros((1025, 1), dtype=np.float16))
    with pytest.raises(InputError, match="at most 1,024 places"):
        read_annotations(path, shape=None)


def test_python_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    numbers = np.empty((1, 1), dtype=object)
    numbers[0, 0] = Bomb()
    np.save(tmp_path / "a.npy", numbers, allow_pickle=True)
    with pytest.raises(InputError, match="Python objects, and those are never unpickled"):
        read_annotations(tmp_path / "a.npy", shape=None)
    assert not (tmp_path / "exploded").exists()


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (header(GOOD) + bytes(47), "cut short: expected 48 bytes after the header, found 47"),
        (header(GOOD) + bytes(49), "damaged .* expected 48 bytes after the header, found 49"),
        (header(GOOD.replace("(4, 3)", "(1099511627776, 1024)")), "found 1099511627776 × 1024"),
        (header(GOOD.replace("(4, 3)", "(1000, 9999)")), "expected 39,996,000 bytes"),
        (header(GOOD.replace("(4, 3)", "(-4, -3)")) + bytes(48), "header is damaged"),
        (header(GOOD.replace("(4, 3)", "(4" + "0" * 40 + ", 3)")), "header is damaged"),
        (header("__import__('os').mkdir('exploded')\n"), "header is damaged"),
        (header("{}"), "header is damaged"),
        (header("{" * 9_000), "header is damaged"),
        (b"\x93NUMPY\x01", "header is damaged"),
        (b"\x93NUMPY\x09\x00" + bytes(40), "unknown version"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(40), "header is damaged"),
    ],
)
def test_a_header_is_not_believed(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_annotations(tmp_path / "a.npy", shape=None)
    assert not Path("exploded").exists()


def test_every_version_of_the_format_is_read(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    for version in ((1, 0), (2, 0), (3, 0)):
        with (tmp_path / "a.npy").open("wb") as file:
            np.lib.format.write_array(file, numbers, version=version)
        assert read_annotations(tmp_path / "a.npy", shape=None).values.tolist() == numbers.tolist()


def test_what_is_no_such_file_is_said_to_be_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    with pytest.raises(InputError, match=r"no \.npy file: .*50 4b.*take the arrays out"):
        read_annotations(tmp_path / "a.npz", shape=None)
    (tmp_path / "empty.npy").write_bytes(b"")
    with pytest.raises(InputError, match="no .npy file: it is empty"):
        read_annotations(tmp_path / "empty.npy", shape=None)
    with pytest.raises(InputError, match="there is no such file"):
        read_annotations(tmp_path / "none.npy", shape=None)
    with pytest.raises(InputError, match="not an ordinary file"):
        read_annotations(tmp_path, shape=None)
