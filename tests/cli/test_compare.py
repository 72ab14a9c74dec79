"""`vartai compare`: cells side by side, from the table to the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.commands import Run
from tests.cli.tag_files import write_columns, write_corpus

from vartai.kernels.cell_names import CELLS

SMALL = (
    "--embedding-size", "8", "--epochs", "1", "--min-frequency", "1", "--parameters", "9k",
    "--no-bidirectional", "--seeds", "2",
)  # fmt: skip


def write_table(place: Path) -> Path:
    place.mkdir(exist_ok=True)
    rows = [
        f"the {colour} {thing} is here,{colour}"
        for colour in ("red", "blue")
        for thing in ("house", "wall", "boat", "road", "hat", "bird", "tree", "cup", "door", "ship")
        * 3
    ]
    table = place / "colours.csv"
    table.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return table


def test_cells_are_compared_kept_and_gone_on_with(run: Run, tmp_path: Path) -> None:
    table, out = write_table(tmp_path / "in"), tmp_path / "compared"
    typed = ("compare", "classify", table, "--out", out, *SMALL, "--json", "--cells")
    said = run(*typed, "lstm,gru")
    assert said.code == 0
    found = json.loads(said.out)
    assert [cell["cell"] for cell in found["cells"]] == ["lstm", "gru"]
    for cell in found["cells"]:
        assert abs(cell["parameters"] - 9_000) <= 180
        assert sorted(cell["scores"]) == ["0", "1"]
    assert found["cells"][1]["difference"]["seeds"] == 2
    lines = (out / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    more = run(*typed, "lstm,min-gru,gru")
    assert more.code == 0
    again = json.loads(more.out)
    assert again["cells"][0] == found["cells"][0]
    assert len((out / "runs.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_taggers_are_compared_by_what_training_goes_by(run: Run, tmp_path: Path) -> None:
    small = ("--embedding-size", "8", "--character-size", "6", "--affixes", "0", "--epochs", "1")
    typed = ("--seeds", "1", "--parameters", "12k", "--cells", "lstm,rnn", "--json")
    out = tmp_path / "compared"
    words = run("compare", "tag", write_corpus(tmp_path / "a.conllu"), "--column", "upos",
                "--out", out, *small, *typed)  # fmt: skip
    assert words.code == 0, words.error
    found = json.loads(words.out)
    assert found["measure"] == "accuracy"
    for cell in found["cells"]:
        assert abs(cell["parameters"] - 12_000) <= 240
        assert 0 < cell["scores"]["0"] <= 1
    chunks = run("compare", "tag", write_columns(tmp_path / "chunks.txt"), "--out", out, *small,
                 *typed)  # fmt: skip
    assert chunks.code == 0, chunks.error
    assert json.loads(chunks.out)["measure"] == "f1"
    assert len((out / "runs.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def test_the_built_in_corpora_need_no_file(run: Run, tmp_path: Path) -> None:
    said = run("compare", "classify", "--demo", "--cells", "rnn,ind-rnn", "--seeds", "1", "--out",
               tmp_path, "--parameters", "20k", "--no-bidirectional", "--epochs", "1", "--time",
               "2s", "--json")  # fmt: skip
    assert said.code == 0, said.error
    assert len(json.loads(said.out)["cells"]) == 2


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["classify"], "expected a table of labelled texts; vartai compare classify TABLE"),
        (["classify", "TABLE"], "expected --out DIR, the folder for the finished runs"),
        (["classify", "TABLE", "--out", "OUT"], "a comparison needs two cells at least"),
        (["classify", "TABLE", "--out", "OUT", "--cells", "lstm,lstn"], "unknown cell 'lstn'"),
        (["classify", "TABLE", "--out", "OUT", "--cells", "gru,lstm,gru"], "gru is named twice"),
        (["classify", "TABLE", "--out", "OUT", "--cell", "gru"], "--cell has no use here"),
        (
            ["classify", "TABLE", "--out", "OUT", "--parameters", "many"],
            "parameters must be a count such as 800, 50k or 1.2m, was 'many'",
        ),
        (["classify", "TABLE", "--out", "OUT", "--seeds", "0"], "seeds must be at least 1"),
        (
            ["classify", "TABLE", "--out", "OUT", "--cells", "lstm,gru", "--wide"],
            "wide: scores of n-grams would hide",
        ),
        (["generate", "--out", "OUT"], "expected a file of text; vartai compare generate FILE"),
        (["tag", "--out", "OUT"], "expected a file of tagged sentences; vartai compare tag FILE"),
        (["tag", "TABLE", "--demo", "--out", "OUT"], "expected files or --demo, found both"),
        (["tag", "--demo", "--out", "OUT", "--cells", "gru,lstm", "--pretrain"],
         "pretrain: a comparison has one budget"),
        (
            ["generate", "TABLE", "--out", "OUT", "--cells", "gru,slstm", "--recurrent-dropout",
             "0.2", "--parameters", "90k"],
            "recurrent_dropout: slstm has none; cells that have: ",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_code_two(
    run: Run, tmp_path: Path, typed: list[str], says: str
) -> None:
    places = {"TABLE": write_table(tmp_path / "in"), "OUT": tmp_path / "compared"}
    said = run("compare", *[places.get(word, word) for word in typed])
    assert said.code == 2
    assert says in said.error


def test_the_page_lists_every_cell() -> None:
    page = Path(__file__).parents[2] / "docs" / "compare.md"
    text = page.read_text(encoding="utf-8")
    for cell, facts in CELLS.items():
        assert f"| `{cell}` | {facts.what} |" in text
