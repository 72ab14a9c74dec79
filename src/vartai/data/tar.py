"""Members of a tar archive as streams of bytes, one after another; nothing is ever unpacked.

Only ordinary files are members. Of the archive's own headers the POSIX form (ustar) and the long
names of GNU and pax are understood; sizes that a header claims are believed only as far as bytes
follow, and never ask for memory.

Source: POSIX.1-2017, `pax`, "ustar Interchange Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from vartai.data.sources import ByteSource
from vartai.errors import InputError

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst")

_BLOCK = 512
_LONGEST_NAME = 1 << 16
_ORDINARY = (b"0", b"\0")
_READ = 1 << 16


class TarMember:
    """One ordinary file of an archive. To be read before the next one is asked for.

    Attributes:
        file: ``archive/member``, as it appears in messages.
        name: of the member.
    """

    def __init__(self, source: ByteSource, name: str, size: int) -> None:
        self.file = f"{source.file}/{name}"
        self.name = name
        self._source = source
        self._left = size
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """See `ByteStream`."""
        while len(self._ahead) < size and (block := self._take(size - len(self._ahead))):
            self._ahead += block
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """See `ByteStream`."""
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block
        return self._take(size)

    def drain(self) -> None:
        """Pass over what has not been read."""
        self._ahead = b""
        while self._take(_READ):
            pass

    def _take(self, size: int) -> bytes:
        if self._left == 0 or size == 0:
            return b""
        block = self._source.read(min(size, self._left))
        if not block:
            raise InputError("the archive stops in the middle of this member", file=self.file)
        self._left -= len(block)
        return block


def is_archive(path: str) -> bool:
    """Whether a name is that of a tar archive."""
    return path.lower().endswith(SUFFIXES)


def split_member(path: str) -> tuple[str, str | None]:
    """An archive and the pattern of the members that are meant, or a path and None.

    Members are named as if the archive were a folder.

    >>> split_member("babi-en.tar.gz/babi/en/qa1_*_train.txt")
    ('babi-en.tar.gz', 'babi/en/qa1_*_train.txt')
    >>> split_member("folder/notes.txt")
    ('folder/notes.txt', None)
    """
    for place, mark in enumerate(path):
        if mark == "/" and is_archive(path[:place]) and not Path(path[:place]).is_dir():
            return path[:place], path[place + 1 :]
    return path, None


def iter_members(source: ByteSource, pattern: str) -> Iterator[TarMember]:
    """The ordinary files of an archive whose names match a pattern, in order.

    Args:
        source: the archive, of which nothing was taken.
        pattern: of names, with ``*``, ``?`` and ``[…]`` as in a shell.

    Raises:
        InputError: the archive is damaged or cut short; no member matches (names some that there
            are).
    """
    seen: list[str] = []
    found = False
    for member in _members(source):
        if fnmatchcase(member.name, pattern):
            found = True
            yield member
        elif len(seen) < 3:
            seen.append(member.name)
        member.drain()
    if not found:
        names = f"; there are {', '.join(seen)} …" if seen else "; it holds no file"
        raise InputError(f"no member matches {pattern!r}{names}", file=source.file)


def _members(source: ByteSource) -> Iterator[TarMember]:
    long_name: str | None = None
    while (header := _read_block(source)).strip(b"\0"):
        name, size, kind = _parse(header, source.file)
        entry = TarMember(source, long_name or name, size)
        if kind in (b"L", b"x"):
            long_name = _long_name(entry, size, kind) or long_name
        else:
            if kind in _ORDINARY:
                yield entry
            long_name = None
        entry.drain()
        TarMember(source, "padding", -size % _BLOCK).drain()


def _read_block(source: ByteSource) -> bytes:
    block = b""
    while len(block) < _BLOCK:
        more = source.read(_BLOCK - len(block))
        if not more:
            raise InputError("the archive stops before its end", file=source.file)
        block += more
    return block


def _parse(header: bytes, file: str) -> tuple[str, int, bytes]:
    """Name, size and kind that a header states."""
    blanked = header[:148] + b" " * 8 + header[156:]
    if _octal(header[148:156], file) != sum(blanked):
        raise InputError("expected the header of a tar archive, found something else", file=file)
    name, prefix = (header[at].split(b"\0")[0] for at in (slice(0, 100), slice(345, 500)))
    whole = prefix + b"/" + name if prefix and header[257:262] == b"ustar" else name
    return whole.decode("utf-8", "backslashreplace"), _octal(header[124:136], file), header[156:157]


def _octal(field: bytes, file: str) -> int:
    digits = field.strip(b" \0")
    if not all(48 <= digit < 56 for digit in digits):
        raise InputError("a number in a header of the archive is not octal", file=file)
    return int(digits, 8) if digits else 0


def _long_name(entry: TarMember, size: int, kind: bytes) -> str | None:
    """The name that an entry holds for the one after it."""
    if size > _LONGEST_NAME:
        raise InputError(f"a name of {size:,} bytes in the archive", file=entry.file)
    raw = b""
    while block := entry.read(size - len(raw)):
        raw += block
    if kind == b"L":
        return raw.rstrip(b"\0").decode("utf-8", "backslashreplace")
    for record in raw.split(b"\n"):
        name, found, value = record.partition(b" path=")
        if found and name.isdigit():
            return value.decode("utf-8", "backslashreplace")
    return None
