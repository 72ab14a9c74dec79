from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from vartai.data.questions import squad
from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import Answer
from vartai.data.questions.reading import (
    iter_questions,
    read_questions,
    require_enough_questions,
)
from vartai.errors import InputError

CONTEXT = "Vilnius yra Lietuvos sostinė. Vilnius stovi prie Neries. 🎻 Kaunas."
GOOD: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "Vilnius",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "a",
                            "question": "Kas yra sostinė?",
                            "is_impossible": False,
                            "answers": [{"text": "Vilnius", "answer_start": 30}],
                        },
                        {"id": "b", "question": "Kur Ryga?", "is_impossible": True, "answers": []},
                        {
                            "id": "c",
                            "question": "Koks miestas?",
                            "answers": [{"text": "Kaunas", "answer_start": 59}],
                        },
                    ],
                }
            ],
        }
    ],
}


def write(folder: Path, value: object, name: str = "squad.json") -> str:
    path = folder / name
    raw = json.dumps(value, ensure_ascii=False).encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return str(path)


def changed(place: int, **fields: object) -> dict[str, Any]:
    value = copy.deepcopy(GOOD)
    value["data"][0]["paragraphs"][0]["qas"][place].update(fields)
    return value


@pytest.mark.parametrize("name", ["squad.json", "squad.json.gz"])
def test_questions_come_with_exact_places(name: str, tmp_path: Path) -> None:
    questions, rejects, notes = read_questions(
        write(tmp_path, GOOD, name), QuestionOptions(), need_answer=True
    )
    assert len(rejects) == 0
    assert [item.id for item in questions.items] == ["a", "b", "c"]
    assert questions.items[0].answers == (Answer("Vilnius", (30,)),)
    assert questions.items[1].answers == ()
    for item in questions.items:
        for answer in item.answers:
            for start in answer.starts:
                assert item.context[start : start + len(answer.text)] == answer.text
    assert "The format is squad (by its first bytes)." in notes
    assert "1 of 3 questions have no answer." in notes


@pytest.mark.parametrize(
    ("place", "fields", "reason", "detail"),
    [
        (0, {"answers": [{"text": "Ryga", "answer_start": 0}]}, "answer not in context", "nowhere"),
        (
            0,
            {"answers": [{"text": "Vilnius", "answer_start": 3}]},
            "answer not in context",
            "it stands at 0",
        ),
        (
            0,
            {"answers": [{"text": "Vilnius", "answer_start": -1}]},
            "answer not in context",
            "expected a code point",
        ),
        (0, {"answers": []}, "missing answer", "is_impossible to be true"),
        (0, {"is_impossible": True}, "contradictory answer", "yet there are 1 answers"),
        (0, {"question": "  "}, "empty text", "found '  '"),
        (0, {"question": None}, "missing text", "found none"),
        (0, {"question": 7.5}, "not text", "found float"),
        (0, {"question": "a\0b"}, "NUL character", "position 1"),
        (0, {"answers": "Vilnius"}, "not a question", 'a list "answers"'),
    ],
)
def test_a_bad_question_costs_itself_and_is_told_by_its_path(
    place: int, fields: dict[str, object], reason: str, detail: str, tmp_path: Path
) -> None:
    path = write(tmp_path, changed(place, **fields))
    questions, rejects, _ = read_questions(path, QuestionOptions(), need_answer=True)
    assert [item.id for item in questions.items] == ["b", "c"]
    [rejection] = rejects
    assert (rejection.file, rejection.line, rejection.reason) == (path, 1, reason)
    assert rejection.detail.startswith("data[0].paragraphs[0].qas[0]: ")
    assert detail in rejection.detail


def test_a_bad_context_costs_its_own_questions(tmp_path: Path) -> None:
    value = copy.deepcopy(GOOD)
    other = copy.deepcopy(value["data"][0]["paragraphs"][0])
    other["context"] = ""
    value["data"][0]["paragraphs"].append(other)
    questions, rejects, _ = read_questions(
        write(tmp_path, value), QuestionOptions(), need_answer=True
    )
    assert len(questions) == 3
    assert rejects.counts() == {"empty text": 3}
    assert [rejection.line for rejection in rejects] == [4, 5, 6]


def test_a_passage_of_a_hundred_thousand_tokens_is_rejected(tmp_path: Path) -> None:
    value = copy.deepcopy(GOOD)
    long = copy.deepcopy(value["data"][0]["paragraphs"][0])
    long["context"] = CONTEXT + " word" * 100_000
    value["data"][0]["paragraphs"].append(long)
    _, rejects, _ = read_questions(write(tmp_path, value), QuestionOptions(), need_answer=True)
    assert rejects.counts() == {"text too long": 3}
    assert "expected at most 50,000 characters, found 500," in rejects.first[0].detail


def test_bytes_that_cannot_be_decoded_cost_the_question_that_holds_them(tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    raw = json.dumps(GOOD, ensure_ascii=False).encode()
    path.write_bytes(raw.replace(b"Kur Ryga", b"Kur \xff"))
    questions, rejects, _ = read_questions(str(path), QuestionOptions(), need_answer=True)
    assert [item.id for item in questions.items] == ["a", "c"]
    assert rejects.counts() == {"undecodable byte": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"data": 3}', 'an object with a list "data"'),
        ('{"data": [', "expected JSON"),
        ('{"data": [], "data": []}', "the key 'data' stands twice"),
        ('{"data": [NaN]}', "NaN is no JSON number"),
        ('{"data": ' + "[" * 100_000, "expected JSON"),
    ],
)
def test_a_file_that_is_not_laid_out_so_is_refused_as_a_whole(
    text: str, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "squad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read_questions(str(path), QuestionOptions(format="squad"), need_answer=True)


def test_a_file_larger_than_allowed_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(squad, "MOST_BYTES", 1 << 20)
    path = write(tmp_path, {**GOOD, "padding": "x" * (3 << 20)}, "bomb.json.gz")
    with pytest.raises(InputError, match="at most 1,048,576 bytes of JSON"):
        list(iter_questions(path, QuestionOptions(), need_answer=True))


def test_without_a_need_of_answers_none_is_missed(tmp_path: Path) -> None:
    value = copy.deepcopy(GOOD)
    for question in value["data"][0]["paragraphs"][0]["qas"]:
        del question["answers"]
    questions, rejects, _ = read_questions(
        write(tmp_path, value), QuestionOptions(), need_answer=False
    )
    assert (len(questions), len(rejects)) == (3, 0)


def test_a_file_of_which_most_is_rejected_was_read_in_the_wrong_way(tmp_path: Path) -> None:
    value = copy.deepcopy(GOOD)
    for question in value["data"][0]["paragraphs"][0]["qas"][:2]:
        question["question"] = ""
    questions, rejects, _ = read_questions(
        write(tmp_path, value), QuestionOptions(), need_answer=True
    )
    with pytest.raises(InputError, match=r"found 1 of 3 \(2 × empty text\)"):
        require_enough_questions(questions, rejects)


def test_the_public_half_of_squad_is_read_whole(data_dir: Path) -> None:
    folder = data_dir / "squad_v2_half"
    questions, rejects, _ = read_questions(
        str(folder / "dev-v2.0.json.gz"), QuestionOptions(), need_answer=True
    )
    assert (len(questions), len(rejects)) == (6078, 0)
    assert sum(bool(item.answers) for item in questions.items) == 2910
