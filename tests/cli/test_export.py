"""`vartai export`: folders that other programs use without Vartai."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.commands import Run
from tests.exchange.small import classifier, language_model, tagger

from vartai.bundle.trained import save_task
from vartai.data.tagged.blocks import Sentence

pytest.importorskip("onnxruntime", reason="needs pip install 'vartai[onnx]'")
pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "run_onnx.py"
TEXTS = ["A good film, isn't it?", "blogas " * 30, "ačiū 😀 Unseen"]

# Vartai cannot be imported: the script must do without it.
ALONE = "import runpy, sys; sys.modules['vartai'] = None; sys.argv = sys.argv[1:]; "
ALONE += "runpy.run_path(sys.argv[0], run_name='__main__')"


def run_script(folder: Path, *texts: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(SCRIPT), str(folder), *texts],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def exported(run: Run, tmp_path: Path, task: str, trained: Any) -> Path:
    save_task(tmp_path / "m", task, trained, metrics={}, card="card\n")
    said = run("export", tmp_path / "m", "--to", "onnx", "--out", tmp_path / "onnx")
    assert said.code == 0, said.err
    return tmp_path / "onnx"


@pytest.mark.parametrize(
    "text",
    [{}, {"affixes": 3, "max_tokens": 7}, {"unit": "char", "max_tokens": 9}],
    ids=["words", "affixes", "characters"],
)
def test_a_script_without_vartai_labels_texts_alike(
    run: Run, tmp_path: Path, text: dict[str, Any]
) -> None:
    task = classifier(text, pool="max")
    lines = run_script(exported(run, tmp_path, "classify", task), *TEXTS)
    shares = task.probabilities(TEXTS)
    for line, row in zip(lines, shares, strict=True):
        ((label, share),) = json.loads(line)["labels"].items()
        assert label == task.labels[int(row.argmax())]
        assert abs(share - row.max()) < 2e-6


def test_a_script_without_vartai_tags_words_alike(run: Run, tmp_path: Path) -> None:
    task = tagger(crf=True, scheme="bio", bidirectional=True)
    lines = run_script(exported(run, tmp_path, "tag", task), *TEXTS)
    words = [tuple(text.split()) for text in TEXTS]
    sentences = [Sentence(line=1, words=row, inputs=(), tags=()) for row in words]
    wanted = [
        " ".join(f"{word}/{tag}" for word, tag in zip(row, tags, strict=True))
        for row, tags in zip(words, task.predict(sentences), strict=True)
    ]
    assert lines == wanted


@pytest.mark.parametrize("text", [{}, {"unit": "word"}], ids=["characters", "words"])
def test_a_script_without_vartai_writes_alike(
    run: Run, tmp_path: Path, text: dict[str, Any]
) -> None:
    task = language_model(text)
    folder = exported(run, tmp_path, "generate", task)
    units = json.loads(run_script(folder, "good film")[0])["units"]
    typed = ("--prompt", "good film", "--length", "40", "--temperature", "0", "--json")
    wanted = run("generate", tmp_path / "m", *typed).answer["samples"][0]["ids"]
    assert units == [task.tokenizer.vocabulary[number] for number in wanted[:40]]


def test_8_bits_need_a_file_and_tell_what_they_cost(
    run: Run, trained: Path, table: Path, tmp_path: Path
) -> None:
    typed = ["export", trained, "--to", "onnx", "--out", tmp_path / "o", "--int8"]
    assert "--int8 and --test FILE go together" in run(*typed).error
    answer = run(*typed, "--test", table, "--json").answer
    assert answer["change"].keys() == {"accuracy", "macro-F1", "loss, nats"}
    assert max(answer["differences"].values()) <= 1e-5
    shown = run(*typed, "--test", table)
    assert "32 bits" in shown.out
    assert "8 bits" in (tmp_path / "o" / "README.md").read_text(encoding="utf-8")


def test_a_place_with_other_things_is_left_alone(run: Run, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "thesis.txt").write_text("years of work", encoding="utf-8")
    said = run("export", trained, "--to", "onnx", "--out", tmp_path / "o")
    assert said.code == 2
    assert "holds other things than an export" in said.error
    assert [file.name for file in (tmp_path / "o").iterdir()] == ["thesis.txt"]


def test_an_unknown_form_is_refused(run: Run, trained: Path, tmp_path: Path) -> None:
    said = run("export", trained, "--to", "onxx", "--out", tmp_path / "o")
    assert said.code == 2
    assert "onnx" in said.error
