"""Contextual decomposition: parts that add up, and what they are where that is known otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.inspect.words.models import SMALL, random_task

from vartai.errors import OptionError
from vartai.inspect.cut import Cut, cut
from vartai.inspect.words.asked import ask
from vartai.inspect.words.decomposition import Parts, State, decompose_step, linearise
from vartai.inspect.words.phrases import decompose_rows, interaction, phrase_effects
from vartai.nn.lstm import LSTM
from vartai.sequences import SequenceBatch

TEXT = "the film was not good but bad"


def large_lstm(**options: object) -> LSTM:
    torch.manual_seed(3)
    layers = LSTM(3, 4, **options).double()  # type: ignore[arg-type]
    with torch.no_grad():
        for weight in layers.parameters():
            weight.copy_(1.5 * torch.randn_like(weight))
    return layers.eval()


@pytest.mark.parametrize("segment", [None, 2])
@pytest.mark.parametrize("learned_state", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_phrase_and_rest_add_up_to_the_outputs_exactly(
    num_layers: int, bidirectional: bool, learned_state: bool, segment: int | None
) -> None:
    layers = large_lstm(
        num_layers=num_layers, bidirectional=bidirectional, learned_state=learned_state
    )
    text = torch.randn(5, 3, dtype=torch.float64)
    inside = torch.tensor([[0, 1, 1, 0, 0], [1, 0, 0, 0, 1]], dtype=torch.float64)
    with torch.no_grad():
        parts = decompose_rows(layers, text, inside, segment=segment)
        batch = SequenceBatch(text, torch.tensor([5]))
        rows = layers.run(batch if segment is None else batch.cut(segment)).rows
    for phrase in range(2):
        torch.testing.assert_close(parts.whole[:, phrase], rows, rtol=0, atol=1e-13)
    assert float(parts.phrase.abs().min()) >= 0
    assert not torch.allclose(parts.phrase[:, 0], parts.phrase[:, 1])


def test_a_phrase_of_no_token_brings_nothing() -> None:
    layers = large_lstm()
    with torch.no_grad():
        parts = decompose_rows(layers, torch.randn(4, 3).double(), torch.zeros(1, 4), segment=None)
    assert float(parts.phrase.abs().max()) == 0.0


def test_before_its_first_token_a_phrase_brings_nothing_and_in_reverse_after_its_last() -> None:
    layers = large_lstm(bidirectional=True)
    inside = torch.tensor([[0, 0, 1, 0, 0]], dtype=torch.float64)
    with torch.no_grad():
        parts = decompose_rows(layers, torch.randn(5, 3).double(), inside, segment=None)
    brought = parts.phrase[:, 0].abs()
    assert float(brought[:2, :4].max()) == 0.0
    assert float(brought[3:, 4:].max()) == 0.0
    assert float(brought[2:, :4].min()) > 0.0
    assert float(brought[:3, 4:].min()) > 0.0


def test_a_gate_is_the_sum_of_its_three_terms_and_symmetric_in_phrase_and_rest() -> None:
    b, c, bias = torch.randn(3, 7, dtype=torch.float64)
    gate = linearise(torch.sigmoid, Parts(b, c), bias)
    torch.testing.assert_close(gate.whole, torch.sigmoid(b + c + bias))
    turned = linearise(torch.sigmoid, Parts(c, b), bias)
    torch.testing.assert_close(gate.phrase, turned.rest)
    torch.testing.assert_close(gate.bias, torch.sigmoid(bias))


def test_in_a_layer_that_adds_up_its_inputs_each_token_brings_its_own() -> None:
    """Gates wide open and candidates so small that tanh is a line: c = Σ W x, h = c."""
    layers = large_lstm()
    size, small = 4, 1e-3
    with torch.no_grad():
        for weight in layers.parameters():
            weight.zero_()
        for gate in (0, 1, 3):  # input, forget, output
            layers.bias_ih_l0[gate * size : (gate + 1) * size] = 40.0
        candidate = small * torch.randn(size, 3, dtype=torch.float64)
        layers.weight_ih_l0[2 * size : 3 * size] = candidate
        text = torch.randn(6, 3, dtype=torch.float64)
        parts = decompose_rows(layers, text, torch.eye(6, dtype=torch.float64), segment=None)
    torch.testing.assert_close(parts.phrase[-1], text @ candidate.T, rtol=1e-4, atol=1e-9)


def known(pool: str = "last", **options: object) -> tuple[Cut, object]:
    task = random_task(replace(SMALL, pool=pool, **options))  # type: ignore[arg-type]
    one = cut(task, [TEXT])
    return one, ask(one)


@pytest.mark.parametrize("pool", ["last", "mean", "max"])
def test_a_phrase_and_all_other_tokens_bring_the_margin_but_for_their_interaction(
    pool: str,
) -> None:
    one, asked = known(pool, layers=2, bidirectional=True)
    whole, first, other = phrase_effects(one, asked, [range(7), [3, 4], [0, 1, 2, 5, 6]])
    assert interaction(one, asked, [3, 4], [0, 1, 2, 5, 6]) == pytest.approx(
        whole - first - other, abs=1e-6
    )
    assert abs(whole - first - other) > 1e-3


def test_effects_do_not_depend_on_the_phrases_beside_them() -> None:
    one, asked = known()
    alone = phrase_effects(one, asked, [[3]])
    beside = phrase_effects(one, asked, [[0], [3], [1, 2]])
    np.testing.assert_allclose(beside[1], alone[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"cell": "gru"}, "these layers are gru"), ({"pool": "attention"}, "pool attention")],
)
def test_what_cannot_be_decomposed_is_refused_by_name(
    options: dict[str, str], expected: str
) -> None:
    task = random_task(replace(SMALL, **options))
    one = cut(task, [TEXT])
    with pytest.raises(OptionError, match=expected):
        phrase_effects(one, ask(one), [[0]])


def test_an_lstm_with_more_than_the_standard_equations_is_refused_by_name() -> None:
    one, asked = known()
    changed = replace(one, layers=LSTM(4, 5, peepholes=True))
    with pytest.raises(OptionError, match="these layers have peepholes=True"):
        phrase_effects(changed, asked, [[0]])


def test_a_token_beyond_the_text_and_phrases_that_overlap_are_refused() -> None:
    one, asked = known()
    with pytest.raises(OptionError, match="token 7 is not of this text, whose tokens are 0 to 6"):
        phrase_effects(one, asked, [[7]])
    with pytest.raises(OptionError, match=r"share no token, found \[2\]"):
        interaction(one, asked, [1, 2], [2, 3])


def test_at_the_first_step_a_token_brings_what_the_biases_alone_would_not() -> None:
    """With nothing before it: βᶜ = c - σ(b_i) tanh(b_g), and γᶜ is that product of biases."""
    x, weight, bias = torch.randn(1, 8), torch.randn(8, 2), torch.randn(8)
    nothing = Parts(torch.zeros(1, 2), torch.zeros(1, 2))
    inputs = Parts(x, torch.zeros_like(x))
    found = decompose_step(inputs, State(nothing, nothing), weight, bias)
    i, _, g, o = (x + bias).chunk(4, dim=1)
    b_i, _, b_g, _ = bias.chunk(4)
    cell, rest = i.sigmoid() * g.tanh(), b_i.sigmoid() * b_g.tanh()
    torch.testing.assert_close(found.cell.phrase, cell - rest)
    torch.testing.assert_close(found.cell.rest[0], rest)
    shown = (torch.tanh(cell - rest) + torch.tanh(cell) - torch.tanh(rest)) / 2
    torch.testing.assert_close(found.hidden.phrase, o.sigmoid() * shown)
