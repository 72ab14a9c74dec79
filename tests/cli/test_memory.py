"""`vartai memory`: curves of a model, of cells, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.commands import Run, make_rows, write_csv
from tests.cli.tag_files import write_corpus
from tests.inspect.models import language_model, tagger

from vartai.bundle.trained import save_task


def test_a_person_reads_both_models_and_their_gates(
    run: Run, trained: Path, table: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "memory.html"
    said = run("memory", trained, "--input", table, "--max-texts", "20", "--html", picture)
    assert said.code == 0
    for name in ("this model, back", "this model, ahead", "untrained, back"):
        assert name in said.out
    assert "20 texts" in said.out
    assert "20 of 100 texts, drawn by seed 0." in said.err
    assert "l0_reverse" in said.out
    assert "How far back model remembers" in picture.read_text(encoding="utf-8")


def test_json_holds_every_number(run: Run, trained: Path) -> None:
    typed = ("memory", trained, "this was not good at all", "--of", "score", "--json")
    answer = run(*typed).answer
    assert answer["texts"] == 1
    assert len(answer["trained"]["back"]["mean"]) == answer["tokens"] == 6
    assert answer["trained"]["ahead"] is None
    assert answer["trained"]["back"]["standard_error"] == [None] * 6
    assert answer["trained"]["back"]["mean"] != answer["untrained"]["back"]["mean"]
    assert len(answer["gates"]["this model"]["l0"]["forget"]["shut"]) == 8
    assert run(*typed).answer == answer


def test_a_tagger_reads_sentences_and_a_language_model_running_text(
    run: Run, tmp_path: Path
) -> None:
    save_task(tmp_path / "tagger", "tag", tagger(), metrics={}, card="")
    corpus = write_corpus(tmp_path / "corpus.conllu")
    answer = run("memory", tmp_path / "tagger", "--input", corpus, "--json").answer
    assert answer["texts"] == 50
    assert answer["trained"]["ahead"]["longest"] > 1
    save_task(tmp_path / "writer", "generate", language_model(), metrics={}, card="")
    book = tmp_path / "book.txt"
    book.write_text("the red boat is here\n" * 20, encoding="utf-8")
    typed = ("memory", tmp_path / "writer", "--input", book, "--max-tokens", "40", "--json")
    answer = run(*typed).answer
    # 420 characters in pieces of 40, and the border before each.
    assert answer["texts"] == 11
    assert answer["tokens"] == 420 + 11


def test_cells_are_measured_before_and_after(run: Run) -> None:
    typed = ("memory", "--cells", "--hidden-size", "4", "--updates", "2", "--longest", "10")
    said = run(*typed)
    assert said.code == 0
    assert "before training" in said.out
    assert "lstm forget 0" in said.out
    assert "remembers" in said.out
    answer = run(*typed, "--json").answer
    assert len(answer["cells"]) == 5
    assert answer["delays"] == [0, 1, 2, 4, 7, 10]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (["memory"], "expected a model"),
        (["memory", "MODEL"], "expected texts or --input FILE, found neither"),
        (["memory", "MODEL", "a", "--input", "x"], "found both"),
        (["memory", "MODEL", "--cells"], "expected no model"),
        (["memory", "MODEL", "a b", "--layer", "l7"], "unknown layer 'l7'; known: l0, l0_reverse"),
        (["memory", "MODEL", "a b", "--of", "states"], "choose one direction: l0, l0_reverse"),
        (["memory", "MODEL", "  "], "expected at least one token"),
        (["memory", "MODEL", "a", "--positions", "0"], "positions must be at least 1"),
        (["memory", "MODEL", "a", "--max-tokens", "0"], "max-tokens must be at least 1"),
    ],
)
def test_mistakes_are_named(run: Run, trained: Path, typed: list[str], error: str) -> None:
    said = run(*(str(trained) if word == "MODEL" else word for word in typed))
    assert said.code == 2
    assert error in said.error


def test_rows_that_cannot_be_read_are_told_of(run: Run, trained: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "t.csv", [*make_rows(10), ("", "pos")])
    said = run("memory", trained, "--input", file)
    assert said.code == 0
    assert "1 rows could not be read; the first:" in said.err
