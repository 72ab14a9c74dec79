"""Word vectors that others trained, in the text format of word2vec, GloVe and fastText.

One line a word: the word, then its numbers, separated by single spaces. word2vec and fastText put a
line ``count size`` before them, GloVe does not. Files have millions of lines and a vocabulary wants
few of them: only those are turned into numbers, and only those are kept.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from vartai.errors import InputError
from vartai.text.tokens import SPECIAL, Ids

MAX_LINE = 1 << 20  # bytes
MAX_SIZE = 10_000  # numbers a word
MAX_REJECTED = 1_000  # lines that are described; all are counted


@dataclass(frozen=True)
class RejectedLine:
    """A line whose word was not used.

    Attributes:
        line: its number in the file, from 1.
        problem: what was expected and what came.
    """

    line: int
    problem: str


@dataclass(frozen=True, eq=False)
class Vectors:
    """The vectors of those words that a vocabulary has.

    Attributes:
        ids: id of each word found, in the order of the file, shape [n].
        matrix: its vector, shape [n, size], float32.
        size: numbers a word.
        words_read: words in the file.
        rejected: the first `MAX_REJECTED` lines whose word was not used.
        rejected_count: how many there were.
    """

    ids: Ids
    matrix: npt.NDArray[np.float32]
    size: int
    words_read: int
    rejected: tuple[RejectedLine, ...]
    rejected_count: int

    @property
    def found(self) -> int:
        """How many words of the vocabulary the file has."""
        return len(self.ids)


def read_vectors(path: str | Path, vocabulary: Mapping[str, int] | Sequence[str]) -> Vectors:
    """Read the vectors of the words of a vocabulary.

    Every line must have as many numbers as the first; whether they are numbers is checked where
    they are used. A word may itself hold spaces (GloVe's largest files have some). Words that are
    not UTF-8, and later lines of a word that came before, are rejected and listed. The special
    tokens get no vector.

    Args:
        path: the file; one ending in ``.gz`` is unpacked on the way.
        vocabulary: id of each word, or the words in the order of their ids.

    Returns:
        The words found and their vectors.

    Raises:
        InputError: the file is absent, empty, cut off or damaged, a line is too long or of the
            wrong length, or a vector that is wanted is not of finite numbers.
    """
    reader = _Reader(str(path), _ids_by_bytes(vocabulary))
    try:
        with _open(Path(path)) as stream:
            reader.read(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"expected a whole gzip file, found damage ({error})", file=str(path)
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=str(path)) from None
    return reader.vectors()


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _ids_by_bytes(vocabulary: Mapping[str, int] | Sequence[str]) -> dict[bytes, int]:
    """Words as the bytes they are in the file, so that a line is only decoded where it counts."""
    if isinstance(vocabulary, Mapping):
        pairs = list(vocabulary.items())
    else:
        pairs = [(word, number) for number, word in enumerate(vocabulary)]
    return {word.encode("utf-8"): number for word, number in pairs if word not in SPECIAL}


class _Reader:
    """One pass over a file of vectors."""

    def __init__(self, file: str, wanted: dict[bytes, int]) -> None:
        self.file = file
        self.wanted = wanted
        self.found: dict[int, npt.NDArray[np.float32]] = {}
        self.size = 0
        self.words_read = 0
        self.rejected: list[RejectedLine] = []
        self.rejected_count = 0

    def read(self, stream: IO[bytes]) -> None:
        """Take in every line; raises `InputError` at the first that breaks the format."""
        promised: int | None = None
        for line, raw in self._lines(stream):
            if line == 1:
                header = _header(raw)
                if header is not None:
                    promised, self.size = header
                    self._require_size(line)
                    continue
                self.size = raw.count(b" ")
                self._require_size(line)
            self._take(line, raw)
        if self.size == 0:
            raise InputError("expected word vectors, found an empty file", file=self.file)
        if promised is not None and promised != self.words_read:
            raise InputError(
                f"expected {promised} words as its first line says, found {self.words_read}",
                file=self.file,
            )

    def vectors(self) -> Vectors:
        """What was found."""
        matrix = np.empty((len(self.found), self.size), dtype=np.float32)
        for row, vector in enumerate(self.found.values()):
            matrix[row] = vector
        return Vectors(
            ids=np.array(list(self.found), dtype=np.int64),
            matrix=matrix,
            size=self.size,
            words_read=self.words_read,
            rejected=tuple(self.rejected),
            rejected_count=self.rejected_count,
        )

    def _lines(self, stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
        line = 0
        while raw := stream.readline(MAX_LINE + 1):
            line += 1
            if len(raw) > MAX_LINE:
                raise InputError(
                    f"expected at most {MAX_LINE} bytes a line, found more",
                    file=self.file,
                    line=line,
                )
            yield line, raw.rstrip(b" \r\n")

    def _require_size(self, line: int) -> None:
        if not 1 <= self.size <= MAX_SIZE:
            raise InputError(
                f"expected a word and 1 to {MAX_SIZE} numbers, found {self.size}",
                file=self.file,
                line=line,
            )

    def _take(self, line: int, raw: bytes) -> None:
        word, *numbers = raw.rsplit(b" ", self.size)
        if len(numbers) != self.size:
            raise InputError(
                f"expected a word and {self.size} numbers, found {len(numbers)}",
                file=self.file,
                line=line,
            )
        self.words_read += 1
        number = self.wanted.get(word)
        if number is None:
            if not _is_utf8(word):
                self._reject(line, f"expected a word in utf-8, found {word[:40]!r}")
        elif number in self.found:
            self._reject(line, f"expected each word once, found {word.decode()!r} again")
        else:
            self.found[number] = self._vector(line, numbers)

    def _vector(self, line: int, numbers: list[bytes]) -> npt.NDArray[np.float32]:
        try:
            vector = np.array([float(number) for number in numbers], dtype=np.float64)
        except ValueError as error:
            raise InputError(f"expected numbers ({error})", file=self.file, line=line) from None
        if not (np.abs(vector) <= np.finfo(np.float32).max).all():
            raise InputError(
                "expected finite numbers, found one that is not", file=self.file, line=line
            )
        return vector.astype(np.float32)

    def _reject(self, line: int, problem: str) -> None:
        self.rejected_count += 1
        if len(self.rejected) < MAX_REJECTED:
            self.rejected.append(RejectedLine(line, problem))


def _header(raw: bytes) -> tuple[int, int] | None:
    """``count size`` of a word2vec file; None if the first line is a word already."""
    fields = raw.split(b" ")
    if len(fields) == 2 and all(field.isdigit() and len(field) < 16 for field in fields):
        return int(fields[0]), int(fields[1])
    return None


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
