"""How questions are read: the part of an answering task's configuration that concerns files."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.options import TableOptions
from vartai.data.questions.question import KINDS
from vartai.errors import OptionError, require_range, unknown_name

FORMATS = ("squad", "babi", "csv", "tsv", "jsonl", "parquet")
EMPTY_ANSWERS = ("reject", "none")
_LONGEST_CONTEXT = 1_000_000


@dataclass(frozen=True, kw_only=True)
class QuestionOptions:
    """Reading questions.

    Attributes:
        kind: span, where an answer is a part of its context, or word, where it is one of the
            answers known from training; word for bAbI's stories, else span, if not given.
        format: squad (JSON, version 1 or 2), babi (numbered lines), or a table: csv, tsv, jsonl,
            parquet; from the file's name and its first bytes if not given.
        context: column of a table that holds the context; guessed by name if not given.
        question: column that holds the question; guessed by name if not given.
        answer: column that holds the answer; guessed by name if not given.
        answer_start: column that holds the code point of the context at which the answer begins;
            guessed by name if not given. Without one, an answer is looked for.
        empty_answers: reject rows of a table without answer, or read them as none: the context
            does not answer the question.
        delimiter: what separates the fields of a csv line; guessed if not given.
        encoding: how the bytes of anything but Parquet encode text.
        max_characters: a context or question longer than this is rejected.
    """

    kind: str | None = None
    format: str | None = None
    context: str | None = None
    question: str | None = None
    answer: str | None = None
    answer_start: str | None = None
    empty_answers: str = "reject"
    delimiter: str | None = None
    encoding: str = "utf-8"
    max_characters: int = 50_000

    def __post_init__(self) -> None:
        if self.kind is not None and self.kind not in KINDS:
            raise unknown_name("kind", self.kind, KINDS)
        if self.format is not None and self.format not in FORMATS:
            raise unknown_name("format", self.format, FORMATS)
        if self.empty_answers not in EMPTY_ANSWERS:
            raise unknown_name("empty_answers", self.empty_answers, EMPTY_ANSWERS)
        require_range("max_characters", self.max_characters, at_least=1, below=_LONGEST_CONTEXT + 1)
        named = [name for name in self.columns() if name is not None]
        if len(set(named)) < len(named):
            raise OptionError(f"a column is given twice: {', '.join(named)}")
        if self.kind == "word" and self.format == "squad":
            raise OptionError("answers in SQuAD's format are spans; word needs babi or a table")
        if self.kind == "span" and self.format == "babi":
            raise OptionError("answers to stories are words; span needs squad or a table")
        self.as_table()

    def columns(self) -> tuple[str | None, ...]:
        """The names of columns that were asked for, or None."""
        return (self.context, self.question, self.answer, self.answer_start)

    def as_table(self) -> TableOptions:
        """How the table is read of which these columns are taken."""
        named = tuple(name for name in self.columns() if name is not None)
        return TableOptions(
            text=named,
            format=self.format if self.format not in ("squad", "babi") else None,
            delimiter=self.delimiter,
            header=True,
            encoding=self.encoding,
            max_characters=self.max_characters,
        )
