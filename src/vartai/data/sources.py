"""Files as streams of bytes: standard input, gzip, Zstandard, members of a ZIP, behind one `read`.

A file in a ZIP archive is named as if the archive were a folder: ``corpus.zip/train.txt``. What is
compressed otherwise is recognised by its first bytes. A name that claims a compression which the
bytes do not have is an error, and so is compressed data that stops before its end: what could
still be read would pass for the whole.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

from vartai.data.zipped import is_archive, open_member, read_names
from vartai.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
STDIN = "-"

_SUFFIXES = {".gz": ("gzip", GZIP_MAGIC), ".zst": ("Zstandard", ZSTD_MAGIC)}
_ZSTD_STEP = 1024
"""Compressed bytes decoded at once; they unfold to at most some 33 MB, hostile data included."""


class ByteStream(Protocol):
    """Bytes that are read once, from the beginning.

    Attributes:
        file: name as it appears in messages.
    """

    file: str

    def peek(self, size: int) -> bytes:
        """The next bytes, at most `size`, without taking them; fewer only near the end."""

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; empty at the end."""


class ByteSource:
    """The uncompressed bytes of one file. Use as a context manager, or call `close`.

    Attributes:
        file: name as it appears in messages; ``-`` is standard input.
        compression: ``"gzip"``, ``"Zstandard"`` or None.
    """

    def __init__(self, path: str) -> None:
        """Open a file.

        Raises:
            InputError: it cannot be opened, is a folder, is empty, or is not compressed the way
                its name says.
        """
        self.file = path
        self.compression: str | None = None
        self._raw = io.BufferedReader(_open_raw(path), 1 << 16)
        try:
            self._stream = self._uncompressed()
        except InputError:
            self.close()
            raise
        self._ahead = b""

    def _uncompressed(self) -> io.BufferedIOBase:
        try:
            head = self._raw.peek(4)[:4]
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=self.file) from error
        if not head:
            raise InputError("the file is empty (0 bytes)", file=self.file)
        claim, magic = _SUFFIXES.get(Path(self.file).suffix.lower(), (None, b""))
        if claim is not None and not head.startswith(magic):
            raise InputError(
                f"the name says {claim}, but the data do not start like it "
                f"(expected bytes {magic.hex(' ')}, found {head[: len(magic)].hex(' ')})",
                file=self.file,
            )
        if head.startswith(GZIP_MAGIC):
            self.compression = "gzip"
            return gzip.GzipFile(fileobj=self._raw)
        if head.startswith(ZSTD_MAGIC):
            self.compression = "Zstandard"
            return io.BufferedReader(_ZstdFile(self._raw))
        return self._raw

    def peek(self, size: int) -> bytes:
        """The next bytes, at most `size`, without taking them; fewer only near the end."""
        while len(self._ahead) < size:
            block = self._read_stream(size - len(self._ahead))
            if not block:
                break
            self._ahead += block
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; empty at the end.

        Raises:
            InputError: the compressed data are damaged or cut short.
        """
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block
        return self._read_stream(size)

    def _read_stream(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise InputError(
                f"the {self.compression} data stop before their end: the file is cut short",
                file=self.file,
            ) from error
        except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
            raise InputError(
                f"the {self.compression} data are damaged: {error}", file=self.file
            ) from error
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=self.file) from error

    def close(self) -> None:
        """Close the file. Standard input is left open."""
        self._raw.close()

    def __enter__(self) -> ByteSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_raw(path: str) -> io.RawIOBase:
    if path == STDIN:
        return _StandardInput()
    if is_archive(Path(path)):
        names = ", ".join(f"{path}/{name}" for name in read_names(Path(path))) or "none"
        raise InputError(f"is a ZIP archive; name a file in it; there are: {names}", file=path)
    try:
        return Path(path).open("rb", buffering=0)
    except IsADirectoryError as error:
        raise InputError("is a folder; expected a file", file=path) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        member = open_member(Path(path))
        if member is not None:
            return member
        raise InputError(f"cannot be opened: {error.strerror}", file=path) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be opened: {why}", file=path) from error


class _StandardInput(io.RawIOBase):
    """Standard input, which closing this leaves open."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = cast(io.BufferedReader, sys.stdin.buffer).read1(len(buffer))
        buffer[: len(block)] = block
        return len(block)


class _ZstdFile(io.RawIOBase):
    """Zstandard frames as a readable file that, unlike the library's own, notices a missing end."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._compressed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            if not self._advance():
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _advance(self) -> bool:
        """Decode one more step; False at the proper end of the data."""
        step = self._compressed or self._raw.read(_ZSTD_STEP)
        if not step:
            if not self._frame.eof:
                raise EOFError
            return False
        if self._frame.eof:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._ready = memoryview(self._frame.decompress(step))
        self._compressed = self._frame.unused_data
        return True
