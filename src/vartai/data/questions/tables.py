"""Questions in a table: a context, a question and perhaps an answer in each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vartai.data.checks import FieldError, read_field
from vartai.data.lines import Fault
from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import SPAN, Answer, Question
from vartai.data.questions.spans import locate_answer
from vartai.data.rejects import Rejection
from vartai.data.rows import Row
from vartai.data.tables import Table
from vartai.errors import InputError

CONTEXT_NAMES = ("context", "passage", "paragraph", "story", "document", "text")
QUESTION_NAMES = ("question", "query", "klausimas")
ANSWER_NAMES = ("answer", "answer_text", "atsakymas")
START_NAMES = ("answer_start", "start")
ID_NAMES = ("id", "qid", "question_id")


@dataclass(frozen=True)
class QuestionColumns:
    """The columns that are read; None for one that the table does not have."""

    context: str
    question: str
    answer: str | None
    start: str | None
    id: str | None


def choose_question_columns(
    table: Table, options: QuestionOptions, *, need_answer: bool
) -> tuple[QuestionColumns, list[str]]:
    """The columns as asked for, or by their names, and each guess as a sentence.

    Raises:
        InputError: one is not there; lists those that are.
    """
    notes: list[str] = []

    def choose(wanted: str | None, names: tuple[str, ...], what: str) -> str | None:
        if wanted is not None:
            if wanted not in table.columns:
                known = ", ".join(table.columns)
                raise InputError(f"no column {wanted!r}; there are {known}", file=table.file)
            return wanted
        by_name = {column.strip().casefold(): column for column in reversed(table.columns)}
        found = next((by_name[name] for name in names if name in by_name), None)
        if found is not None:
            notes.append(f"The {what} is column {found!r} (by its name).")
        return found

    def require(found: str | None, what: str) -> str:
        if found is None:
            known = ", ".join(table.columns)
            raise InputError(
                f"expected a column with the {what}, found {known}; --{what} names it",
                file=table.file,
            )
        return found

    context = require(choose(options.context, CONTEXT_NAMES, "context"), "context")
    question = require(choose(options.question, QUESTION_NAMES, "question"), "question")
    answer = choose(options.answer, ANSWER_NAMES, "answer") if need_answer else None
    if need_answer:
        require(answer, "answer")
    start = choose(options.answer_start, START_NAMES, "answer's start") if need_answer else None
    own_id = choose(None, ID_NAMES, "id")
    return QuestionColumns(context, question, answer, start, own_id), notes


def read_rows(
    table: Table, columns: QuestionColumns, options: QuestionOptions, *, kind: str
) -> Iterator[Question | Rejection]:
    """The questions of a table, with a rejection in the place of each bad row."""
    wanted = (columns.context, columns.question, columns.answer, columns.start, columns.id)
    for item in table.rows(tuple(name for name in wanted if name is not None)):
        if not isinstance(item, Row):
            yield item
            continue
        try:
            yield _question(item, columns, options, kind=kind)
        except FieldError as error:
            yield error.rejection(item, table.file)


def _question(
    row: Row, columns: QuestionColumns, options: QuestionOptions, *, kind: str
) -> Question:
    longest = options.max_characters
    context = read_field(row.fields.get(columns.context), columns.context, max_characters=longest)
    text = read_field(row.fields.get(columns.question), columns.question, max_characters=longest)
    own_id = row.fields.get(columns.id) if columns.id is not None else None
    return Question(
        line=row.line,
        id=str(own_id) if isinstance(own_id, str | int) else "",
        group=context,
        context=context,
        text=text,
        answers=_answers(row, columns, options, context, kind=kind),
    )


def _answers(
    row: Row, columns: QuestionColumns, options: QuestionOptions, context: str, *, kind: str
) -> tuple[Answer, ...]:
    column = columns.answer
    if column is None:
        return ()
    value = row.fields.get(column)
    if value is None or value == "":
        if options.empty_answers == "none" and kind == SPAN:
            return ()
        detail = "expected an answer, found none"
        if kind == SPAN:
            detail += "; --empty-answers none reads that as a question without answer"
        raise FieldError(Fault("missing answer", detail), column)
    answer = read_field(value, column, max_characters=options.max_characters)
    if kind != SPAN:
        return (Answer(answer, ()),)
    start = None if columns.start is None else _start(row, columns.start)
    return (locate_answer(context, answer, start, column=column),)


def _start(row: Row, column: str) -> object:
    """A whole number, where the file holds one; None where it holds nothing."""
    value = row.fields.get(column)
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text or None
    return value
