r"""Plain text files as documents, for models of running text.

A file is one document, or as many as a separating line makes of it. Lines are decoded strictly, one
by one: what a line has that is no text costs that line, which is counted and can be named. Line
ends are read as ``\n``, whatever a file has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from vartai.data.lines import Line, open_lines, reject_line
from vartai.data.mending import Mender
from vartai.data.rejects import Rejects
from vartai.data.sources import ByteSource
from vartai.data.text_options import DocumentOptions
from vartai.errors import InputError

# A book may be a single line; it must only fit in memory.
_LONGEST_LINE = 1 << 26


@dataclass(frozen=True)
class Document:
    """A text of any length.

    Args:
        text: exactly as it stands, but for its line ends.
        file: where it was read.
        line: on which it begins.
    """

    text: str
    file: str
    line: int


@dataclass
class Documents:
    """What was read.

    Args:
        documents: those with any text, in the order of the files.
        rejects: lines that could not be used.
        notes: what was noticed, in sentences.
    """

    documents: list[Document] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    notes: list[str] = field(default_factory=list)


def read_documents(
    files: Sequence[str], options: DocumentOptions, *, fix_text: bool = False
) -> Documents:
    """Read files of running text.

    Args:
        files: plain, .gz or .zst; ``-`` is standard input.
        options: how.
        fix_text: mend what was decoded with the wrong encoding.

    Raises:
        InputError: a file cannot be read, is given twice, or no text is left of it.
        OptionError: unknown encoding.
    """
    found = Documents()
    for place, file in enumerate(files):
        if file in files[:place]:
            raise InputError("is given twice; every file is read once", file=file)
        before = len(found.documents)
        _read_file(file, options, found, fix_text=fix_text)
        if len(found.documents) == before:
            raise InputError(
                f"expected text, found none in it ({len(found.rejects):,} lines rejected)",
                file=file,
            )
    return found


def _read_file(file: str, options: DocumentOptions, found: Documents, *, fix_text: bool) -> None:
    mender = Mender(fix_text=fix_text)
    with ByteSource(file) as source:
        lines, notes = open_lines(source, options.encoding, max_characters=_LONGEST_LINE)
        found.notes += [f"{file}: {note}" for note in notes]
        ends: dict[str, int] = {}
        pending: list[str] = []
        began = 1
        for line in _usable(lines, found.rejects, file):
            ends[line.end] = ends.get(line.end, 0) + 1
            if options.document_separator == line.text.strip():
                _close(pending, file, began, found)
                began = line.number + 1
            else:
                pending.append(mender.apply(line.text, line.number) + ("\n" if line.end else ""))
        _close(pending, file, began, found)
    found.notes += [f"{file}: {note}" for note in mender.notes()]
    others = sum(count for end, count in ends.items() if end not in ("\n", ""))
    if others:
        found.notes.append(f"{file}: {others:,} lines end with a carriage return; read as \\n.")


def _usable(lines: Iterable[Line], rejects: Rejects, file: str) -> Iterator[Line]:
    for line in lines:
        if line.fault is None:
            yield line
        else:
            rejects.add(reject_line(line, line.fault, file=file))


def _close(pending: list[str], file: str, began: int, found: Documents) -> None:
    text = "".join(pending)
    pending.clear()
    if text.strip():
        found.documents.append(Document(text, file, began))
