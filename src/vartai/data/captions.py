"""Captioned pictures from a table: a path and a caption in each row, several rows a picture or one.

Paths are seen from the folder of the table, or from the current folder for standard input; an
absolute path stays as it is. Nothing is fetched: an address is no path. A picture that is not there
or cannot be read takes its rows to the rejected ones, and the rest goes on.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from vartai.data.caption_options import CaptionTableOptions
from vartai.data.checks import FieldError, read_field
from vartai.data.examples import MINIMUM_SHARE, Examples
from vartai.data.lines import Fault
from vartai.data.rejects import Reason, Rejects
from vartai.data.rows import Row
from vartai.data.sources import STDIN
from vartai.data.split import split_examples
from vartai.data.tables import Table, open_table
from vartai.errors import InputError
from vartai.images.opening import Opened

IMAGE_NAMES = (
    *("image", "picture", "photo", "img", "path", "file", "filename", "file_name"),
    *("image_path", "image_file", "paveikslas", "nuotrauka"),
)
CAPTION_NAMES = (
    *("caption", "text", "description", "sentence", "comment", "title"),
    *("antraštė", "aprašymas", "tekstas"),
)
# How files begin that somebody may take for a table: PNG, JPEG, GIF, TIFF, WebP.
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF")
_LONGEST_PATH = 4_096
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NOTES_SHOWN = 3
MOST_BYTES = 8_000_000_000  # of all pictures of a table, as they are kept

OpenFile = Callable[[Path], Opened]
"""Opens what a row names: `vartai.images.opening.read_picture` with a size, or an opener of
precomputed annotations."""


@dataclass(frozen=True)
class CaptionedPicture:
    """One picture.

    Args:
        image: its path, as the table has it.
        file: name of the table.
        line: line of the first row that names it, from 1.
        captions: of all rows that name it, in their order; none where none were asked for.
    """

    image: str
    file: str
    line: int
    captions: tuple[str, ...]


@dataclass(eq=False)
class CaptionedPictures:
    """The usable pictures of a table, in the order in which it first names them.

    Attributes:
        file: name of the table.
        items: N pictures.
        inputs: what the model looks at: pixels ``[N, 3, S, S]``, uint8, or precomputed annotations
            ``[N, L, D]``, float32.
    """

    file: str
    items: list[CaptionedPicture]
    inputs: Tensor

    def __len__(self) -> int:
        return len(self.items)

    def take(self, places: Sequence[int]) -> CaptionedPictures:
        """The pictures at some places, counted from 0, in the order given."""
        items = [self.items[place] for place in places]
        return CaptionedPictures(self.file, items, self.inputs[list(places)])


class _Columns(NamedTuple):
    image: str
    caption: str | None


@dataclass
class _Gathered:
    """What is known of one path."""

    line: int
    image: str
    place: int | None
    fault: Fault | None
    captions: list[str] = field(default_factory=list)


def read_captions(
    path: str, options: CaptionTableOptions, *, open_file: OpenFile, need_caption: bool
) -> tuple[CaptionedPictures, Rejects, list[str]]:
    """Read a whole table and open its pictures.

    Args:
        path: a table, or ``-`` for standard input.
        options: how to read it.
        open_file: opens a picture.
        need_caption: read captions; else the column is not looked for, and every picture has none.

    Returns:
        The usable pictures, the rejected rows, and every guess and finding as readable sentences.
        There may be no usable picture: file the rejects, then call `require_enough_captions`.

    Raises:
        InputError: the table cannot be read, or its columns are not clear.
        OptionError: unknown encoding.
    """
    table = _open(path, options)
    try:
        columns, notes = _choose(table, options, need_caption=need_caption)
    except InputError:
        table.close()
        raise
    reading = _Reading(table, columns, options, open_file)
    pictures = reading.read()
    return pictures, reading.rejects, [*table.notes, *notes, *reading.notes]


def has_captions(path: str, options: CaptionTableOptions) -> bool:
    """Whether a column is known to hold captions, by its name.

    Raises:
        InputError: the table cannot be read.
        OptionError: unknown encoding.
    """
    table = _open(path, options)
    try:
        return any(column.strip().casefold() in CAPTION_NAMES for column in table.columns)
    finally:
        table.close()


def require_enough_captions(pictures: CaptionedPictures, rejects: Rejects) -> None:
    """Stop where so many rows were rejected that the table must have been read in the wrong way.

    Raises:
        InputError: no picture is left, or less than half of the rows; quotes the first rejection.
    """
    usable = sum(max(1, len(item.captions)) for item in pictures.items)
    rows = usable + len(rejects)
    if usable and usable >= MINIMUM_SHARE * rows:
        return
    counts = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
    first = f" ({counts}); the first: {rejects.first[0]}" if rejects.first else ""
    raise InputError(
        f"expected usable pictures, found {usable:,} of {rows:,} rows usable{first}",
        file=pictures.file,
    )


def split_captions(
    pictures: CaptionedPictures, *, fractions: Sequence[float], seed: int
) -> list[CaptionedPictures]:
    """Split by picture: one that occurs twice, even under two names, stays on one side.

    Raises:
        InputError: there are too few different pictures to put one in every part.
    """
    digests = [
        hashlib.blake2b(values.contiguous().numpy().tobytes(), digest_size=16).hexdigest()
        for values in pictures.inputs
    ]
    places = list(range(len(pictures)))
    examples = Examples(pictures.file, texts=digests, labels=[], lines=places)
    try:
        parts = split_examples(examples, fractions=fractions, seed=seed)
    except InputError as error:
        raise InputError(
            f"expected enough different pictures to split {len(pictures):,} by {tuple(fractions)}, "
            f"found {len(set(digests)):,}",
            file=pictures.file,
        ) from error
    return [pictures.take(part.lines) for part in parts]


class _Reading:
    """One pass over a table."""

    def __init__(
        self, table: Table, columns: _Columns, options: CaptionTableOptions, open_file: OpenFile
    ) -> None:
        self.rejects = Rejects()
        self.notes: list[str] = []
        self._table = table
        self._columns = columns
        self._options = options
        self._open_file = open_file
        self._folder = Path() if table.file == STDIN else Path(table.file).parent
        self._known: dict[str, _Gathered] = {}
        self._values: list[Tensor] = []
        self._seen = 0
        self._bytes = 0

    def read(self) -> CaptionedPictures:
        wanted = [name for name in self._columns if name is not None]
        for item in self._table.rows(tuple(wanted)):
            if isinstance(item, Row):
                self._take(item)
            else:
                self.rejects.add(item)
        file = self._table.file
        kept = [found for found in self._known.values() if found.place is not None]
        items = [
            CaptionedPicture(found.image, file, found.line, tuple(found.captions)) for found in kept
        ]
        if self._seen > _NOTES_SHOWN:
            self.notes.append(f"The same holds of {self._seen - _NOTES_SHOWN:,} more pictures.")
        return CaptionedPictures(file, items, _one_tensor(self._values))

    def _take(self, row: Row) -> None:
        columns, longest = self._columns, self._options.max_characters
        try:
            image = read_field(
                row.fields.get(columns.image), columns.image, max_characters=_LONGEST_PATH
            )
            caption = None
            if columns.caption is not None:
                value = row.fields.get(columns.caption)
                caption = read_field(value, columns.caption, max_characters=longest)
            found = self._find(image, row.line)
            if found.fault is not None:
                raise FieldError(found.fault, columns.image)
        except FieldError as error:
            self.rejects.add(error.rejection(row, self._table.file))
            return
        if caption is not None:
            found.captions.append(caption)

    def _find(self, image: str, line: int) -> _Gathered:
        """What is known of a path, which is opened where it is met for the first time."""
        key = os.path.normpath(self._folder / image)
        if key not in self._known:
            self._known[key] = self._look(image, line)
        return self._known[key]

    def _look(self, image: str, line: int) -> _Gathered:
        if _ADDRESS.match(image):
            return _lost(line, image, "missing picture", "expected a path, found an address")
        path = self._folder / image
        try:
            if not path.exists():
                return _lost(line, image, "missing picture", f"there is no file {path}")
            opened = self._open_file(path)
        except InputError as error:
            return _lost(line, image, "unreadable picture", error.problem)
        except OSError as error:  # a name that the file system cannot have
            why = f"cannot be looked for: {error.strerror}"
            return _lost(line, image, "missing picture", why)
        if opened.notes:
            self._seen += 1
            self.notes += opened.notes if self._seen <= _NOTES_SHOWN else ()
        self._bytes += opened.values.nbytes
        if self._bytes > MOST_BYTES:
            raise InputError(
                f"expected pictures that are kept in at most {MOST_BYTES:,} bytes, found more with "
                f"{len(self._values) + 1:,} of them; smaller pictures need less (--picture-size)",
                file=self._table.file,
                line=line,
            )
        self._values.append(opened.values)
        return _Gathered(line, image, len(self._values) - 1, None)


def _one_tensor(values: list[Tensor]) -> Tensor:
    """All in one; the list is emptied on the way, so that they are never in memory twice."""
    if not values:
        return torch.empty(0)
    whole = torch.empty(len(values), *values[0].shape, dtype=values[0].dtype)
    for place in reversed(range(len(values))):
        whole[place] = values.pop()
    return whole


def _open(path: str, options: CaptionTableOptions) -> Table:
    """A table; a first line that names a column of pictures is a header, whatever is below."""
    if path != STDIN and Path(path).is_file():
        with Path(path).open("rb") as file:
            if file.read(4).startswith(_PICTURES):
                raise InputError("is a picture; expected a table that names pictures", file=path)
    table = open_table(path, options.table())
    guessed = options.header is None and all(column.isdigit() for column in table.columns)
    if not guessed or path == STDIN:
        return table
    try:
        other = open_table(path, replace(options, header=True).table())
    except InputError:  # such as two columns of one name
        return table
    named = any(column.strip().casefold() in IMAGE_NAMES for column in other.columns)
    (table if named else other).close()
    if named:
        other.notes.append("The first row is read as the names of the columns (guessed from them).")
    return other if named else table


def _lost(line: int, image: str, reason: Reason, detail: str) -> _Gathered:
    return _Gathered(line, image, None, Fault(reason, detail))


def _choose(
    table: Table, options: CaptionTableOptions, *, need_caption: bool
) -> tuple[_Columns, list[str]]:
    """Names of the columns, and what was guessed."""
    notes: list[str] = []
    image = _column(table, options.image, IMAGE_NAMES, "image", notes)
    caption = None
    if need_caption:
        caption = _column(table, options.caption, CAPTION_NAMES, "caption", notes)
    return _Columns(image, caption), notes


def _column(
    table: Table, wanted: str | None, names: Sequence[str], role: str, notes: list[str]
) -> str:
    found = ", ".join(map(repr, table.columns))
    if wanted is not None:
        if wanted not in table.columns:
            near = difflib.get_close_matches(wanted, table.columns, n=1, cutoff=0.5)
            hint = f". Did you mean {near[0]!r}?" if near else ""
            raise InputError(f"expected a column {wanted!r}, found {found}{hint}", file=table.file)
        return wanted
    by_name = {column.strip().casefold(): column for column in reversed(table.columns)}
    known = [by_name[name] for name in names if name in by_name]
    if not known:
        raise InputError(
            f"cannot tell which column holds the {role}; found {found}. Call it {role}, or say "
            f"which: --{role} NAME",
            file=table.file,
        )
    notes.append(f"Column {known[0]!r} is read as the {role} (guessed from its name).")
    return known[0]
