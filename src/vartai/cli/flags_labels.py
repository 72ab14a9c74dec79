"""From what was typed of labels to labelled texts, and what could not be read of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from vartai.cli.flags import LabelSource
from vartai.cli.voice import Voice
from vartai.data.rejects import Rejects
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import InputError
from vartai.inspect.flags.columns import read_column
from vartai.inspect.flags.plain_texts import read_plain
from vartai.inspect.flags.rules import INSIDE, OUTSIDE, label_matches, label_scopes
from vartai.inspect.flags.span_file import label_from_file
from vartai.inspect.flags.spans import LabelledText, Trouble

REJECTS = "rejects.jsonl"


def read_labels(
    source: LabelSource, file: str, voice: Voice, *, natural: bool, folder: Path
) -> tuple[list[LabelledText], str, str | None]:
    """The labelled texts of a file.

    Args:
        source: as typed.
        file: to read.
        voice: talks of guesses and rejections.
        natural: texts as they were written, not cut at every word.
        folder: for the rejected rows.

    Returns:
        The texts, which token carries a value, and the value of tokens in no stretch.

    Raises:
        InputError: the file cannot be read, or nothing is left of it.
        OptionError: an unknown column, scope, carrier or encoding.
    """
    most = source.max_texts or None
    if source.kind == "column":
        options = TaggedOptions(column=source.column, encoding=source.encoding)
        texts, rejects, notes = read_column(file, options, natural=natural)
        voice.say_all(notes)
        _file(rejects, folder, voice)
        return texts[:most], source.carrier or "last", None
    rejects = Rejects()
    plain = read_plain(file, rejects, text_is="line", encoding=source.encoding)
    lines = list(_first(plain, most))
    _file(rejects, folder, voice)
    if not lines:
        raise InputError("expected lines of text, found none", file=file)
    trouble = Trouble()
    outside: str | None = OUTSIDE
    if source.pattern is not None:
        texts = label_matches(lines, source.pattern)
    elif source.inside is not None:
        texts, trouble = label_scopes(lines, source.inside)
    else:
        texts, trouble = label_from_file(lines, str(source.spans))
        outside = None
    voice.say_all(trouble.sentences())
    if not any(text.spans for text in texts):
        raise InputError(f"expected something {INSIDE}, found nothing to label", file=file)
    carrier = source.carrier or ("last" if source.kind == "spans" else "every")
    return texts, carrier, outside


def _first(lines: Iterator[tuple[int, str]], most: int | None) -> Iterator[tuple[int, str]]:
    return islice(lines, most)


def _file(rejects: Rejects, folder: Path, voice: Voice) -> None:
    if len(rejects):
        folder.mkdir(parents=True, exist_ok=True)
    if len(rejects) or (folder / REJECTS).exists():
        voice.file_rejects(rejects, folder / REJECTS)
