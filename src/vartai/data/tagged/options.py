"""How a file of tagged sentences is read: the part of a tagger's configuration about files."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import OptionError, require_range, unknown_name

TAGGED_FORMATS = ("conllu", "conll", "jsonl", "lines")


@dataclass(frozen=True, kw_only=True)
class TaggedOptions:
    """Reading tagged sentences.

    Attributes:
        column: what holds the tags. In conllu the name of a column, such as upos or xpos, or one
            feature, as feats:Gender, whose tag is _ for words without it; upos if not given. In
            conll the number of a column, from 1; the last if not given. In jsonl a key; tags if not
            given.
        words: what holds the words: in conllu form, in conll column 1, in jsonl the key tokens,
            if not given.
        input_column: columns that the model reads beside the words, named as for column.
        format: conllu, conll (columns separated by tabs or blanks, an empty line after each
            sentence), jsonl (an object with lists of words and tags a line) or lines (plain text,
            which has no tags); from the file's name, else its first lines, if not given.
        encoding: how the bytes of the file encode text.
        max_words: a sentence longer than this is rejected.
    """

    column: str | None = None
    words: str | None = None
    input_column: tuple[str, ...] = ()
    format: str | None = None
    encoding: str = "utf-8"
    max_words: int = 10_000

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in TAGGED_FORMATS:
            raise unknown_name("format", self.format, TAGGED_FORMATS)
        require_range("max_words", self.max_words, at_least=1)
        if len(set(self.input_column)) < len(self.input_column):
            raise OptionError(f"an input column is given twice: {', '.join(self.input_column)}")
        if self.column is not None and self.column in self.input_column:
            raise OptionError(f"column {self.column!r} cannot be both input and tag")
