"""To plain torch and back: the printed module is the model, and its weights come home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.exchange.small import TEXTS, classifier, language_model, several, tagger
from torch import nn

from vartai.errors import InputError, OptionError
from vartai.exchange import layers_from_torch
from vartai.exchange.folders import write_folder
from vartai.exchange.import_plan import ImportPlan, read_plan
from vartai.exchange.import_weights import import_weights
from vartai.exchange.layers_in import layers_from_tensors
from vartai.exchange.torch_export import FILES, export_torch
from vartai.nn import LSTM, ClockworkRNN

KINDS: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
PLAN = """
[source]
task = "{task}"
weights = "{weights}"
cell = "{cell}"
pool = "{pool}"
labels = {labels}
[text]
unit = "{unit}"
vocabulary = "vocabulary.txt"
unknown = "<unk>"
{rest}
"""


def plan(folder: Path, **said: Any) -> ImportPlan:
    usual = {"task": "classify", "weights": "model.pt", "cell": "lstm", "pool": "last"}
    usual |= {"labels": '["bad", "good"]', "unit": "spaces", "rest": ""}
    (folder / "plan.toml").write_text(PLAN.format(**{**usual, **said}), encoding="utf-8")
    return read_plan(folder / "plan.toml")


def words(folder: Path) -> list[str]:
    tokens = ["film", "<unk>", "bad", "good", "<pad>", "not"]
    (folder / "vocabulary.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    return tokens


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", list(KINDS))
def test_layers_of_torch_become_layers_of_ours(cell: str, both: bool) -> None:
    torch.manual_seed(0)
    theirs = KINDS[cell](3, 4, num_layers=2, bidirectional=both, batch_first=True).eval()
    inputs = torch.randn(2, 5, 3)
    with torch.no_grad():
        torch.testing.assert_close(layers_from_torch(theirs)(inputs)[0], theirs(inputs)[0])
        state = {f"deep.er.{name}": value for name, value in theirs.state_dict().items()}
        ours = layers_from_tensors(cell, state, prefix="deep.er.")
        turned = inputs.transpose(0, 1)
        torch.testing.assert_close(ours(turned)[0].transpose(0, 1), theirs(inputs)[0])
    with pytest.raises(OptionError, match="expected layers of torch.nn, RNN, GRU or LSTM; found"):
        layers_from_torch(nn.Linear(2, 2))


def test_tensors_that_do_not_fit_together_are_named() -> None:
    state = dict(nn.GRU(3, 4, num_layers=2).state_dict())
    with pytest.raises(InputError, match=r"no matrix rnn\.weight_ih_l0; found: weight_ih_l0"):
        layers_from_tensors("gru", state, prefix="rnn.")
    with pytest.raises(InputError, match="12 rows, which 4 gates|expected"):
        layers_from_tensors("lstm", state)
    with pytest.raises(InputError, match=r"weight_hh_l1 has shape \[2, 2\], expected \[12, 4\]"):
        layers_from_tensors("gru", {**state, "weight_hh_l1": torch.zeros(2, 2)})
    gone = {name: value for name, value in state.items() if name != "weight_hh_l1"}
    with pytest.raises(InputError, match="weight_hh_l1 of shape .* is missing"):
        layers_from_tensors("gru", gone)
    with pytest.raises(InputError, match="90001 layers, at most 64"):
        layers_from_tensors("gru", {**state, "bias_ih_l90000": torch.zeros(12)})
    with pytest.raises(InputError, match="bias_ih_l1_reverse has no place"):
        layers_from_tensors("gru", {**state, "bias_ih_l1_reverse": torch.zeros(12)})


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", ["pt", "safetensors"])
def test_a_classifier_of_plain_torch_becomes_a_bundle(
    tmp_path: Path, kind: str, both: bool
) -> None:
    torch.manual_seed(1)
    tokens = words(tmp_path)
    embed, lstm = nn.Embedding(6, 3), nn.LSTM(3, 4, num_layers=2, bidirectional=both)
    last = nn.Linear(8 if both else 4, 1)
    tensors = {"emb.weight": embed.weight, "fc.weight": last.weight, "fc.bias": last.bias}
    tensors |= {f"rnn.{name}": value for name, value in lstm.state_dict().items()}
    tensors = {name: value.detach().clone() for name, value in tensors.items()}
    if kind == "pt":
        torch.save(tensors, tmp_path / "model.pt")
    else:
        from safetensors.torch import save_file

        save_file(tensors, tmp_path / "model.safetensors")
    names = '[tensors]\nembedding = "emb.weight"\nlayers = "rnn"\noutput = "fc"'
    found = import_weights(plan(tmp_path, weights=f"model.{kind}", rest=names), tmp_path)
    text = ["good", "film", "not", "never-seen", "bad"]
    ids = torch.tensor([tokens.index(word) if word in tokens else 1 for word in text])
    with torch.no_grad():
        _, (hidden, _) = lstm(embed(ids)[:, None])
        pooled = torch.cat(list(hidden[-2 if both else -1 :]), 1)
        wanted = float(torch.sigmoid(last(pooled)))
    shares = found.task.probabilities([" ".join(text)])  # type: ignore[union-attr]
    np.testing.assert_allclose(shares[0], [1 - wanted, wanted], atol=1e-6)
    assert found.facts.origin == "imported from another program"


def test_a_language_model_of_plain_torch_becomes_a_bundle(tmp_path: Path) -> None:
    torch.manual_seed(2)
    letters = ["a", "b", "\u0161", "<unk>", "|"]
    (tmp_path / "vocabulary.txt").write_text("\n".join(letters), encoding="utf-8")
    embed, gru, last = nn.Embedding(5, 3), nn.GRU(3, 4), nn.Linear(4, 5)
    tensors = {"embedding.weight": embed.weight, "output.weight": last.weight}
    tensors |= {"output.bias": last.bias}
    tensors |= {f"layers.{name}": value for name, value in gru.state_dict().items()}
    torch.save({name: value.detach() for name, value in tensors.items()}, tmp_path / "model.pt")
    said = plan(
        tmp_path, task="generate", cell="gru", labels="[]", unit="char", rest='border = "|"'
    )
    task = import_weights(said, tmp_path).task
    order = [4, 3, 0, 1, 2]  # border, unknown, and the rest
    assert task.tokenizer.vocabulary[2:] == ("a", "b", "\u0161")
    ids = task.tokenizer.encode_ids(["ba\u0161a"])[0]
    from vartai.models.stepped_language_model import SteppedLanguageModel

    found, _ = SteppedLanguageModel(task.model).begin(  # type: ignore[arg-type]
        torch.tensor([0, *ids])
    )
    with torch.no_grad():
        outputs, _ = gru(embed(torch.tensor([order[place] for place in [0, *ids]]))[:, None])
        wanted = torch.log_softmax(last(outputs[-1]), 1)[:, order]
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def test_constants_and_nodes_of_an_onnx_model_become_a_bundle(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")
    from vartai.exchange import layers_model
    from vartai.nn import LSTM

    torch.manual_seed(3)
    words(tmp_path)
    lstm = LSTM(3, 4, num_layers=2, bidirectional=True)
    model = onnx.load_model_from_string(layers_model(lstm))
    tensors = {"emb": torch.randn(6, 3), "fc.weight": torch.randn(2, 8), "fc.bias": torch.randn(2)}
    for name, value in tensors.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(value.numpy(), name))
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    nodes = [node.output[0] for node in model.graph.node if node.op_type == "LSTM"]
    names = f'[tensors]\nembedding = "emb"\nlayers = "{", ".join(nodes)}"\noutput = "fc"'
    said = plan(tmp_path, weights="model.onnx", pool="max", rest=names)
    task = import_weights(said, tmp_path).task
    ids = torch.tensor([3, 0, 5, 2])  # good film not bad
    with torch.no_grad():
        rows = lstm(tensors["emb"][ids][:, None])[0].amax(0)
        wanted = torch.softmax(rows @ tensors["fc.weight"].T + tensors["fc.bias"], 1)
    found = task.probabilities(["good film not bad"])  # type: ignore[union-attr]
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-6)
    doubled = plan(tmp_path, weights="model.onnx", rest=names.replace(nodes[1], nodes[0]))
    with pytest.raises(InputError, match="recurrent layer 2 does not stand above one like it"):
        import_weights(doubled, tmp_path)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("classify", lambda: classifier(pool="last", bidirectional=True, layers=2)),
        ("classify", lambda: several(classifier(pool="mean", cell="gru"))),
        ("classify", lambda: classifier(pool="max", cell="rnn", bidirectional=True)),
        ("generate", lambda: language_model(layers=2)),
        ("generate", lambda: language_model(cell="gru", tied=True)),
    ],
)
def test_the_printed_module_runs_with_torch_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Any
) -> None:
    task = make()
    found = export_torch(name, task, title='a "name"')
    assert found.difference <= 1e-5
    write_folder(tmp_path / "out", found.files, FILES)
    ids = torch.randint(1, task.tokenizer.size, (3, 6), generator=torch.Generator().manual_seed(1))
    lengths = torch.tensor([6, 2, 4])
    module = (tmp_path / "out" / "model.py").read_text(encoding="utf-8")
    assert "vartai" not in module
    monkeypatch.chdir(tmp_path / "out")
    names: dict[str, Any] = {}
    exec(module, names)  # it is the text that is tested
    with torch.no_grad():
        model = names["model"]
        given = model(ids, lengths) if name == "classify" else model(ids)[0]
    from vartai.sequences import SequenceBatch

    with torch.no_grad():
        if name == "classify":
            batch = SequenceBatch.from_padded(ids, lengths, batch_first=True)
            wanted = task.model(batch) * task.blend.recurrent
        else:
            batch = SequenceBatch.from_equal(ids)
            rows = task.model.read(batch, task.model.fresh_state(3)).rows
            weight, bias = task.model.output.weight, task.model.output.bias
            wanted = rows @ weight.T + bias
    torch.testing.assert_close(given.flatten(), wanted.flatten(), atol=1e-5, rtol=1e-5)


def test_a_model_exported_to_torch_comes_home_the_same(tmp_path: Path) -> None:
    task = classifier(pool="max", bidirectional=True)
    write_folder(tmp_path / "out", export_torch("classify", task, title="m").files, FILES)
    tokens = "\n".join(task.tokenizer.vocabulary)
    (tmp_path / "out" / "vocabulary.txt").write_text(tokens, encoding="utf-8")
    said = plan(
        tmp_path / "out",
        pool="max",
        unit="word",
        labels='["geras", "blogas", "joks"]',
        rest='lowercase = true\npadding = "<pad>"',
    )
    home = import_weights(said, tmp_path / "out").task
    wanted, found = task.probabilities(TEXTS), home.probabilities(TEXTS)  # type: ignore[union-attr]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def _with_layers(task: Any, layers: torch.nn.Module) -> Any:
    task.model.encoder = layers
    return task


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("classify", lambda: classifier(cell="bag"), "no recurrent layers"),
        ("classify", lambda: classifier({"affixes": 2}), "vectors of affixes"),
        ("classify", lambda: classifier(pool="attention"), "attention for a pool"),
        ("classify", lambda: classifier(pool="mean", segment=3), "pieces of text"),
        (
            "generate",
            lambda: language_model(softmax="adaptive", cutoffs=("4",)),
            "softmax in bands",
        ),
        ("tag", tagger, "a model for tag has no plain form"),
        (
            "generate",
            lambda: _with_layers(language_model(), LSTM(5, 7, without=("forget",))),
            r"torch.nn has no LSTM\(5, 7, without=\('forget',\)\); --to onnx takes more",
        ),
        (
            "generate",
            lambda: _with_layers(language_model(), ClockworkRNN(5, 7, periods=(1, 2))),
            "torch.nn has no ClockworkRNN",
        ),
    ],
)
def test_what_is_more_than_plain_torch_is_named(name: str, make: Any, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        export_torch(name, make(), title="m")


@pytest.mark.parametrize(
    ("said", "vocabulary", "fault"),
    [
        ({"cell": "lstmm"}, None, "unknown cell 'lstmm'"),
        ({"labels": '["one"]'}, None, "labels of a classifier"),
        ({"rest": "surplus = 1"}, None, "surplus"),
        ({"rest": 'padding = "nowhere"'}, None, "padding = 'nowhere' in .text. is not a token"),
        ({"labels": '["a", "b", "c"]'}, None, "the output gives 1 scores, expected 3"),
        ({}, "a\nb\n", "2 tokens, the embedding has 6 rows"),
        ({}, "film\n<unk>\nbad\nbad\n<pad>\nnot\n", "line 4: token 'bad' is there twice"),
        ({}, "film\n<unk>\nbad film\ngood\n<pad>\nnot\n", "line 3: expected a word without white"),
        ({"unit": "char"}, None, "expected one character, found 'film'"),
        ({"rest": '[tensors]\noutput = "head"'}, None, "no tensor 'head.weight'; there are: emb"),
        ({"weights": "gone.pt"}, None, "gone.pt: expected a file, there is none"),
        ({"weights": "model.bin"}, None, "expected a file of tensors"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, said: dict[str, str], vocabulary: str | None, fault: str
) -> None:
    words(tmp_path)
    if vocabulary is not None:
        (tmp_path / "vocabulary.txt").write_text(vocabulary, encoding="utf-8")
    tensors = {"embedding.weight": torch.randn(6, 3), "output.weight": torch.randn(1, 4)}
    tensors |= {f"layers.{name}": value for name, value in nn.LSTM(3, 4).state_dict().items()}
    torch.save(tensors, tmp_path / "model.pt")
    with pytest.raises((InputError, OptionError), match=fault):
        import_weights(plan(tmp_path, **said), tmp_path)
