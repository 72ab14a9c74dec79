"""`vartai train tag` and the verbs that a tagger answers."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from tests.cli.commands import Run, finish, start
from tests.cli.tag_files import SMALL_TAGGER, write_columns, write_corpus

from vartai.bundle import read_bundle
from vartai.cli.main import main


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger of a feature, on disk. Tests must not change it."""
    folder = tmp_path_factory.mktemp("tagger")
    corpus = write_corpus(folder / "corpus.conllu")
    typed = ["--column", "feats:Gender", "--out", str(folder / "model")]
    assert main(["train", "tag", str(corpus), *typed, *SMALL_TAGGER]) == 0
    return folder / "model"


@pytest.fixture(scope="module")
def chunker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger of spans that reads a second column. Tests must not change it."""
    folder = tmp_path_factory.mktemp("chunker")
    corpus = write_columns(folder / "corpus.txt")
    typed = ["--input-column", "2", "--crf", "--out", str(folder / "model")]
    assert main(["train", "tag", str(corpus), *typed, *SMALL_TAGGER]) == 0
    return folder / "model"


def test_training_tells_the_model_beside_its_baselines(run: Run, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu")
    valid = write_corpus(tmp_path / "valid.conllu", 20, seed=1)
    out = tmp_path / "model"
    files = [corpus, "--valid", valid, "--test", valid, "--out", out]
    said = run("train", "tag", *files, "--column", "upos", *SMALL_TAGGER)
    assert said.code == 0
    for expected in ("most_frequent", "linear", "lstm", "unseen words", "macro-F1"):
        assert expected in said.out
    assert f"vartai predict {out} --input {valid}" in said.out
    assert "60 sentences" in said.err
    assert sorted(file.name for file in out.iterdir()) == [
        "README.md",
        "config.json",
        "metrics.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: token-classification" in card
    assert "column of the tags: upos" in card


def test_json_holds_accuracy_f1_and_unseen_accuracy(run: Run, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu")
    out = tmp_path / "model"
    said = run(
        "train", "tag", corpus, "--column", "feats:Gender", "--out", out, *SMALL_TAGGER, "--json"
    )
    assert said.code == 0
    answer = said.answer
    assert set(answer["test"]) >= {"accuracy", "f1", "unseen_words", "feature_accuracy"}
    assert set(answer["baselines"]) == {"most_frequent", "linear"}
    assert 0 <= answer["test"]["accuracy"] <= 1
    assert answer["measure"] == "accuracy"
    stored = read_bundle(out)
    assert stored.task == "tag"
    assert stored.config["options"]["reading"]["column"] == "feats:Gender"
    assert stored.config["tags"] == ["Fem", "Masc", "_"]


def test_the_demonstration_needs_no_file(run: Run, tmp_path: Path) -> None:
    typed = ["--epochs", "1", "--time", "1s", "--device", "cpu", "--hidden-size", "4"]
    said = run("train", "tag", "--demo", "--out", tmp_path / "model", *typed)
    assert said.code == 0
    assert "On 300 test sentences" in said.out
    said = run("train", "tag", "x.conllu", "--demo", "--out", tmp_path / "model")
    assert (said.code, said.error) == (2, "expected files or --demo, found both")


def test_rejected_sentences_are_counted_and_filed(run: Run, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu")
    text = corpus.read_text(encoding="utf-8") + "1\tbad\n\n" + "1\tworse\tx\n\n"
    corpus.write_text(text, encoding="utf-8")
    said = run("train", "tag", corpus, "--out", tmp_path / "model", *SMALL_TAGGER)
    assert said.code == 0
    assert "2 rows rejected (2 × wrong number of fields)" in said.err
    filed = (tmp_path / "model.run" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["raw"] for line in filed] == ["1\tbad", "1\tworse\tx"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ([], "expected a file of tagged sentences; vartai train tag FILE …"),
        (["CORPUS"], "expected --out DIR, the folder that the model is saved in"),
        (["CORPUS", "--out", "OUT", "--column", "uposs"], "unknown column 'uposs'; known:"),
        (["CORPUS", "--out", "OUT", "--column", "feats:Nothing"], "different tags, found only '_'"),
        (["CORPUS", "--out", "OUT", "--cell", "bag"], "unknown cell 'bag'; known: clockwork-rnn, "),
        (
            ["CORPUS", "--out", "OUT", "--crf", "--label-smoothing", "0.1"],
            "with crf whole rows are",
        ),
        (["CORPUS", "--out", "OUT", "--scheme", "iob"], "unknown scheme 'iob'; known: auto, bio"),
    ],
    ids=["no file", "no out", "column", "one tag", "cell", "smoothing", "scheme"],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    run: Run, tmp_path: Path, typed: list[str], says: str
) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu", 10)
    places = {"CORPUS": corpus, "OUT": tmp_path / "model"}
    said = run("train", "tag", *[places.get(word, word) for word in typed])
    assert said.code == 2
    assert says in said.error


def test_options_come_from_a_file_and_from_a_model(run: Run, tmp_path: Path, tagger: Path) -> None:
    said = run("train", "tag", "--print-config", "--cell", "gru", "--column", "xpos")
    assert said.code == 0
    (tmp_path / "options.toml").write_text(said.out, encoding="utf-8")
    again = run("train", "tag", "--print-config", "--config", tmp_path / "options.toml")
    assert again.out == said.out
    assert 'cell = "gru"' in again.out
    corpus = write_corpus(tmp_path / "more.conllu", 30, seed=5)
    out = tmp_path / "continued"
    typed = ["--from", tagger, "--out", out, "--epochs", "1", "--device", "cpu"]
    said = run("train", "tag", corpus, *typed)
    assert said.code == 0
    assert "vocabulary extended from" in said.err
    options = read_bundle(out).config["options"]
    assert (options["model"]["hidden_size"], options["reading"]["column"]) == (8, "feats:Gender")


def test_evaluation_scores_and_lists_what_went_wrong(
    run: Run, tmp_path: Path, tagger: Path
) -> None:
    corpus = write_corpus(tmp_path / "test.conllu", 20, seed=3)
    said = run("evaluate", tagger, corpus, "--out", tmp_path / "found", "--json")
    assert said.code == 0
    answer = said.answer
    wrong = (tmp_path / "found" / "wrong.jsonl").read_text(encoding="utf-8").splitlines()
    words = answer["words"]
    assert answer["accuracy"] == pytest.approx(1 - len(wrong) / words)
    assert answer["sentences"] == 20
    assert {score["tag"] for score in answer["tags"]} >= {"Fem", "Masc", "_"}
    said = run("evaluate", tagger, corpus, "--out", tmp_path / "found")
    assert "accuracy on words with the feature" in said.out


def test_spans_are_scored_by_f1(run: Run, tmp_path: Path, chunker: Path) -> None:
    corpus = write_columns(tmp_path / "test.txt", 5)
    said = run("evaluate", chunker, corpus, "--out", tmp_path / "found", "--json")
    assert said.answer["measure"] == "f1"
    assert {score["tag"] for score in said.answer["tags"]} <= {"NP", "VP"}
    assert sum(score["count"] for score in said.answer["tags"]) == 10


def test_prediction_fills_the_feature_and_keeps_every_other_byte(
    run: Run, tmp_path: Path, tagger: Path
) -> None:
    corpus = write_corpus(tmp_path / "in.conllu", 600, seed=4)
    before = corpus.read_text(encoding="utf-8")
    corpus.write_text("# a comment\n1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n" + before, encoding="utf-8")
    output = tmp_path / "out.conllu.gz"
    said = run("predict", tagger, "--input", corpus, "--output", output)
    assert (said.code, said.out) == (0, "")
    after = gzip.decompress(output.read_bytes()).decode()
    assert after != corpus.read_text(encoding="utf-8")

    def without_gender(text: str) -> str:
        return re.sub(
            r"\t(_|(Gender=\w+)?\|?(Number=\w+)?)\t_\t_\t_\t_\n", "\tF\t_\t_\t_\t_\n", text
        )

    assert without_gender(after) == without_gender(corpus.read_text(encoding="utf-8"))
    assert "600 sentences are in" in said.err


def test_the_tags_of_a_file_are_those_of_each_sentence_alone(
    run: Run, tmp_path: Path, tagger: Path
) -> None:
    rows = [{"tokens": ["Sena", "naktis"]}, {"tokens": ["Namas", "buvo", "bordo", "."]}]
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = run("predict", tagger, "--input", file)
    together = [json.loads(line) for line in said.out.splitlines()]
    assert [row["tokens"] for row in together] == [row["tokens"] for row in rows]
    said = run("predict", tagger, "Namas buvo bordo.", "Sena naktis")
    alone = [json.loads(line) for line in said.out.splitlines()]
    assert alone == together[::-1]
    assert run("predict", tagger, "Sena naktis", "--json").answer == {"predictions": alone[1:]}


def test_a_column_is_appended_and_bad_sentences_stand_in_their_places(
    run: Run, tmp_path: Path, chunker: Path
) -> None:
    file = tmp_path / "in.txt"
    file.write_bytes(b"the DT X\ncat1 NN X\n\nbad\xff NN X\n\nruns VBZ X\n")
    output = tmp_path / "out.txt"
    said = run("predict", chunker, "--input", file, "--output", output, "--json")
    assert said.answer == {"output": str(output), "sentences": 2, "words": 3, "rejected": 1}
    lines = output.read_bytes().split(b"\n")
    assert [len(line.split()) for line in lines] == [4, 4, 0, 3, 0, 4, 0]
    assert lines[3] == b"bad\xff NN X"
    assert "1 sentences could not be read" in said.err


def test_lines_of_standard_input_become_tokens_and_tags_in_order(tagger: Path) -> None:
    said = finish(start("predict", tagger, stdin=-1), "Sena naktis.\n\nNamas buvo bordo!\n")
    assert said.code == 0
    records = [json.loads(line) for line in said.out.splitlines()]
    assert [record["tokens"] for record in records] == [
        ["Sena", "naktis", "."],
        [],
        ["Namas", "buvo", "bordo", "!"],
    ]
    assert all(len(record["tags"]) == len(record["tokens"]) for record in records)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["a text"], "the model reads the column 2 of conll beside the words, which a text does"),
        (["--input", "FILE"], "beside the words, which a file in the format jsonl does not have"),
        (["a", "--text", "x"], "--text has no use here: a tagger's columns are those that it was"),
        (["a", "--fix-text"], "--fix-text has no use here: a tagger keeps every word as it stands"),
        (["--input", "FILE", "--json"], "--json expects --output: tagged sentences keep their own"),
        (["a", "--format", "csv"], "a tagger reads conllu, conll, jsonl, lines, not csv"),
    ],
    ids=["text", "file", "column", "mending", "json", "format"],
)
def test_what_a_tagger_cannot_read_is_one_line_and_exit_code_two(
    run: Run, tmp_path: Path, chunker: Path, typed: list[str], says: str
) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"tokens": ["a"]}\n', encoding="utf-8")
    said = run("predict", chunker, *[{"FILE": file}.get(word, word) for word in typed])
    assert said.code == 2
    assert says in said.error


def test_a_shown_tagger_tells_its_layers_and_tags(run: Run, chunker: Path) -> None:
    said = run("show", chunker)
    assert said.code == 0
    for expected in ("transitions", "vectors.shapes", "rows x", "conditional random field: True"):
        assert expected in said.out
    answer = run("show", chunker, "--json").answer
    assert answer["tags"] == ["B-NP", "B-VP", "I-NP"]
    assert answer["scheme"] == "bio"


def test_check_looks_at_tagged_sentences(run: Run, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.conllu", 10)
    corpus.write_text(corpus.read_text("utf-8") + "1\tbad\n\n", encoding="utf-8")
    said = run("check", corpus, "--column", "feats:Number", "--rejects", tmp_path / "rejects.jsonl")
    assert said.code == 0
    for expected in ("conllu, 10 usable sentences", "feats:Number", "1 sentence rejected", "Plur"):
        assert expected in said.out
    assert len((tmp_path / "rejects.jsonl").read_text("utf-8").splitlines()) == 1
    columns = write_columns(tmp_path / "a.txt", 4)
    answer = run("check", columns, "--json").answer
    assert (answer["format"], answer["sentences"], answer["column"]) == ("conll", 4, "3")
    objects = tmp_path / "a.jsonl"
    objects.write_text('{"tokens": ["a", "b"], "tags": ["X", "Y"]}\n', encoding="utf-8")
    assert run("check", objects, "--json").answer["tags"] == {"X": 1, "Y": 1}
