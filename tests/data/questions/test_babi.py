from __future__ import annotations

from pathlib import Path

import pytest

from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import Question, Questions
from vartai.data.questions.reading import iter_questions, read_questions
from vartai.data.rejects import Rejection, Rejects
from vartai.errors import InputError, OptionError

STORY = "1 Ona nuėjo į sodą.\n2 Where is Ona?\tsodas\t1\n3 Ona left.\n4 Where is Ona?\toffice\t3\n"


def read(folder: Path, text: str | bytes) -> tuple[Questions, Rejects]:
    path = folder / "qa1_train.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    questions, rejects, _ = read_questions(
        str(path), QuestionOptions(format="babi"), need_answer=True
    )
    return questions, rejects


def test_a_question_is_about_the_lines_before_it_that_do_not_ask(tmp_path: Path) -> None:
    questions, rejects = read(tmp_path, STORY + "1 Rasa sat.\n2 Who sat?\tRasa\t1\n")
    assert len(rejects) == 0
    assert questions.kind == "word"
    assert [item.context for item in questions.items] == [
        "Ona nuėjo į sodą.",
        "Ona nuėjo į sodą.\nOna left.",
        "Rasa sat.",
    ]
    assert [item.answers[0].text for item in questions.items] == ["sodas", "office", "Rasa"]
    assert [item.line for item in questions.items] == [2, 4, 6]
    groups = [item.group for item in questions.items]
    assert groups == ["qa1_train.txt:1", "qa1_train.txt:1", "qa1_train.txt:5"]


def test_a_line_that_cannot_be_used_takes_the_later_questions_of_its_story_along(
    tmp_path: Path,
) -> None:
    broken = STORY.encode().replace(b"Ona left", b"Ona \xff")
    questions, rejects = read(tmp_path, broken + b"1 Rasa sat.\n2 Who sat?\tRasa\t1\n")
    assert [item.line for item in questions.items] == [2, 6]
    assert [(each.line, each.reason) for each in rejects] == [
        (3, "undecodable byte"),
        (4, "incomplete story"),
    ]
    assert list(rejects)[1].detail == "line 3 of its story was rejected"


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ("Where is Ona?\tsodas\t1", "not a story line", "expected a number"),
        ("7 Ona left.", "not a story line", "expected number 1 or 2, found 7"),
        ("2 \tsodas\t1", "not a story line", "expected a number"),
        ("2 Where?\t\t1", "missing answer", "found none"),
        ("2 Where?\ta\t1\tmore", "wrong number of fields", "found 4"),
        ("1 Where?\ta\t1", "empty text", "lines of a story before"),
        ("2 a\0b", "NUL character", "found NUL"),
    ],
)
def test_a_bad_line_is_named(line: str, reason: str, detail: str, tmp_path: Path) -> None:
    _, rejects = read(tmp_path, f"1 Ona nuėjo į sodą.\n{line}\n")
    [rejection] = rejects
    assert (rejection.line, rejection.reason) == (2, reason)
    assert detail in rejection.detail


def test_a_story_longer_than_allowed_is_rejected_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(STORY, encoding="utf-8")
    options = QuestionOptions(max_characters=20)
    items = list(iter_questions(str(path), options, need_answer=True))
    assert isinstance(items[0], Question)
    assert isinstance(items[1], Rejection)
    assert items[1].reason == "text too long"


def test_a_file_is_recognised_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "story"
    path.write_text(STORY, encoding="utf-8")
    stream = iter_questions(str(path), QuestionOptions(), need_answer=True)
    assert stream.format == "babi"
    stream.close()
    with pytest.raises(OptionError, match="answers of kind word"):
        iter_questions(str(path), QuestionOptions(kind="span"), need_answer=True)


def test_members_of_an_archive_are_read_one_after_another(data_dir: Path) -> None:
    archive = data_dir / "babi" / "babi-en.tar.gz"
    questions, rejects, _ = read_questions(
        f"{archive}/babi/en/qa1[12]_*_test.txt", QuestionOptions(), need_answer=True
    )
    assert (len(questions), len(rejects)) == (2000, 0)
    with pytest.raises(InputError, match="name its members as ARCHIVE/PATTERN"):
        read_questions(str(archive), QuestionOptions(), need_answer=True)
