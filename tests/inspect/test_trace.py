"""A trace holds what a run computed, equal to the definition, and what the model said meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import torch
from tests.inspect.models import classifier, language_model, tagger

from vartai.errors import InputError, OptionError, SaveError
from vartai.inspect.cut import cut
from vartai.inspect.trace import Trace, trace
from vartai.kernels.reference.run import run_reference
from vartai.text.options import TextOptions

TEXTS = ["the red boat is here", "sky", "the  GREEN house, the red door and the blue wall"]
TASKS = {
    "rnn": lambda: classifier(cell="rnn", bidirectional=False),
    "lstm, segments": lambda: classifier(layers=2, segment=2, pool="mean"),
    "gru, two directions": lambda: tagger(cell="gru", layers=2),
    "lstm": lambda: tagger(bidirectional=False),
    "gru": lambda: language_model(cell="gru"),
}


@pytest.mark.parametrize("kind", TASKS)
def test_every_state_and_gate_is_what_the_definition_computes(kind: str) -> None:
    task = TASKS[kind]()
    made = cut(task, TEXTS)
    layers = made.layers
    for place, found in enumerate(trace(task, TEXTS, running=False)):
        assert found.tokens == made.tokens[place]
        below = made.some(place, place + 1).vectors
        below = below if made.segment is None else below.cut(made.segment)
        for number in range(layers.num_layers):
            names = [f"l{number}", f"l{number}_reverse"][: layers.directions]
            for name in names:
                state = tuple(below.data.new_zeros(len(below), n) for n in layers.state_sizes)
                wanted = run_reference(
                    layers.form,
                    below,
                    state,
                    layers.weights(name),
                    reverse=name.endswith("reverse"),
                    keep=True,
                ).trace
                assert wanted is not None
                states = found[name]
                near = {"rtol": 1e-4, "atol": 1e-5}
                np.testing.assert_allclose(states.hidden, wanted.hidden.detach(), **near)
                assert list(states.gates) == list(wanted.gates)
                for gate, rows in wanted.gates.items():
                    np.testing.assert_allclose(states.gates[gate], rows.detach(), **near)
                if wanted.cell is not None:
                    assert states.cell is not None
                    np.testing.assert_allclose(states.cell, wanted.cell.detach(), **near)
                assert states.hidden.dtype == np.float32
            joined = torch.cat([torch.from_numpy(found[name].hidden) for name in names], 1)
            below = below.with_data(joined)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pool": "last"},
        {"pool": "attention", "segment": 2},
        *({"bidirectional": False, "pool": p} for p in ("last", "mean", "max", "attention")),
        {"bidirectional": False, "pool": "mean", "segment": 3, "cell": "gru"},
    ],
    ids=str,
)
def test_a_classifiers_running_prediction_is_what_it_says_of_the_text_cut_there(
    options: dict[str, object],
) -> None:
    task = classifier(**options)
    for text, found in zip(TEXTS, trace(task, TEXTS), strict=True):
        running = found.running
        assert running is not None
        beginnings = [text[: token.end] for token in found.tokens]
        assert running.labels == task.labels
        wanted = task.probabilities(beginnings)
        np.testing.assert_allclose(running.probabilities, wanted, atol=2e-6)
        again = any("read anew" in note for note in found.notes)
        assert again == ("bidirectional" not in options and len(found.tokens) > 1)


def test_in_a_long_text_not_every_beginning_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vartai.inspect.running._ROWS", 100)
    monkeypatch.setattr("vartai.inspect.running._ROWS_AT_ONCE", 30)
    task = classifier()
    text = "the red boat is here " * 6
    found = trace(task, [text])[0]
    assert found.running is not None
    read = ~np.isnan(found.running.probabilities).any(1)
    assert np.flatnonzero(read).tolist() == [4, 9, 14, 19, 24, 29]
    wanted = task.probabilities([text[: found.tokens[place].end] for place in (4, 29)])
    np.testing.assert_allclose(found.running.probabilities[[4, 29]], wanted, atol=2e-6)
    assert "after every 5th token only" in found.notes[0]


@pytest.mark.parametrize("crf", [False, True])
def test_a_taggers_running_prediction_is_of_each_word(crf: bool) -> None:
    task = tagger(crf=crf)
    made = cut(task, TEXTS)
    scores = made.vectors.with_data(made.read().detach())
    for rows, found in zip(scores.split(), trace(task, TEXTS), strict=True):
        assert found.running is not None
        shares = found.running.probabilities
        np.testing.assert_allclose(shares.sum(1), 1.0, atol=1e-5)
        if not crf:
            np.testing.assert_allclose(shares, rows.softmax(1), atol=1e-6)


def test_a_language_models_running_prediction_holds_the_likeliest_tokens() -> None:
    task = language_model()
    made = cut(task, TEXTS)
    shares = made.probabilities(made.read()).detach()
    start = 0
    for found in trace(task, TEXTS):
        running = found.running
        assert running is not None
        assert running.likeliest is not None
        assert running.probabilities.shape == (len(found.tokens), 10)
        for row in range(len(found.tokens)):
            best = shares[start + row].topk(10)
            np.testing.assert_allclose(running.probabilities[row], best.values, atol=1e-6)
            assert running.names(row)[0] == made.labels[int(best.indices[0])]
        start += len(found.tokens)


def test_the_pooling_of_attention_is_shown() -> None:
    task = classifier(pool="attention")
    for found in trace(task, TEXTS, running=False):
        shown = found.attention["pool"]
        assert shown.columns == tuple(token.text for token in found.tokens)
        np.testing.assert_allclose(shown.weights.sum(1), [1.0], atol=1e-6)
    assert trace(classifier(), ["red"])[0].attention == {}


def test_what_is_chosen_is_kept_and_nothing_else() -> None:
    task = classifier(layers=2)
    whole = trace(task, TEXTS)[2]
    found = trace(task, TEXTS, layers=["l1_reverse", "l0"], units=[5, 2], gates=["forget"])[2]
    assert list(found.layers) == ["l0", "l1_reverse"]
    for name, states in found.layers.items():
        assert states.units == (5, 2)
        assert list(states.quantities()) == ["hidden", "cell", "forget"]
        for quantity, numbers in states.quantities().items():
            assert np.array_equal(numbers, whole[name].quantity(quantity)[:, [5, 2]])
    few = trace(task, TEXTS, units={"l0": [7]}, gates=False, running=False)[0]
    assert few["l0"].hidden.shape == (5, 1)
    assert few["l1"].hidden.shape == (5, 8)
    assert not few["l0"].gates
    assert few.running is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layers": ["l9"]}, "^unknown layer 'l9'; known: l0, l0_reverse"),
        ({"units": {"l3": [0]}}, "^unknown layer 'l3'; known: l0, l0_reverse"),
        ({"units": [0, 8]}, "^unknown unit 8 of l0; known: 0 to 7"),
        ({"units": [-1]}, "^unknown unit -1 of l0; known: 0 to 7"),
        ({"gates": ["reset"]}, "^unknown gate 'reset'; known: candidate, forget, input, output"),
        ({"gates": "forget"}, r"^gates: expected several names, such as \['forget'\], found one"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(options: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        trace(classifier(), TEXTS, **options)  # type: ignore[arg-type]


def test_one_layer_or_quantity_that_is_not_there_is_refused_with_those_that_are() -> None:
    found = trace(classifier(), ["red"])[0]
    with pytest.raises(OptionError, match="^unknown layer 'l1'; known: l0, l0_reverse"):
        found["l1"]
    with pytest.raises(OptionError, match="^unknown quantity 'forgot'; .* Did you mean 'forget'"):
        found["l0"].quantity("forgot")


def test_a_text_of_100_000_tokens_is_bounded_and_the_trace_says_what_was_cut() -> None:
    task = classifier(text=TextOptions(max_tokens=200_000, min_frequency=1), bidirectional=False)
    found = trace(task, ["red boat " * 50_000], units=[0], gates=False)[0]
    assert len(found.tokens) == 10_000
    assert found["l0"].hidden.shape == (10_000, 1)
    assert found.notes == ("only the first 10,000 of 100,000 tokens were read",)


def test_more_numbers_than_there_is_room_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vartai.inspect.trace.MAX_NUMBERS", 1_500)
    with pytest.raises(OptionError, match="would hold 1,632 numbers, more than 1,500: trace fewer"):
        trace(classifier(), TEXTS)
    assert len(trace(classifier(), TEXTS, gates=False)) == 3


def test_texts_traced_in_groups_are_as_those_traced_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    task = classifier()
    alone = [trace(task, [text])[0] for text in TEXTS]
    monkeypatch.setattr("vartai.inspect.trace._ROWS_AT_ONCE", 6)
    for one, other in zip(alone, trace(task, TEXTS), strict=True):
        np.testing.assert_allclose(one["l0"].hidden, other["l0"].hidden, atol=1e-6)
        assert (one.text, one.tokens, one.notes) == (other.text, other.tokens, other.notes)


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(InputError, match=r"^texts\[0\]: expected at least one token, found none"):
        trace(classifier(), [" "])


def test_a_table_holds_a_row_for_each_token(tmp_path: Path) -> None:
    found = trace(classifier(pool="attention"), TEXTS)[2]
    found.to_parquet(tmp_path / "trace.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "trace.parquet")
    assert table.column("token").to_pylist() == [token.text for token in found.tokens]
    places = zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True)
    assert [TEXTS[2][start:end] for start, end in places] == table["token"].to_pylist()
    assert np.array_equal(
        table["l0_reverse.forget"].to_pylist(), found["l0_reverse"].gates["forget"]
    )
    said = table["running"].to_pylist()[3]
    assert [pair["label"] for pair in said] == ["blue", "green", "red"]
    about = json.loads(table.schema.metadata[b"vartai.trace"])
    assert about["text"] == TEXTS[2]
    assert about["units"]["l0"] == list(range(8))
    assert len(about["attention"]["pool"]["weights"][0]) == len(found.tokens)
    with pytest.raises(SaveError, match="could not be written"):
        found.to_parquet(tmp_path / "nowhere" / "trace.parquet")


def test_a_trace_says_what_it_holds() -> None:
    found = trace(classifier(pool="attention"), TEXTS)[2]
    said = repr(found)
    assert "Trace of 11 tokens: 'the  GREEN house" in said
    assert "l0_reverse: 8 units; hidden, cell, input, forget, candidate, output" in said
    assert "after the last token: " in said
    assert "attention pool: 1 x 11" in said


def figures_of(found: Trace) -> dict[str, dict]:
    return {name: found.figure(quantity=name) for name in ("hidden", "forget", "running", "pool")}


def test_its_figures_are_those_of_the_figures_room() -> None:
    found = trace(classifier(pool="attention"), TEXTS)[0]
    shown = figures_of(found)
    hidden = np.array(shown["hidden"]["data"][0]["z"])
    np.testing.assert_allclose(hidden.T, found["l0"].hidden, atol=1e-4)
    assert shown["forget"]["data"][0]["zmin"] == 0
    assert len(shown["running"]["data"]) == 3
    assert shown["pool"]["data"][0]["x"][1] == "2 red"
    assert found.show(quantity="running").to_plotly_json()["data"][0]["name"] == "blue"
    with pytest.raises(OptionError, match="^unknown quantity 'gate'; known: candidate, cell"):
        found.figure("l0", "gate")
