"""Whole models as ONNX: every variant says what the model says, or nothing is written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from tests.exchange.small import classifier, language_model, several, tagger

from vartai.errors import OptionError, RunError
from vartai.exchange.onnx_export import OnnxFolder, export_onnx

onnxruntime = pytest.importorskip("onnxruntime", reason="needs pip install 'vartai[onnx]'")
pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")

MODELS: dict[str, tuple[str, Any]] = {
    "last": ("classify", lambda: classifier(pool="last")),
    "last, both sides": ("classify", lambda: classifier(pool="last", bidirectional=True, layers=2)),
    "mean, gru": ("classify", lambda: classifier(pool="mean", cell="gru")),
    "max, rnn": ("classify", lambda: classifier(pool="max", cell="rnn", layers=2)),
    "attention": ("classify", lambda: classifier(pool="attention")),
    "attention, both sides": ("classify", lambda: classifier(pool="attention", bidirectional=True)),
    "pieces": ("classify", lambda: classifier(pool="mean", segment=4, layers=2)),
    "pieces, both sides": (
        "classify",
        lambda: classifier(pool="max", segment=3, bidirectional=True),
    ),
    "bag": ("classify", lambda: classifier(cell="bag")),
    "affixes": ("classify", lambda: classifier({"affixes": 3})),
    "several labels": ("classify", lambda: several(classifier(pool="max"))),
    "characters": ("classify", lambda: classifier({"unit": "char"})),
    "language model": ("generate", lambda: language_model(layers=2)),
    "language model, tied": ("generate", lambda: language_model(cell="gru", tied=True)),
    "language model, bands": (
        "generate",
        lambda: language_model(softmax="adaptive", cutoffs=("4", "9"), cell="rnn"),
    ),
    "large": ("classify", lambda: classifier(hidden_size=180, bidirectional=True)),
    "tagger": ("tag", tagger),
    "tagger, both sides": ("tag", lambda: tagger(bidirectional=True, layers=2, cell="gru")),
    "tagger, crf": ("tag", lambda: tagger(crf=True)),
    "tagger, legal crf": ("tag", lambda: tagger(crf=True, scheme="bio", bidirectional=True)),
    "tagger, columns": ("tag", lambda: tagger(("a", "b"), affixes=0)),
    "tagger, words alone": ("tag", lambda: tagger(affixes=0, character_size=0)),
}


def export(name: str, **options: Any) -> OnnxFolder:
    task, make = MODELS[name]
    return export_onnx(task, make(), title="small", **options)


@pytest.mark.parametrize("name", list(MODELS))
def test_every_kind_of_model_is_checked_and_exported(name: str) -> None:
    folder = export(name)
    assert max(folder.differences.values()) <= 1e-5
    two_way = any(word in name for word in ("both", "legal", "large"))
    assert ("step.onnx" in folder.files) == (not two_way)
    assert ("config.pbtxt" in folder.files) == (not two_way)
    assert {"model.onnx", "decoding.json", "tokenizer.json", "README.md"} <= set(folder.files)
    assert any("No stepwise graph" in note for note in folder.notes) == two_way


@pytest.mark.parametrize("name", ["large", "affixes", "language model, tied", "tagger, legal crf"])
def test_weights_of_8_bits_are_those_of_the_model_rounded(name: str) -> None:
    task, make = MODELS[name]
    small = make()
    with torch.no_grad():
        for parameter in small.model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
    plain = export_onnx(task, small, title="m")
    eight = export_onnx(task, small, title="m", int8=True)
    assert max(eight.differences.values()) <= 1e-5
    assert any("8 bits" in note for note in eight.notes)
    if name != "language model, tied":  # where all matrices are too small to be worth it
        assert len(eight.files["model.onnx"]) < 0.5 * len(plain.files["model.onnx"])


def test_tied_weights_and_bands_of_one_softmax_are_stored_once() -> None:
    big = language_model(tied=True, embedding_size=300, hidden_size=4)
    held = len(export_onnx("generate", big, title="m").files["step.onnx"])
    own = sum(value.numel() * 4 for value in big.model.parameters())
    assert own < held < own + 12_000


def test_no_text_and_no_batch_have_an_answer_too() -> None:
    session = onnxruntime.InferenceSession(
        export("attention, both sides").files["model.onnx"], providers=["CPUExecutionProvider"]
    )
    for count, steps in ((2, 0), (0, 5), (0, 0)):
        feeds = {
            "ids": np.zeros((count, steps), np.int64),
            "lengths": np.zeros(count, np.int64),
        }
        scores, shares = session.run(None, feeds)
        assert scores.shape == (count, 3)
        assert np.isfinite(shares).all()


def test_a_graph_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    task = classifier(pool="last")
    other = replace(task, model=classifier(pool="last", embedding_size=5).model)
    with torch.no_grad():
        other.model.output.bias.add_(1e-3)
    from vartai.exchange import onnx_export

    kind = replace(onnx_export.KINDS["classify"], model=lambda _, int8: good)
    good = onnx_export.classify_model(task, int8=False)
    monkeypatch.setitem(onnx_export.KINDS, "classify", kind)
    with pytest.raises(RunError, match=r"model.onnx differs from the model by 0\.000.*nothing was"):
        export_onnx("classify", other, title="m")


def test_what_cannot_be_exported_is_named() -> None:
    with pytest.raises(OptionError, match="a model for translate has no export to ONNX; those for"):
        export_onnx("translate", None, title="m")
    with pytest.raises(OptionError, match="--without-ngrams has no use here"):
        export_onnx("classify", classifier(), title="m", without_ngrams=True)
    wide = replace(classifier(), wide=object())  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="hashes text, for which ONNX has no operator"):
        export_onnx("classify", wide, title="m")


def test_the_description_says_how_to_read_and_to_decide() -> None:
    told = json.loads(export("affixes").files["decoding.json"])
    assert told["labels"] == ["geras", "blogas", "joks"]
    assert told["text"]["reader"] == "tokenizers"
    assert told["text"]["affixes"] == 3
    assert [part["name"] for part in told["state"]] == ["cell", "hidden", "pooled", "steps"]


def test_triton_is_told_of_every_input_output_and_state_once() -> None:
    folder = export("pieces")
    config = folder.files["config.pbtxt"].decode()
    session = onnxruntime.InferenceSession(
        folder.files["step.onnx"], providers=["CPUExecutionProvider"]
    )
    names = [value.name for value in (*session.get_inputs(), *session.get_outputs())]
    for name in names:
        assert config.count(f'ame: "{name}"') == 1, name
    order = [config.index(f'input_name: "{part}_in"') for part in ("cell", "hidden", "pooled")]
    assert order == sorted(order)
    assert config.count("{") == config.count("}")
    assert config.count("zero_data: true") == sum(name.endswith("_in") for name in names)
