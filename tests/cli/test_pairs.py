"""`vartai pairs` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.commands import SMALL, Run, make_rows, write_csv


def test_a_sheet_is_judged_rejected_rows_are_filed_and_every_pair_is_written(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "pairs.csv"
    sheet.write_text(
        "text_a,text_b,label_a,label_b,kind\n"
        "good thing,bad thing,pos,neg,word\n"
        "good thing,good thing number 3,pos,pos,number\n"
        "good thing,,pos,neg,word\n"
        "good thing,bad thing,pos,evil,word\n"
    )
    out = tmp_path / "out"
    said = run("pairs", trained, sheet, "--out", out, "--json")
    assert said.code == 0
    found = said.answer
    assert (found["pairs"], found["rejected"]) == (2, 2)
    kinds = {row["kind"]: row for row in found["asked"]["model"]["kinds"]}
    assert list(kinds) == ["word", "number", "all"]
    assert kinds["all"]["flipped"]["of"] == 2
    assert kinds["word"]["should_flip"] == 1
    assert len(found["asked"]["model"]["shuffled"]["changed"]) == 5
    records = [json.loads(line) for line in (out / "pairs.jsonl").read_text().splitlines()]
    assert [record["line"] for record in records] == [2, 3]
    assert [record["should_flip"] for record in records] == [True, False]
    assert {"predicted_a", "probability_b", "flipped"} <= set(records[0])
    rejects = [json.loads(line) for line in (out / "rejects.jsonl").read_text().splitlines()]
    assert [each["reason"] for each in rejects] == ["empty text", "unknown label"]
    assert "2 rows rejected" in said.err


def test_the_tables_for_people_show_kinds_and_control(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "pairs.tsv"
    sheet.write_text("text_a\ttext_b\tlabel_a\tlabel_b\ngood thing\tbad thing\tpos\tneg\n")
    said = run("pairs", trained, sheet, "--out", tmp_path / "out")
    assert said.code == 0
    assert "both right" in said.out
    assert "shuffled: changed" in said.out
    assert str(tmp_path / "out" / "pairs.jsonl") in said.out


def test_an_n_gram_path_is_asked_by_itself_too(run: Run, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "table.csv", make_rows(100))
    model = tmp_path / "model"
    assert run("train", "classify", table, "--wide", "--out", model, *SMALL).code == 0
    said = run(
        "pairs",
        model,
        "--generate",
        "order",
        "--positive",
        "pos",
        "--negative",
        "neg",
        "--count",
        "3",
        "--json",
    )
    assert set(said.answer["asked"]) == {"model", "lstm alone", "n-grams alone"}
    assert said.answer["pairs"] == 3
    assert (tmp_path / "model.pairs" / "pairs.jsonl").exists()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ((), "expected a sheet of pairs or --generate KIND, found neither"),
        (("sheet.csv", "--generate", "order"), "found both"),
        (
            ("--generate", "irony", "--positive", "pos", "--negative", "neg"),
            "unknown kind of pairs",
        ),
        (
            ("--generate", "order"),
            "--positive 'positive' is not among the model's labels: neg, pos",
        ),
        (("absent.csv",), "absent.csv"),
        (("absent.csv", "--text", "a"), "--text has no use here"),
        (("absent.csv", "--shuffles", "-1"), "shuffles must be at least 0"),
    ],
)
def test_mistakes_are_told_in_one_line(
    run: Run, trained: Path, tmp_path: Path, typed: tuple[str, ...], expected: str
) -> None:
    said = run("pairs", trained, *typed, "--out", tmp_path / "out")
    assert said.code == 2
    assert expected in said.error
