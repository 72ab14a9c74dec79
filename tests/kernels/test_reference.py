"""The definitions against equations written out once more, and against torch's own cells."""

from __future__ import annotations

import pytest
import torch
from tests.kernels.cases import FORMS, Case, D, H
from torch import Tensor, nn

from vartai.kernels.reference.cells import reference_step


def normalised(sums: Tensor, gain: Tensor) -> Tensor:
    centred = sums - sums.mean(1, keepdim=True)
    return gain * centred / torch.sqrt(centred.square().mean(1, keepdim=True) + 1e-5)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("rnn_tanh", nn.RNNCell(D, H)),
        ("rnn_relu", nn.RNNCell(D, H, nonlinearity="relu")),
        ("lstm", nn.LSTMCell(D, H)),
        ("gru", nn.GRUCell(D, H)),
    ],
)
def test_a_standard_step_is_that_of_torch(name: str, cell: nn.Module) -> None:
    case = Case(FORMS[name], [1, 1])
    cell.double().load_state_dict(dict(zip(case.names, case.weights, strict=True)))
    wanted = cell(case.rows, case.state if len(case.state) > 1 else case.state[0])
    found = reference_step(case.form, case.rows, case.state, case.weights)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_a_layer_normalised_lstm_with_peepholes_is_equations_20_to_22() -> None:
    case = Case(FORMS["lstm layer norm"], [1, 1])
    w = case.form.named(case.weights)
    hidden, cell = case.state
    sums = normalised(case.rows @ w.weight_ih.T, w.gain_ih) + w.bias_ih
    sums = sums + normalised(hidden @ w.weight_hh.T, w.gain_hh) + w.bias_hh
    i, f, g, o = sums[:, :H], sums[:, H : 2 * H], sums[:, 2 * H : 3 * H], sums[:, 3 * H :]
    new = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    shown = o.sigmoid() * torch.tanh(normalised(new, w.gain_cell) + w.bias_cell)
    found = reference_step(case.form, case.rows, case.state, case.weights)
    torch.testing.assert_close(found, (shown, new))


def test_peepholes_of_input_and_forget_see_the_old_cell_and_that_of_output_the_new() -> None:
    case = Case(FORMS["lstm peepholes"], [1, 1])
    w = case.form.named(case.weights)
    hidden, cell = case.state
    p_i, p_f, p_o = w.peephole[:H], w.peephole[H : 2 * H], w.peephole[2 * H :]
    sums = case.rows @ w.weight_ih.T + w.bias_ih + hidden @ w.weight_hh.T + w.bias_hh
    i, f, g, o = sums[:, :H], sums[:, H : 2 * H], sums[:, 2 * H : 3 * H], sums[:, 3 * H :]
    new = (f + p_f * cell).sigmoid() * cell + (i + p_i * cell).sigmoid() * g.tanh()
    shown = (o + p_o * new).sigmoid() * new.tanh()
    found = reference_step(case.form, case.rows, case.state, case.weights)
    torch.testing.assert_close(found, (shown, new))


def test_a_coupled_lstm_is_a_plain_one_whose_forget_gate_mirrors_its_input_gate() -> None:
    """1 - sigmoid(a) is sigmoid(-a)."""
    case = Case(FORMS["lstm coupled"], [1, 1])

    def widened(weight: Tensor) -> Tensor:
        i, g, o = weight.chunk(3)
        return torch.cat([i, -i, g, o])

    plain = tuple(map(widened, case.weights))
    wanted = reference_step(FORMS["lstm"], case.rows, case.state, plain)
    found = reference_step(case.form, case.rows, case.state, case.weights)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("name", ["gru reset before", "gru all", "gru layer norm"])
def test_a_gru_resets_where_it_says(name: str) -> None:
    case = Case(FORMS[name], [1, 1])
    w, (hidden,) = case.form.named(case.weights), case.state

    def norm(sums: Tensor, gain: Tensor | None, rows: slice) -> Tensor:
        return sums if gain is None else normalised(sums, gain[rows])

    both, last = slice(0, 2 * H), slice(2 * H, 3 * H)
    gates = norm(case.rows @ w.weight_ih[both].T, w.gain_ih, both) + w.bias_ih[both]
    gates = gates + norm(hidden @ w.weight_hh[both].T, w.gain_hh, both) + w.bias_hh[both]
    r, z = gates[:, :H].sigmoid(), gates[:, H:].sigmoid()
    n = norm(case.rows @ w.weight_ih[last].T, w.gain_ih, last) + w.bias_ih[last]
    if case.form.reset_before:
        n = n + norm((r * hidden) @ w.weight_hh[last].T, w.gain_hh, last) + w.bias_hh[last]
    else:
        n = n + r * (norm(hidden @ w.weight_hh[last].T, w.gain_hh, last) + w.bias_hh[last])
    n = nn.functional.elu(n) if case.form.activation == "elu" else n.tanh()
    found = reference_step(case.form, case.rows, case.state, case.weights)
    torch.testing.assert_close(found, ((1 - z) * n + z * hidden,))
