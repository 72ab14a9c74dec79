"""How far back whole models remember, on texts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.inspect.models import classifier, language_model, tagger
from tests.tasks.classify.texts import colours

from vartai.errors import InputError, OptionError
from vartai.inspect.cut import cut
from vartai.inspect.memory import (
    MemoryOptions,
    cut_memory,
    gate_saturation,
    model_memory,
    untrained,
)

TEXTS = ["the red boat is here", "the green house , the red door and the blue wall"]
EVERY = MemoryOptions(positions=100)


def test_the_score_of_a_text_reaches_back_from_its_end_as_differences_say() -> None:
    task = classifier(cell="gru", bidirectional=False, pool="last")
    model = cut(task, TEXTS[:1])
    found = model_memory(task, TEXTS[:1], of="score").back.mean
    scores = model.read()
    best = int(scores.argmax())
    half = 1e-2
    sizes = []
    for row in range(5):
        squares = 0.0
        for column in range(model.vectors.data.size(1)):
            moved = model.vectors.data.clone()
            moved[row, column] += half
            above = float(model.read(model.vectors.with_data(moved))[0, best].detach())
            moved[row, column] -= 2 * half
            below = float(model.read(model.vectors.with_data(moved))[0, best].detach())
            squares += ((above - below) / (2 * half)) ** 2
        sizes.append(squares**0.5)
    np.testing.assert_allclose(found, sizes[::-1], rtol=1e-2)


@pytest.mark.parametrize("build", [tagger, language_model])
def test_the_score_of_a_token_is_that_of_the_label_predicted_there(build: object) -> None:
    task = build()  # type: ignore[operator]
    model = cut(task, TEXTS[1:])
    found = cut_memory(model, of="score", options=EVERY)
    leaf = model.vectors.data.clone().requires_grad_()
    scores = model.read(model.vectors.with_data(leaf))
    count = len(leaf)
    sizes = torch.zeros(count, count)
    for step in range(count):
        (gradient,) = torch.autograd.grad(scores[step].max(), leaf, retain_graph=True)
        sizes[step] = gradient.norm(dim=1)
    back = [sizes.diagonal(-k).mean().item() for k in range(count)]
    np.testing.assert_allclose(found.back.mean, back, rtol=1e-4)
    assert (found.ahead is None) == (not model.layers.bidirectional)
    assert found.projections is None


def test_outputs_states_and_one_direction_are_those_of_the_layers() -> None:
    task = classifier(layers=2)
    both = model_memory(task, TEXTS)
    assert both.ahead is not None
    assert both.back.longest == both.ahead.longest == 10
    with pytest.raises(OptionError, match="two directions have no state .*: l0, l0_reverse, l1"):
        model_memory(task, TEXTS, of="states")
    alone = model_memory(task, TEXTS, of="states", layer="l1_reverse")
    size = 2 * task.model.encoder.hidden_size  # type: ignore[union-attr]
    assert alone.back.mean[0] == pytest.approx(size**0.5, rel=1e-5)
    with pytest.raises(OptionError, match="unknown of 'gates'; known: outputs, score, states"):
        model_memory(task, TEXTS, of="gates")
    with pytest.raises(OptionError, match="scores are above all layers"):
        model_memory(task, TEXTS, of="score", layer="l0")


def test_what_is_cut_and_what_begins_anew_is_told() -> None:
    long = " ".join(["red"] * 40)
    found = model_memory(classifier(segment=5), [long, "blue"], max_tokens=12)
    assert found.back.longest == 4
    assert any("1 of 2 texts: only the first 12 of 40 tokens" in note for note in found.notes)
    assert any("begin anew after every 5 tokens" in note for note in found.notes)


def test_a_hundred_thousand_tokens_are_bounded() -> None:
    text = " ".join(["red", "blue"] * 50_000)
    task = language_model(unit="word")
    found = model_memory(task, [text], max_tokens=30)
    assert found.back.longest == 30
    assert any("Only the first 30 of" in note for note in found.notes)


def test_bad_texts_are_refused_and_one_token_has_no_distance() -> None:
    task = classifier()
    with pytest.raises(InputError, match=r"texts\[1\]: expected at least one token, found none"):
        model_memory(task, ["red", "   "])
    found = model_memory(task, ["red"])
    assert found.back.verdict == "unknown"
    assert "no distance but 0" in found.notes[0]
    with pytest.raises(OptionError, match="bag of embeddings has no recurrent layers"):
        model_memory(classifier(cell="bag", pool="mean"), ["red"])


@pytest.mark.parametrize("build", [classifier, tagger, language_model])
def test_an_untrained_model_has_the_shape_and_other_weights(build: object) -> None:
    task = build()  # type: ignore[operator]
    before = torch.random.get_rng_state()
    fresh = untrained(task, seed=3)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert fresh.config is task.config
    own, other = task.model.state_dict(), fresh.model.state_dict()
    assert {name: value.shape for name, value in own.items()} == {
        name: value.shape for name, value in other.items()
    }
    assert not torch.equal(task.model.encoder.weight_hh_l0, fresh.model.encoder.weight_hh_l0)
    again = untrained(task, seed=3).model.encoder.weight_hh_l0
    assert torch.equal(fresh.model.encoder.weight_hh_l0, again)
    assert model_memory(fresh, TEXTS).back.longest > 4
    with pytest.raises(OptionError, match="to classify, generate or tag, found str"):
        untrained("model")


def test_saturation_is_over_all_tokens_of_all_texts() -> None:
    task = classifier(layers=2)
    texts = colours().texts[:7]
    model = cut(task, texts)
    with torch.no_grad():
        size = model.layers.hidden_size
        model.layers.bias_ih_l1_reverse[size + 1] = 30.0  # type: ignore[operator, index]
    found = gate_saturation(model)
    assert list(found) == ["l0", "l0_reverse", "l1", "l1_reverse"]
    assert list(found["l0"]) == ["input", "forget", "output"]
    forget = found["l1_reverse"]["forget"]
    assert forget.right[1] == 1.0
    assert forget.steps == int(model.vectors.lengths.sum())
    assert gate_saturation(cut(classifier(cell="rnn"), texts))["l0"] == {}
