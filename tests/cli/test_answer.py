"""`vartai train answer`, `answer`, `predict`, `evaluate` and `show`, as typed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.commands import Run

from vartai.cli.main import main

SMALL = [
    *("--hidden-size", "8", "--embedding-size", "8", "--character-size", "4", "--layers", "1"),
    *("--hops", "1", "--epochs", "2", "--device", "cpu", "--min-frequency", "1"),
]
PEOPLE = ("Ona", "Rasa", "Asta", "Petras", "Jonas", "Tomas")
TOWNS = ("Vilnius", "Kaunas", "Utena")


def squad(count: int = 40) -> dict[str, object]:
    paragraphs = []
    for number in range(count):
        who, where = PEOPLE[number % 6], TOWNS[number % 3]
        context = f"Number {number}. {who} lives in {where}."
        start = context.index(where)
        asked = {"id": f"q{number}", "question": f"Where does {who} live?"}
        answers = [] if number % 4 == 0 else [{"text": where, "answer_start": start}]
        asked_full = {**asked, "answers": answers, "is_impossible": not answers}
        paragraphs.append({"context": context, "qas": [asked_full]})
    return {"version": "v2.0", "data": [{"title": "made", "paragraphs": paragraphs}]}


def stories(count: int = 40) -> str:
    lines = []
    for number in range(count):
        who, where = PEOPLE[number % 6], TOWNS[number % 3]
        lines += [f"1 {who} went to {where}.", f"2 It was day {number}."]
        lines += [f"3 Where is {who}?\t{where}\t1"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of each kind and what it was trained on. Tests must not change it."""
    folder = tmp_path_factory.mktemp("answer")
    (folder / "squad.json").write_text(json.dumps(squad()), encoding="utf-8")
    (folder / "stories.txt").write_text(stories(), encoding="utf-8")
    for name, file in (("span", "squad.json"), ("word", "stories.txt")):
        typed = ["train", "answer", str(folder / file), "--out", str(folder / name), *SMALL]
        assert main(typed) == 0
    return folder


@pytest.mark.parametrize(
    ("file", "scores"), [("squad.json", {"exact_match", "f1"}), ("stories.txt", {"accuracy"})]
)
def test_training_prints_scores_beside_baselines_and_leaves_no_checkpoint(
    file: str, scores: set[str], models: Path, run: Run, tmp_path: Path
) -> None:
    said = run("train", "answer", models / file, "--out", tmp_path / "m", *SMALL, "--json")
    assert said.code == 0
    assert scores <= set(said.answer["test"])
    assert "majority" in said.answer["baselines"]
    assert not (tmp_path / "m.run" / "checkpoint.safetensors").exists()
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: question-answering" in card


def test_training_tells_people_what_it_came_to_and_what_to_type(
    models: Path, run: Run, tmp_path: Path
) -> None:
    said = run("train", "answer", models / "squad.json", "--out", tmp_path / "m", *SMALL)
    assert "exact match" in said.out
    assert "word_overlap" in said.out
    assert f"vartai answer {tmp_path / 'm'} --context passage.txt 'Who …?'" in said.out
    assert "10 of 40 questions have no answer." in said.err


def test_rejected_questions_are_filed_and_counted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    value = json.dumps(squad()).replace("Where does Ona live?", " ", 2)
    path.write_text(value, encoding="utf-8")
    said = run("train", "answer", path, "--out", tmp_path / "m", *SMALL)
    assert said.code == 0
    assert "2 rows rejected (2 × empty text)" in said.err
    rejects = (tmp_path / "m.run" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [1, 7]
    assert "data[0].paragraphs[6].qas[0]" in rejects[1]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["--out", "m"], "expected questions; vartai train answer FILE"),
        (["x.json"], "expected --out DIR"),
        (["x.json", "--demo", "--out", "m"], "--demo trains on built-in questions"),
        (["x.json", "--out", "m", "--hops", "0"], "hops must be at least 1"),
        (["x.json", "--out", "m", "--cell", "grru"], "Did you mean 'gru'"),
    ],
)
def test_wrong_options_are_told_before_anything_is_read(
    typed: list[str], message: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("train", "answer", *typed)
    assert said.code == 2
    assert message in said.error


def test_questions_about_a_text_get_answers_with_exact_places(
    models: Path, run: Run, tmp_path: Path
) -> None:
    text = "Number 7. Rasa lives in\nKaunas. 🎻 Ona lives in Utena."
    context = tmp_path / "passage.txt"
    context.write_text(text, encoding="utf-8")
    typed = ("answer", models / "span", "--context", context, "Where does Ona live?", "Who?")
    said = run(*typed, "--top", "3", "--json")
    assert said.code == 0
    answers = said.answer["answers"]
    assert [each["question"] for each in answers] == ["Where does Ona live?", "Who?"]
    for each in answers:
        for reply in (each, *each["others"]):
            if reply["answer"] is not None:
                assert text[reply["start"] : reply["end"]] == reply["answer"]
    assert len(answers[0]["others"]) == 2
    people = run(*typed)
    assert len(people.out.splitlines()) == 2


def test_questions_come_line_by_line_and_an_empty_one_keeps_its_place(
    models: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = tmp_path / "story.txt"
    context.write_text("Ona went to Utena.\nIt was day 3.\n", encoding="utf-8")
    typed = io.TextIOWrapper(io.BytesIO(b"Where is Ona?\n\nWhere \xff?\nWhere is Ona?\n"))
    monkeypatch.setattr(sys, "stdin", typed)
    said = run("answer", models / "word", "--context", context, "--json")
    answers = said.answer["answers"]
    assert [each["line"] for each in answers] == [1, 2, 3, 4]
    assert [each["error"] is None for each in answers] == [True, False, False, True]
    assert answers[1]["error"].startswith("blank line")
    assert answers[2]["error"].startswith("undecodable byte")
    assert answers[0]["answer"] == answers[3]["answer"]
    assert answers[0]["answer"] in TOWNS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the file is empty"),
        (b" \n ", "found only blanks"),
        (b"a\xffb", "found byte 0xFF"),
        (b"a\0b", "found the NUL character"),
        (b"word " * 100_000, "expected at most 50,000 characters (--max-characters)"),
    ],
)
def test_a_text_that_cannot_be_used_is_named(
    text: bytes, message: str, models: Path, run: Run, tmp_path: Path
) -> None:
    context = tmp_path / "passage.txt"
    context.write_bytes(text)
    said = run("answer", models / "span", "--context", context, "Who?")
    assert said.code == 2
    assert message in said.error
    assert "passage.txt" in said.error


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["Who?"], "expected --context FILE with questions, or --input FILE"),
        (["--context", "x", "--input", "y"], "one of them"),
        (["--context", "x", "--output", "y"], "--output is for the answers of --input"),
        (["--context", "x", "--top", "0"], "top must be from 1"),
        (["--context=-"], "standard input cannot hold the context and the questions"),
    ],
)
def test_what_does_not_go_together_is_told(
    typed: list[str], message: str, models: Path, run: Run
) -> None:
    said = run("answer", models / "span", *typed)
    assert said.code == 2
    assert message in said.error


def test_a_model_of_another_task_is_told(trained: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("text", encoding="utf-8")
    said = run("answer", trained, "--context", tmp_path / "x", "Who?")
    assert "is a model for classify; vartai answer expects answer" in said.error


@pytest.mark.parametrize("verb", ["predict", "answer"])
def test_a_table_of_questions_is_answered_in_order_with_rejected_rows_in_place(
    verb: str, models: Path, run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "asked.csv"
    rows = "Ona lives in Utena.,Where does Ona live?\nOna.,\nRasa lives in Kaunas.,Who?\n"
    table.write_text("context,question\n" + rows, encoding="utf-8")
    out = tmp_path / "out.jsonl"
    said = run(verb, models / "span", "--input", table, "--output", out)
    assert said.code == 0
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [record["line"] for record in records] == [2, 3, 4]
    assert records[1]["error"].startswith("empty text")
    assert records[0]["question"] == "Where does Ona live?"
    assert "1 of 3 questions could not be read" in said.err


def test_predict_without_contexts_says_what_to_type(models: Path, run: Run) -> None:
    said = run("predict", models / "span", "Where does Ona live?")
    assert "needs contexts: --input FILE of questions, or vartai answer MODEL" in said.error


def test_a_file_of_the_other_kind_is_refused(models: Path, run: Run) -> None:
    said = run("predict", models / "word", "--input", models / "squad.json")
    assert said.code == 2
    assert "SQuAD's format have answers of kind span" in said.error


@pytest.mark.parametrize(("kind", "file"), [("span", "squad.json"), ("word", "stories.txt")])
def test_evaluate_scores_and_keeps_the_wrong_answers(
    kind: str, file: str, models: Path, run: Run, tmp_path: Path
) -> None:
    said = run("evaluate", models / kind, models / file, "--out", tmp_path / "e", "--json")
    assert said.code == 0
    share = said.answer["exact_match"] if kind == "span" else said.answer["accuracy"]
    wrong = (tmp_path / "e" / "wrong.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(wrong) == round(40 * (1 - share))
    people = run("evaluate", models / kind, models / file, "--out", tmp_path / "e")
    assert ("exact match" if kind == "span" else "accuracy") in people.out


def test_show_tells_the_layers_of_a_reader(models: Path, run: Run) -> None:
    said = run("show", models / "span")
    assert "passage_layers 1, forward" in said.out
    facts = run("show", models / "word", "--json").answer
    assert (facts["task"], facts["kind"], facts["answers"]) == ("answer", "word", 3)


def test_the_configuration_that_is_printed_is_read_again(run: Run, tmp_path: Path) -> None:
    printed = run("train", "answer", "--print-config", "--epochs", "7", "--kind", "word").out
    assert 'kind = "word"' in printed
    assert "learning_rate = 0.003" in printed
    (tmp_path / "c.toml").write_text(printed, encoding="utf-8")
    assert run("train", "answer", "--print-config", "--config", tmp_path / "c.toml").out == printed


def test_going_on_takes_the_shape_of_the_model(models: Path, run: Run, tmp_path: Path) -> None:
    typed = ("train", "answer", models / "stories.txt", "--from", models / "word")
    said = run(*typed, "--out", tmp_path / "m", "--epochs", "1", "--json")
    assert said.code == 0
    other = run(*typed, "--out", tmp_path / "n", "--hidden-size", "9")
    assert "hidden_size is 8 in the model to go on from, 9 was asked for" in other.error


@pytest.mark.parametrize("kind", ["span", "word"])
def test_the_demonstration_needs_no_file(kind: str, run: Run, tmp_path: Path) -> None:
    typed = ("train", "answer", "--demo", "--kind", kind, "--out", tmp_path / "m")
    said = run(*typed, *SMALL, "--json")
    assert said.code == 0
    assert said.answer["kind"] == kind
