"""`vartai flags` and `vartai find`, as typed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.cli.commands import Run
from tests.cli.tag_files import SMALL_TAGGER, write_corpus

from vartai.cli.main import main

_QUICK = ("--shuffles", "50", "--draws", "2")


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger of genders on disk. Tests must not change it."""
    folder = tmp_path_factory.mktemp("flags")
    corpus = write_corpus(folder / "corpus.conllu")
    arguments = ["--column", "feats:Gender", "--out", str(folder / "model"), *SMALL_TAGGER]
    assert main(["train", "tag", str(corpus), *arguments]) == 0
    return folder / "model"


def test_units_are_ranked_held_and_probed_and_all_scores_are_written(
    run: Run, tagger: Path, tmp_path: Path
) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu", 80, seed=3)
    said = run(
        *("flags", tagger, corpus, "--column", "feats:Gender", "--hold", "off", "--probe"),
        *("--text", "Alisa ir Tomas", "--out", tmp_path / "out", "--json", *_QUICK),
    )
    assert said.code == 0, said.err
    found = said.answer
    assert found["values"] == ["Fem", "Masc"]
    assert found["best"]["Fem"][0]["unit"].startswith("l0")
    assert found["units"] == 32  # both directions, hidden and cell
    groups = found["effects"][0]["groups"]
    assert set(groups) == {"value", "other", "none"}
    assert groups["value"]["random_shift"] >= 0
    assert [each["layer"] for each in found["probes"]["layers"]] == ["embedding", "l0"]
    assert [token["text"] for token in found["texts"][0]["tokens"]] == ["Alisa", "ir", "Tomas"]
    written = (tmp_path / "out" / "units.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(written.splitlines()))
    assert len(rows) == 2 * 32
    assert rows[0]["unit"] == found["best"]["Fem"][0]["unit"]
    assert (tmp_path / "out" / "units-1.html").stat().st_size > 1_000_000


def test_people_get_tables(run: Run, tagger: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu", 80, seed=3)
    said = run(
        *("flags", tagger, corpus, "--column", "feats:Number", "--carried", "--hold", "mean"),
        *("--parts", "gates", "--parts", "hidden", "--out", tmp_path / "out", *_QUICK),
    )
    assert said.code == 0, said.err
    assert "values carried to what follows them" in said.out
    assert "Units that survive (AUROC above" in said.out
    assert "with as many random ones (token by token)" in said.out


def test_plain_text_is_labelled_by_patterns_and_scopes(
    run: Run, tagger: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    lines = [f"namas ( labai {n} ) buvo senas .\n" for n in range(40)]
    text.write_text("".join(lines) + "namas ( buvo\n", encoding="utf-8")
    for asked in (("--pattern", "[0-9]+"), ("--inside", "brackets")):
        said = run("flags", tagger, text, *asked, "--out", tmp_path / "out", "--json", *_QUICK)
        assert said.code == 0, said.err
        assert said.answer["values"] == ["inside", "outside"]
        assert said.answer["carrier"] == "every"
    assert "not used: 1 × brackets without a partner" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "expected one of --column NAME, --pattern REGEX, --inside SCOPE and --spans FILE"),
        (("--column", "upos", "--pattern", "a"), "found --column and --pattern"),
        (("--column", "genre"), "unknown column 'genre'"),
        (("--column", "upos", "--carried-tokens", "2"), "--carried-tokens goes with --carried"),
        (("--column", "upos", "--hold", "of"), "unknown way to hold units 'of'"),
        (("--column", "upos", "--unit", "l0.hidden.1"), "--unit goes with --hold"),
        (("--column", "upos", "--hold", "off", "--unit", "9"), "expected layer.part.number"),
        (
            ("--column", "upos", "--hold", "off", "--unit", "l0.hidden.99"),
            "unit l0.hidden.99: l0.hidden has the units 0 to 7",
        ),
        (("--column", "upos", "--layers", "l7"), "unknown layer 'l7'; known: l0, l0_reverse"),
        (("--column", "feats:Gender", "--without", "Neut"), "unknown value 'Neut'"),
        (("--column", "feats:Tense"), "expected labels on tokens, found none"),
    ],
)
def test_what_is_typed_wrong_is_said_in_a_line(
    run: Run, tagger: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu", 60, seed=3)
    out = ("--out", tmp_path / "out", *_QUICK)
    found = run("flags", tagger, corpus, *arguments, *out)
    assert found.code == 2
    assert said in found.error


def test_the_same_state_is_found_elsewhere(run: Run, tagger: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu", 60, seed=0)
    first = corpus.read_text(encoding="utf-8").splitlines()[1].split("\t")[1]
    said = run("find", tagger, corpus, f"[{first}] buvo labai bordo .", "--top", "3", "--json")
    assert said.code == 0, said.err
    assert len(said.answer["hits"]) == 3
    assert said.answer["layer"] == "l0"
    said = run("find", tagger, corpus, f"[{first}] buvo .", "--match", "--threshold", "-1")
    assert "the best of" in said.out
    wrong = run("find", tagger, corpus, "no mark")
    assert wrong.code == 2
    assert "one stretch in [brackets]" in wrong.error
    wrong = run("find", tagger, corpus, "Namas buvo", "--span", "4:99")
    assert "span must lie in the 10 characters of the text, was 4:99" in wrong.error
    wrong = run("find", tagger, corpus, "[Namas]", "--unit", "3")
    assert "--unit goes with --match" in wrong.error
