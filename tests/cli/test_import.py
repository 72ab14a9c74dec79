"""`vartai import`, and `vartai export --to torch`: out of one program, into the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tests.cli.commands import Run
from tests.exchange.small import classifier
from tests.exchange.test_torch import plan
from torch import nn

import vartai
from vartai.bundle.trained import load_task, save_task


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(4)
    (tmp_path / "vocabulary.txt").write_text("a\nb\n<unk>\nDon't\n", encoding="utf-8")
    tensors = {"embedding.weight": torch.randn(4, 3), "output.weight": torch.randn(2, 4)}
    tensors |= {f"layers.{name}": value for name, value in nn.LSTM(3, 4).state_dict().items()}
    torch.save(tensors, tmp_path / "model.pt")
    plan(tmp_path, unit="word")
    return tmp_path


def test_an_imported_model_is_a_bundle_like_any_other(run: Run, weights: Path) -> None:
    answer = run("import", weights / "plan.toml", "--out", weights / "m", "--json").answer
    assert answer["labels"] == ["bad", "good"]
    card = (weights / "m" / "README.md").read_text(encoding="utf-8")
    assert "A recurrent model for the task *classify*, imported from another program." in card
    assert "None were measured." in card
    label = json.loads(run("predict", weights / "m", "a b").out)["label"]
    estimator = vartai.load(weights / "m")
    assert estimator.predict(["a b"]).tolist() == [label]
    assert "recurrent 1, forward" in run("show", weights / "m").out


def test_a_person_is_told_what_may_be_wrong_and_what_to_type_next(run: Run, weights: Path) -> None:
    plan(weights, unit="word", rest="lowercase = true")
    said = run("import", weights / "plan.toml", "--out", weights / "m")
    assert said.code == 0
    assert "1 of 5 tokens never come out of text that is cut into units of word" in said.err
    assert "vartai predict" in said.out


def test_a_mistake_in_the_plan_leaves_nothing_behind(run: Run, weights: Path) -> None:
    place = weights / "plan.toml"
    place.write_text(place.read_text().replace('unit = "word"', 'unit = "words"'))
    said = run("import", weights / "plan.toml", "--out", weights / "m")
    assert said.code == 2
    assert "unknown unit 'words'; known: char, spaces, word" in said.error
    assert not (weights / "m").exists()


def test_export_to_torch_prints_a_module_and_the_way_back_gives_the_same_weights(
    run: Run, tmp_path: Path
) -> None:
    task = classifier(pool="last")
    save_task(tmp_path / "m", "classify", task, metrics={}, card="card\n")
    said = run("export", tmp_path / "m", "--to", "torch", "--out", tmp_path / "t")
    assert said.code == 0
    assert "class TextClassifier(nn.Module):" in said.out
    assert 'model.load_state_dict(torch.load("model.pt", weights_only=True))' in said.out.replace(
        "'", '"'
    )
    tokens = "\n".join(task.tokenizer.vocabulary)
    (tmp_path / "t" / "vocabulary.txt").write_text(tokens, encoding="utf-8")
    plan(
        tmp_path / "t",
        weights="model.safetensors",
        unit="word",
        labels='["geras", "blogas", "joks"]',
        rest='lowercase = true\npadding = "<pad>"',
    )
    assert run("import", tmp_path / "t" / "plan.toml", "--out", tmp_path / "home").code == 0
    home = load_task(tmp_path / "home").task
    for name, value in task.model.state_dict().items():
        scale = task.blend.recurrent if name.startswith("output") else 1.0
        torch.testing.assert_close(home.model.state_dict()[name], value * scale)


def test_without_keras_the_install_line_is_given(
    run: Run, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vartai.exchange.keras_layers.find_spec", lambda _: None)
    said = run("export", trained, "--to", "keras", "--out", tmp_path / "k")
    assert said.code == 2
    assert "pip install 'vartai[keras]'" in said.error


def test_8_bits_are_of_onnx_alone(run: Run, trained: Path, tmp_path: Path) -> None:
    said = run("export", trained, "--to", "torch", "--out", tmp_path / "k", "--int8")
    assert said.error == "--int8 and --without-ngrams have no use with --to torch"
