from __future__ import annotations

from pathlib import Path

import pytest

from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import Answer
from vartai.data.questions.reading import read_questions
from vartai.errors import InputError, OptionError

HEAD = "passage,question,answer,answer_start\n"


def write(folder: Path, rows: str, *, head: str = HEAD, name: str = "table.csv") -> str:
    path = folder / name
    path.write_text(head + rows, encoding="utf-8")
    return str(path)


def test_without_a_start_every_place_counts_and_that_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a fox and a fox,who?,fox,\nabc,what?,b,1\n")
    questions, rejects, notes = read_questions(path, QuestionOptions(), need_answer=True)
    assert len(rejects) == 0
    assert questions.items[0].answers == (Answer("fox", (2, 12)),)
    assert questions.items[1].answers == (Answer("b", (1,)),)
    assert any(note.startswith("1 answers stand at more than one place") for note in notes)
    assert "The context is column 'passage' (by its name)." in notes


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        ("abc,what?,x,", "answer not in context", "answer"),
        ("abc,what?,b,2", "answer not in context", "answer"),
        ("abc,what?,b,two", "answer not in context", "answer"),
        ("abc,,b,1", "empty text", "question"),
        (",what?,b,1", "empty text", "passage"),
        ("abc,what?,,", "missing answer", "answer"),
        ("abc,what?", "wrong number of fields", None),
    ],
)
def test_a_bad_row_is_named_by_line_and_column(
    row: str, reason: str, column: str | None, tmp_path: Path
) -> None:
    path = write(tmp_path, f"abc,what?,b,1\n{row}\n")
    questions, rejects, _ = read_questions(path, QuestionOptions(), need_answer=True)
    assert len(questions) == 1
    [rejection] = rejects
    assert (rejection.line, rejection.reason, rejection.column) == (3, reason, column)


def test_an_empty_answer_means_none_only_if_so_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, "abc,what?,b,1\nabc,who?,,\n")
    options = QuestionOptions(empty_answers="none")
    questions, rejects, _ = read_questions(path, options, need_answer=True)
    assert (len(rejects), questions.items[1].answers) == (0, ())


def test_jsonl_and_words_are_read_too(tmp_path: Path) -> None:
    rows = '{"story": "Ona left.\\nRasa sat.", "question": "Who sat?", "answer": "Rasa"}\n'
    path = write(tmp_path, rows, head="", name="stories.jsonl")
    questions, rejects, _ = read_questions(path, QuestionOptions(kind="word"), need_answer=True)
    assert (len(rejects), questions.kind) == (0, "word")
    assert questions.items[0].answers == (Answer("Rasa", ()),)
    assert questions.items[0].context == "Ona left.\nRasa sat."


def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are(tmp_path: Path) -> None:
    path = write(tmp_path, "abc,what?,b,1\n")
    with pytest.raises(InputError, match="no column 'text'; there are passage, question"):
        read_questions(path, QuestionOptions(context="text"), need_answer=True)
    other = write(tmp_path, "x,y\n", head="one,two\n", name="other.csv")
    with pytest.raises(InputError, match="expected a column with the context, found one, two"):
        read_questions(other, QuestionOptions(), need_answer=True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "spam"}, "Did you mean 'span'"),
        ({"format": "squat"}, "Did you mean 'squad'"),
        ({"empty_answers": "non"}, "Did you mean 'none'"),
        ({"kind": "word", "format": "squad"}, "are spans"),
        ({"kind": "span", "format": "babi"}, "are words"),
        ({"context": "a", "answer": "a"}, "a column is given twice"),
        ({"max_characters": 0}, "max_characters must be at least 1"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        QuestionOptions(**wrong)  # type: ignore[arg-type]
