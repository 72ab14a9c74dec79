"""Files of sentences of any format behind one face: what was guessed, then the blocks in order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vartai.data.encodings import HEAD_BYTES, recognise_encoding
from vartai.data.lines import Line, open_lines
from vartai.data.sources import ByteSource
from vartai.data.tagged.blocks import Block
from vartai.data.tagged.columns import ColumnForm, looks_like_conllu, read_columns
from vartai.data.tagged.fields import CONLLU_COLUMNS, conll_field, conllu_field, cut
from vartai.data.tagged.objects import ObjectForm, read_objects
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.texts import read_texts
from vartai.errors import InputError, OptionError

_SUFFIXES = {
    ".conllu": "conllu",
    ".conll": "conll",
    ".iob": "conll",
    ".bio": "conll",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_GUESS_LINES = 200
_CLEAR_SHARE = 0.9
_MAX_CHARACTERS = 1_000_000

Form = ColumnForm | ObjectForm | None


@dataclass(frozen=True, eq=False)
class TaggedFile:
    """An opened file of sentences. Use as a context manager, or read to the end.

    Attributes:
        file: name of the file; ``-`` is standard input.
        options: as asked for, with everything that was guessed filled in.
        form: how its lines are read; None for plain text.
        notes: every guess made, as readable sentences.
        encoding: of the file, byte order included.
        mark: bytes before its text.
        blocks: goes through the file, once.
    """

    file: str
    options: TaggedOptions
    form: Form
    notes: tuple[str, ...]
    encoding: str
    mark: bytes
    blocks: Callable[[], Iterator[Block]]
    close: Callable[[], None]

    def __enter__(self) -> TaggedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_tagged(
    path: str, options: TaggedOptions, *, need_tags: bool, like: TaggedOptions | None = None
) -> TaggedFile:
    """Open a file of sentences: find out its format and columns.

    Args:
        path: a file, also compressed or in a ZIP archive, or ``-`` for standard input.
        options: what is known about it; what is not is guessed, and each guess is a note.
        need_tags: whether the tags are read; else the column may be absent from jsonl.
        like: of another file; its columns hold here too, where none are asked for and the file is
            in the same format.

    Raises:
        InputError: the file cannot be opened, is empty, or has no such column.
        OptionError: an unknown column or encoding.
    """
    source = ByteSource(path)
    try:
        return _open(source, options, need_tags=need_tags, like=like)
    except BaseException:
        source.close()
        raise


def _open(
    source: ByteSource, options: TaggedOptions, *, need_tags: bool, like: TaggedOptions | None
) -> TaggedFile:
    known = recognise_encoding(source.peek(HEAD_BYTES), options.encoding, file=source.file)
    mark = source.peek(known.mark)
    lines, notes = open_lines(
        source, options.encoding, max_characters=_MAX_CHARACTERS, faithful=True
    )
    head = list(itertools.islice(lines, _GUESS_LINES))
    named = options.format or format_of_name(source.file)
    if named is None:
        named = _guess_format(head)
        notes.append(f"The format is {named} (guessed from the first lines).")
    options = replace(options, format=named)
    if like is not None and like.format == named:
        options = replace(
            options,
            column=options.column or like.column,
            words=options.words or like.words,
            input_column=options.input_column or like.input_column,
        )
    form: Form = None
    if named == "lines":
        if need_tags:
            raise InputError("expected words with tags, found plain text", file=source.file)
    elif named == "jsonl":
        options, form = _object_form(options, need_tags=need_tags)
    elif named == "conllu":
        options, form = _conllu_form(options, notes, need_tags=need_tags)
    else:
        options, form = _conll_form(head, options, notes, file=source.file, need_tags=need_tags)
    lines = itertools.chain(head, lines)

    def blocks() -> Iterator[Block]:
        with source:
            yield from _read(lines, form, options, file=source.file)

    return TaggedFile(
        file=source.file,
        options=options,
        form=form,
        notes=tuple(notes),
        encoding=known.encoding,
        mark=mark,
        blocks=blocks,
        close=source.close,
    )


def _read(
    lines: Iterator[Line], form: Form, options: TaggedOptions, *, file: str
) -> Iterator[Block]:
    if form is None:
        return read_texts(lines, file=file, max_words=options.max_words)
    if isinstance(form, ObjectForm):
        return read_objects(lines, form, file=file, max_words=options.max_words)
    return read_columns(lines, form, file=file, max_words=options.max_words)


def format_of_name(name: str) -> str | None:
    """The format that the name of a file claims, if it claims any."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _guess_format(head: Sequence[Line]) -> str:
    if head and head[0].text.startswith("{"):
        return "jsonl"
    if looks_like_conllu(head):
        return "conllu"
    held = [line.text for line in head if line.text.strip()]
    columns, share = count_columns(held, tab=any("\t" in text for text in held))
    is_one_column = columns == 1 and share == 1 and 1 < len(held) < len(head)
    return "conll" if (columns > 1 and share >= _CLEAR_SHARE) or is_one_column else "lines"


def count_columns(held: Sequence[str], *, tab: bool) -> tuple[int, float]:
    """The commonest number of fields of the first lines, and the share of lines that have it."""
    counts = Counter(len(cut(text, tab=tab)) for text in held)
    [(columns, times)] = counts.most_common(1) or [(0, 0)]
    return columns, times / max(1, len(held))


def _object_form(options: TaggedOptions, *, need_tags: bool) -> tuple[TaggedOptions, ObjectForm]:
    options = replace(options, words=options.words or "tokens", column=options.column or "tags")
    form = ObjectForm(
        words=str(options.words),
        tags=options.column if need_tags else None,
        filled=str(options.column),
        inputs=options.input_column,
    )
    return options, form


def _conllu_form(
    options: TaggedOptions, notes: list[str], *, need_tags: bool
) -> tuple[TaggedOptions, ColumnForm]:
    if options.column is None and need_tags:
        notes.append("Column upos is read as the tags (no other was asked for).")
    options = replace(options, words=options.words or "form", column=options.column or "upos")
    tags = conllu_field(str(options.column))
    form = ColumnForm(
        conllu=True,
        tab=True,
        columns=len(CONLLU_COLUMNS),
        words=conllu_field(str(options.words)),
        tags=tags if need_tags else None,
        filled=tags,
        inputs=tuple(map(conllu_field, options.input_column)),
    )
    return options, form


def _conll_form(
    head: Sequence[Line],
    options: TaggedOptions,
    notes: list[str],
    *,
    file: str,
    need_tags: bool,
) -> tuple[TaggedOptions, ColumnForm]:
    held = [line.text for line in head if line.text.strip() and line.fault is None]
    if not held:
        raise InputError("expected words in columns, found none", file=file)
    tab = any("\t" in text for text in held)
    columns, _ = count_columns(held, tab=tab)
    if options.column is None and need_tags:
        if columns < 2:
            raise InputError("expected columns of words and tags, found one column", file=file)
        notes.append(f"Column {columns}, the last, is read as the tags (no other was asked for).")
        options = replace(options, column=str(columns))
    options = replace(options, words=options.words or "1")
    if options.column == options.words:
        raise OptionError(f"column {options.column!r} cannot be both words and tags")
    tags = None
    if options.column is not None and need_tags:
        tags = conll_field(options.column, columns=columns, file=file)
    form = ColumnForm(
        conllu=False,
        tab=tab,
        columns=columns,
        words=conll_field(str(options.words), columns=columns, file=file),
        tags=tags,
        filled=None,
        inputs=tuple(
            conll_field(name, columns=columns, file=file) for name in options.input_column
        ),
    )
    return options, form
