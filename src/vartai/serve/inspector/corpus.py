"""Texts to search and to find flags in: from a file that was named at the start, or pasted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from vartai.data.rejects import Rejects
from vartai.data.tagged.files import format_of_name
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import InputError, OptionError
from vartai.inspect.flags.columns import read_column
from vartai.inspect.flags.plain_texts import read_plain
from vartai.inspect.flags.spans import LabelledText

MOST_TEXTS = 2_000
"""Texts of a corpus that are looked at on the page: the first so many, and it says so."""

Line = tuple[int, str]


@dataclass(frozen=True)
class Corpus:
    """The first texts of a file.

    Args:
        name: of the file; empty for what was pasted.
        lines: line and text.
        labelled: the same with a value for each word, where a column was named.
        column: its name.
        notes: what was guessed, left out or rejected.
    """

    name: str
    lines: tuple[Line, ...]
    labelled: tuple[LabelledText, ...] | None = None
    column: str | None = None
    notes: tuple[str, ...] = ()


def read_corpus_file(path: str, column: str | None, *, natural: bool) -> Corpus:
    """The corpus of ``--corpus``.

    Args:
        path: plain text, a text a line; or tagged sentences.
        column: of tagged sentences: the values of words, such as ``upos`` or ``feats:Gender``.
        natural: texts as they were written, not cut at every word.

    Raises:
        InputError: the file cannot be read, or has no text.
        OptionError: a column of plain text, or of tagged sentences none.
    """
    tagged = format_of_name(path) is not None
    if tagged != (column is not None):
        expected = "--column, such as upos" if tagged else "no --column: it is plain text"
        raise OptionError(f"{path}: expected {expected}")
    if column is None:
        rejects = Rejects()
        lines = tuple(islice(read_plain(path, rejects, text_is="line"), MOST_TEXTS + 1))
        notes: tuple[str, ...] = ()
        labelled = None
    else:
        texts, rejects, notes = read_column(path, TaggedOptions(column=column), natural=natural)
        labelled = tuple(texts[: MOST_TEXTS + 1])
        lines = tuple((text.line, text.text) for text in labelled)
    if not lines:
        raise InputError("expected texts, found none", file=path)
    if len(lines) > MOST_TEXTS:
        notes = (*notes, f"only the first {MOST_TEXTS:,} texts are looked at on this page")
    if len(rejects):
        notes = (*notes, f"{len(rejects):,} rows of {path} could not be read")
    kept = None if labelled is None else labelled[:MOST_TEXTS]
    return Corpus(path, lines[:MOST_TEXTS], kept, column, notes)


def pasted(text: str) -> Corpus:
    """Pasted text as a corpus, a text a line.

    Raises:
        InputError: there is none.
    """
    lines = tuple(
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    )
    if not lines:
        raise InputError("expected texts, a line each, found none")
    if len(lines) > MOST_TEXTS:
        raise InputError(f"expected at most {MOST_TEXTS:,} lines, found {len(lines):,}")
    return Corpus("", lines)


def sample(corpus: Corpus, count: int) -> Sequence[str]:
    """A few of the texts: short ones that are seen whole, in their order."""
    fitting = [text for _, text in corpus.lines if 20 <= len(text) <= 160]
    return (fitting or [text[:160] for _, text in corpus.lines])[:count]
