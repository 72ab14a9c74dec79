"""Files inside ZIP archives, read as they are unpacked: nothing is written to the disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO

from vartai.errors import InputError

_SHOWN = 20


def is_archive(path: Path) -> bool:
    """Whether this is a file whose name says ZIP and that begins like one with members."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def read_names(archive: Path) -> list[str]:
    """The files in an archive, folders left out; the first twenty.

    Raises:
        InputError: the archive is damaged.
    """
    with _open_archive(archive) as opened:
        return [name for name in opened.namelist() if not name.endswith("/")][:_SHOWN]


def open_member(path: Path) -> io.RawIOBase | None:
    """The bytes of ``corpus.zip/folder/file``; None if no part of the path is a ZIP archive.

    Raises:
        InputError: the archive is damaged or encrypted, or holds no such file.
    """
    archive = next((parent for parent in path.parents if is_archive(parent)), None)
    if archive is None:
        return None
    name = path.relative_to(archive).as_posix()
    opened = _open_archive(archive)
    try:
        return _Member(opened, opened.open(name), file=str(path))
    except KeyError as error:
        opened.close()
        known = ", ".join(read_names(archive))
        raise InputError(f"the archive has no {name!r}; there are: {known}", file=str(path)) from (
            error
        )
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        opened.close()
        raise InputError(f"cannot be read from the archive: {error}", file=str(path)) from error


def _open_archive(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except zipfile.BadZipFile as error:
        raise InputError(f"the ZIP archive is damaged: {error}", file=str(archive)) from error


class _Member(io.RawIOBase):
    """One file of an archive; closing it closes the archive."""

    def __init__(self, archive: zipfile.ZipFile, member: IO[bytes], *, file: str) -> None:
        self._archive = archive
        self._member = member
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            block = self._member.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InputError(f"the ZIP data are damaged: {error}", file=self._file) from error
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._member.close()
            self._archive.close()
        super().close()
