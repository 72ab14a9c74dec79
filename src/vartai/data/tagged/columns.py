"""Sentences in columns, a word a line and an empty line after each: CoNLL-U and plain CoNLL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vartai.data.lines import Fault, Line
from vartai.data.rejects import Rejection
from vartai.data.tagged.blocks import Block, Sentence, spell_raw
from vartai.data.tagged.fields import CONLLU_COLUMNS, Field, FieldError, cut

_MORE_LINES = 1_000
# A word, or else a multiword token (3-4) or an empty node (3.1), which have no tag of their own.
_WORD_NUMBER = re.compile(r"[1-9][0-9]*")
_OTHER_NUMBER = re.compile(r"[1-9][0-9]*-[1-9][0-9]*|[0-9]+\.[1-9][0-9]*")


@dataclass(frozen=True)
class ColumnForm:
    """How the lines of a file of columns are read.

    Attributes:
        conllu: whether the file is CoNLL-U, with comments and word numbers.
        tab: fields are separated by single tabs, not by runs of blanks.
        columns: of every line.
        words: what holds the words.
        tags: what holds the tags, if they are read.
        filled: what predicted tags are written to; in CoNLL-U only.
        inputs: what holds the other things that are read.
    """

    conllu: bool
    tab: bool
    columns: int
    words: Field
    tags: Field | None
    filled: Field | None
    inputs: tuple[Field, ...]

    def is_word(self, line: Line) -> bool:
        """Whether a line that is not blank should hold a word."""
        if not self.conllu:
            return True
        if line.text.startswith("#"):
            return False
        return not _OTHER_NUMBER.fullmatch(line.text.split("\t", 1)[0])


def read_columns(
    lines: Iterable[Line], form: ColumnForm, *, file: str, max_words: int
) -> Iterator[Block]:
    """The blocks of a file, every line in exactly one, in constant memory.

    Args:
        lines: of the file, trailing blank ones included.
        form: of its lines.
        file: its name, for rejections.
        max_words: a longer sentence is rejected.
    """
    reader = _Reader(form, file, max_words)
    for line in lines:
        yield from reader.take(line)
    yield from reader.finish()


class _Reader:
    """Gathers lines until a sentence ends."""

    def __init__(self, form: ColumnForm, file: str, max_words: int) -> None:
        self._form = form
        self._file = file
        self._max_words = max_words
        self._lines: list[Line] = []
        self._places: list[int] = []
        self._is_overlong = False

    def take(self, line: Line) -> Iterator[Block]:
        """Take a line; a block comes out where one ends with it."""
        self._lines.append(line)
        if line.fault is None and not line.text.strip():
            if self._places or self._is_overlong:
                yield from self.finish()
        elif line.fault is not None or self._form.is_word(line):
            self._places.append(len(self._lines) - 1)
        if len(self._places) > self._max_words:
            yield from self._give_up()
        # Lines without words are many only in a file that is no such file: memory stays bounded.
        elif len(self._lines) > 2 * self._max_words + _MORE_LINES:
            yield from self._give_up() if self._places else [self._flush()]

    def finish(self) -> Iterator[Block]:
        """The sentence is over, or the file is."""
        if self._lines:
            yield self._flush()
        self._is_overlong = False

    def _give_up(self) -> Iterator[Block]:
        if not self._is_overlong:
            first = self._lines[self._places[0]]
            detail = f"expected at most {self._max_words:,} words, found more"
            yield self._reject(first, Fault("sentence too long", detail), None)
            self._is_overlong = True
        else:
            yield Block(tuple(self._lines))
        self._lines, self._places = [], []

    def _flush(self) -> Block:
        if self._is_overlong or not self._places:
            block = Block(tuple(self._lines))
        else:
            block = self._sentence()
        self._lines, self._places = [], []
        return block

    def _sentence(self) -> Block:
        words, tags = [], []
        inputs: list[list[str]] = [[] for _ in self._form.inputs]
        for number, place in enumerate(self._places, start=1):
            line = self._lines[place]
            try:
                fields = self._fields(line, number)
                words.append(self._form.words.read(fields))
                if self._form.tags is not None:
                    tags.append(self._form.tags.read(fields))
                for column, field in zip(inputs, self._form.inputs, strict=True):
                    column.append(field.read(fields))
            except FieldError as error:
                return self._reject(line, error.fault, error.column)
        sentence = Sentence(
            line=self._lines[self._places[0]].number,
            words=tuple(words),
            tags=tuple(tags),
            inputs=tuple(map(tuple, inputs)),
        )
        return Block(tuple(self._lines), sentence, tuple(self._places))

    def _fields(self, line: Line, number: int) -> list[str]:
        if line.fault is not None:
            raise FieldError(line.fault)
        fields = cut(line.text, tab=self._form.tab)
        if len(fields) != self._form.columns:
            separated = "tabs" if self._form.tab else "blanks"
            found = f"expected {self._form.columns} fields separated by {separated}"
            raise FieldError(Fault("wrong number of fields", f"{found}, found {len(fields)}"))
        if self._form.conllu and fields[0] != str(number):
            found = f"expected word {number}, found {fields[0]!r:.40}"
            raise FieldError(Fault("wrong word number", found), "id")
        return fields

    def _reject(self, line: Line, fault: Fault, column: str | None) -> Block:
        rejection = Rejection(
            file=self._file,
            line=line.number,
            column=column,
            reason=fault.reason,
            detail=fault.detail,
            raw=spell_raw(line),
        )
        return Block(tuple(self._lines), rejection=rejection)


def looks_like_conllu(lines: Sequence[Line]) -> bool:
    """Whether the first lines that hold words are numbered and have the ten columns of CoNLL-U."""
    held = [line.text for line in lines if line.text.strip() and not line.text.startswith("#")]
    fields = [text.split("\t") for text in held[:20]]
    return bool(fields) and all(
        len(each) == len(CONLLU_COLUMNS)
        and (_WORD_NUMBER.fullmatch(each[0]) or _OTHER_NUMBER.fullmatch(each[0]))
        for each in fields
    )
