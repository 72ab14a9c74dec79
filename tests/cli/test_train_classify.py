"""`vartai train classify`: from a table to a saved model and an honest table."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.cli.commands import SMALL, SOURCE, Run, finish, make_rows, start, write_csv

from vartai.bundle import read_bundle
from vartai.bundle.trained import load_task

SCORES = {"accuracy", "macro_f1", "shuffled_accuracy"}


def test_json_holds_the_scores_of_the_model_and_its_baselines(
    run: Run, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    answer = run("train", "classify", table, "--out", out, "--wide", "--json", *SMALL).answer
    assert answer["bundle"] == str(out)
    assert answer["seconds"] > 0
    assert answer["parameters"] > 0
    for part in (answer["valid"], answer["test"], answer["recurrent_alone"]):
        assert part.keys() >= SCORES
    assert len(answer["baselines"]) == 2
    for baseline in answer["baselines"].values():
        assert baseline.keys() == SCORES
    assert read_bundle(out).metrics["test"] == answer["test"]


def test_a_person_reads_a_table_a_sentence_and_what_to_type_next(
    run: Run, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    said = run("train", "classify", table, "--out", out, *SMALL)
    assert said.code == 0
    assert "words shuffled" in said.out
    assert "lstm" in said.out
    assert "p = " in said.out
    assert f"vartai predict {out} 'some text'" in said.out
    assert "Column 'text' is read as the text (guessed from its name)." in said.err
    assert (
        "80 texts to train on, 10 texts to choose the epoch by, 10 texts to judge by." in said.err
    )
    assert "epoch 1/2: loss" in said.err


def test_the_run_leaves_a_log_and_its_rejects(run: Run, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "table.csv", [*make_rows(60), ("", "pos")])
    out = tmp_path / "model"
    said = run("train", "classify", file, "--out", out, *SMALL)
    assert said.code == 0
    assert "1 row rejected (1 × empty text)" in said.err
    folder = tmp_path / "model.run"
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [event["event"] for event in log if event["event"] == "EpochDone"] == ["EpochDone"] * 2
    assert json.loads((folder / "rejects.jsonl").read_text())["line"] == 62
    assert not (folder / "checkpoint.safetensors").exists()


def test_files_of_their_own_validate_and_test(run: Run, table: Path, tmp_path: Path) -> None:
    valid = write_csv(tmp_path / "valid.csv", make_rows(12))
    test = write_csv(tmp_path / "test.csv", make_rows(14))
    out = tmp_path / "model"
    held_out = ["--valid", valid, "--test", test]
    said = run("train", "classify", table, "--out", out, *held_out, *SMALL)
    assert "100 texts to train on, 12 texts to choose the epoch by, 14 texts to judge" in said.err


def test_a_model_goes_on_with_new_words(run: Run, trained: Path, tmp_path: Path) -> None:
    rows = [(f"{text} fresh{place}", label) for place, (text, label) in enumerate(make_rows(40))]
    file = write_csv(tmp_path / "more.csv", rows)
    out = tmp_path / "model"
    said = run("train", "classify", file, "--from", trained, "--out", out, "--epochs", "1")
    assert said.code == 0
    assert "vocabulary extended from" in said.err
    # Its sizes came from the model, not from the defaults.
    assert read_bundle(out).config["options"]["model"]["hidden_size"] == 8


def _interrupted(table: Path, out: Path, extra: list[str]) -> Any:
    """A run that was told to stop in its second epoch."""
    process = start("train", "classify", table, "--out", out, *extra)
    assert process.stderr is not None
    talk = ""
    for line in process.stderr:
        talk += line
        if line.startswith("epoch 1/"):
            process.send_signal(signal.SIGINT)
            break
    said = finish(process)
    return said._replace(err=talk + said.err)


def test_ctrl_c_saves_and_resume_ends_as_if_nothing_had_happened(run: Run, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "table.csv", make_rows(400))
    options = [*SMALL, "--batch-size", "8"]
    stopped = _interrupted(table, tmp_path / "b", options)
    assert stopped.code == 130, stopped.err
    assert not (tmp_path / "b").exists()
    assert stopped.err.rstrip().endswith("--resume")
    whole = run("train", "classify", table, "--out", tmp_path / "a", "--json", *options)
    resumed = run(
        "train", "classify", table, "--out", tmp_path / "b", "--json", "--resume", *options
    )
    assert resumed.answer["test"] == whole.answer["test"]
    assert resumed.answer["valid"] == whole.answer["valid"]
    assert _history(tmp_path / "b") == _history(tmp_path / "a")


def _history(folder: Path) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = read_bundle(folder).metrics["history"]
    return [{name: value for name, value in each.items() if name != "seconds"} for each in history]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "expected usable rows, found 0 of 0"),
        ([(f"thing {place}", "pos") for place in range(20)], "at least two classes"),
        ([("", "pos")] * 20, "expected usable rows, found 0 of 20 (20 × empty text)"),
        (make_rows(2), "expected enough different texts to split"),
    ],
    ids=["no rows", "one class", "empty texts", "too few"],
)
def test_too_little_to_learn_from_is_a_mistake(
    run: Run, tmp_path: Path, rows: list[tuple[str, str]], problem: str
) -> None:
    file = write_csv(tmp_path / "table.csv", rows)
    said = run("train", "classify", file, "--out", tmp_path / "model", *SMALL)
    assert said.code == 2
    assert problem in said.error
    assert not (tmp_path / "model").exists()


def test_a_missing_column_lists_those_there(run: Run, table: Path, tmp_path: Path) -> None:
    said = run("train", "classify", table, "--text", "review", "--out", tmp_path / "model")
    assert said.code == 2
    assert "expected a column 'review', found 'text', 'label'" in said.error


def test_a_test_label_without_training_is_found_before_training(
    run: Run, table: Path, tmp_path: Path
) -> None:
    test = write_csv(tmp_path / "test.csv", [*make_rows(5), ("so so", "neutral")])
    said = run("train", "classify", table, "--test", test, "--out", tmp_path / "model", *SMALL)
    assert said.code == 2
    assert "test.csv, line 7: label 'neutral' has no text to train on" in said.error
    assert "epoch 1" not in said.err


def test_odd_texts_are_trained_on_or_filed(run: Run, tmp_path: Path) -> None:
    odd = [
        ("emoji \U0001f600 and combining e\u0301", "pos"),
        ("long " * 300_000, "neg"),
        ("nul \0 inside", "pos"),
    ]
    file = write_csv(tmp_path / "table.csv", [*make_rows(60), *odd])
    said = run("train", "classify", file, "--out", tmp_path / "model", *SMALL)
    assert said.code == 0
    assert "2 rows rejected" in said.err
    reasons = [
        json.loads(line)["reason"]
        for line in (tmp_path / "model.run" / "rejects.jsonl").read_text().splitlines()
    ]
    assert reasons == ["text too long", "NUL character"]


def test_something_else_at_the_place_is_refused_before_training(
    run: Run, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    said = run("train", "classify", table, "--out", out, *SMALL)
    assert said.code == 2
    assert "is not a saved model, so it is not written over" in said.error
    assert "epoch 1" not in said.err


def test_a_place_that_cannot_be_written_is_found_before_training(run: Run, table: Path) -> None:
    said = run("train", "classify", table, "--out", "/proc/model", *SMALL)
    assert said.code == 1
    assert "/proc/model.run: cannot be written" in said.error
    assert "epoch 1" not in said.err


def test_nothing_to_resume_is_a_mistake(run: Run, table: Path, tmp_path: Path) -> None:
    said = run("train", "classify", table, "--out", tmp_path / "model", "--resume", *SMALL)
    assert said.code == 2
    assert "nothing to resume" in said.error


def test_a_full_disk_at_the_end_leaves_the_old_model(
    run: Run, table: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model"
    shutil.copytree(trained, out)
    before = read_bundle(out).metrics

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vartai.bundle.writing._write_beside", full)
    said = run("train", "classify", table, "--out", out, *SMALL)
    assert said.code == 1
    assert "No space left on device. The model that was there is intact." in said.error
    assert read_bundle(out).metrics == before


def test_tensorboard_absent_is_told_before_training(
    run: Run, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    out = ["--out", tmp_path / "model", "--tensorboard", tmp_path / "events"]
    said = run("train", "classify", table, *out, *SMALL)
    assert said.code == 2
    assert "pip install 'vartai[tensorboard]'" in said.error
    assert "epoch 1" not in said.err


def test_tensorboard_gets_the_curves(run: Run, table: Path, tmp_path: Path) -> None:
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="TensorBoard is an extra, and not installed here",
    )
    events = tmp_path / "events"
    said = run(
        "train", "classify", table, "--out", tmp_path / "model", "--tensorboard", events, *SMALL
    )
    assert said.code == 0, said.err
    found = reader.EventAccumulator(str(events)).Reload()
    for name in ("loss/train", "loss/validation", "accuracy/train", "accuracy/validation"):
        assert [point.step for point in found.Scalars(name)] == [1, 2], name


def test_torchrun_trains_the_model_that_one_process_trains(table: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "alone", tmp_path / "together"]
    options = ["-m", "vartai", "train", "classify", str(table), *SMALL, "--batch-size", "16"]
    options += ["--word-dropout", "0", "--embedding-dropout", "0", "--output-dropout", "0"]
    two = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(SOURCE)}
    for launch, folder in zip(([], two), folders, strict=True):
        command = [sys.executable, *launch, *options, "--out", str(folder), "--json"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 1, done.stdout
    alone, together = (load_task(folder).task.model.state_dict() for folder in folders)
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=1e-3, atol=1e-4)


def test_only_the_first_process_of_several_complains(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "RANK", "1")
    said = run("check", "absent.csv")
    assert (said.code, said.err) == (2, "")


def test_texts_without_labels_are_pretrained_on(run: Run, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "table.csv", make_rows(100))
    further = tmp_path / "more.csv"
    further.write_text("text\n" + "an indigo thing number 7\nan indigo thing number 9\n" * 9)
    options = [*SMALL, "--pretrain", "--pretrain-epochs", "1", "--unlabelled", further]
    said = run("train", "classify", table, "--out", tmp_path / "m", *options)
    assert said.code == 0, said.err
    assert "18 texts without labels to pretrain on." in said.err
    assert "pretraining on 98 texts" in said.err
    assert "pretraining, epoch 1/1: loss" in said.err
    assert "texts without labels: 18" in (tmp_path / "m" / "README.md").read_text()
    refused = run("train", "classify", table, "--out", tmp_path / "n", "--unlabelled", further)
    assert refused.code == 2
    assert "--unlabelled gives texts to pretrain on: it needs --pretrain" in refused.error
