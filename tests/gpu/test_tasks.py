"""Every task trains on a GPU, and what it saves answers on a CPU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.commands import SMALL, make_rows, write_csv
from tests.cli.tag_files import SMALL_TAGGER, write_corpus

import vartai
from vartai.cli.main import main
from vartai.data.tales import write_tales

TINY = ["--hidden-size", "16", "--epochs", "2", "--time", "20s", "--device", "cpu"]


def typed(task: str, folder: Path) -> tuple[list[str], Path | None]:
    """What is typed to train a small model of the task, and the file that it is judged by."""
    test = folder / "test.txt"
    if task == "classify":
        test = write_csv(folder / "test.csv", make_rows(50))
        return [str(write_csv(folder / "train.csv", make_rows(200))), *SMALL], test
    if task == "tag":
        test = write_corpus(folder / "test.conllu", 30, seed=1)
        train = write_corpus(folder / "train.conllu")
        return [str(train), "--column", "upos", *SMALL_TAGGER], test
    if task == "generate":
        test.write_text("".join(write_tales(20, seed=3)), encoding="utf-8")
        train = folder / "train.txt"
        train.write_text("".join(write_tales(60, seed=2)), encoding="utf-8")
        return [str(train), "--embedding-size", "8", "--streams", "5", *TINY], test
    return ["--demo", *TINY], None


@pytest.mark.parametrize("task", ["classify", "tag", "generate", "translate", "answer", "caption"])
def test_a_model_trained_on_a_gpu_scores_alike_on_a_cpu(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, test = typed(task, tmp_path)
    arguments[arguments.index("cpu")] = "cuda"
    judged = [] if test is None else ["--test", str(test)]
    folder = tmp_path / "model"
    code = main(["train", task, *arguments, *judged, "--json", "--out", str(folder)])
    said = capsys.readouterr()
    assert code == 0, said.err
    there = json.loads(said.out)["test"]
    if test is None:
        assert vartai.load(folder)
        return
    assert main(["evaluate", str(folder), str(test), "--json"]) == 0
    here = json.loads(capsys.readouterr().out)
    for name in ("accuracy", "nats_per_unit"):
        if name in there:
            assert here[name] == pytest.approx(there[name], rel=1e-3)
