"""Units held at a value: by other weights, step by step, and as a plain loop says."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.inspect.flags.clamp import (
    Clamp,
    held_by_layer,
    run_by_weights,
    run_clamped,
    run_clamped_reference,
)
from vartai.inspect.flags.units import read_unit
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN
from vartai.sequences import SequenceBatch

_LENGTHS = torch.tensor([3, 0, 5, 1])


def _batch(size: int = 4) -> SequenceBatch:
    torch.manual_seed(5)
    return SequenceBatch(torch.randn(int(_LENGTHS.sum()), size), _LENGTHS)


def _clamps(*named: tuple[str, float]) -> list[Clamp]:
    return [Clamp(read_unit(name), value) for name, value in named]


_HIDDEN = (("l0.hidden.2", 0.7), ("l0_reverse.hidden.0", -0.4), ("l1_reverse.hidden.4", 0.9))


@pytest.mark.parametrize(
    "layers",
    [
        LSTM(4, 5, num_layers=2, bidirectional=True),
        LSTM(4, 5, num_layers=2, bidirectional=True, coupled=True, peepholes=True),
        LSTM(4, 7, num_layers=2, bidirectional=True, proj_size=5, learned_state=True),
        GRU(4, 5, num_layers=2, bidirectional=True),
        RNN(4, 5, num_layers=2, bidirectional=True),
        LSTM(4, 5, num_layers=2, bidirectional=True, zoneout=0.2),
    ],
    ids=["lstm", "peepholes", "projection", "gru", "rnn", "zoneout"],
)
def test_other_weights_hold_hidden_units_exactly_as_the_steps_do(layers: RecurrentLayers) -> None:
    batch, clamps = _batch(), _clamps(*_HIDDEN)
    layers.eval()
    with torch.no_grad():
        by_weights = run_by_weights(layers, batch, held_by_layer(layers, clamps))
        by_steps = run_clamped_reference(layers, batch, clamps)
        free = layers.run(batch).rows
    torch.testing.assert_close(by_weights, by_steps, rtol=1e-5, atol=1e-6)
    assert (by_weights - free).abs().max() > 0.05


@pytest.mark.parametrize(
    "layers", [GRU(4, 5, reset_after=False), LSTM(4, 5, layer_norm=True), LSTM(4, 5, bias=False)]
)
def test_where_weights_cannot_hold_a_unit_the_steps_do(layers: RecurrentLayers) -> None:
    layers.eval()
    clamps = _clamps(("l0.hidden.2", 0.7))
    with torch.no_grad():
        rows = run_clamped(layers, _batch(), clamps)
        expected = run_clamped_reference(layers, _batch(), clamps)
    assert torch.equal(rows, expected)
    assert (rows[:, 2] == 0.7).all()


def _loop(layer: LSTM, rows: Tensor, *, number: int, value: float) -> Tensor:
    """An LSTM of one layer whose cell `number` is held, spelled out."""
    w_ih, w_hh, b_ih, b_hh = layer.weights("l0")
    hidden, cell = torch.zeros(layer.hidden_size), torch.zeros(layer.hidden_size)
    cell[number] = value
    outputs = []
    for row in rows:
        i, f, g, o = (w_ih @ row + b_ih + w_hh @ hidden + b_hh).chunk(4)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        cell[number] = value
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        outputs.append(hidden)
    return torch.stack(outputs)


def test_a_held_cell_is_shown_by_its_own_output_gate_at_every_step() -> None:
    layer = LSTM(4, 5).eval()
    batch = _batch()
    with torch.no_grad():
        rows = run_clamped(layer, batch, _clamps(("l0.cell.3", 1.5)))
        for found, inputs in zip(batch.with_data(rows).split(), batch.split(), strict=True):
            if len(inputs):
                expected = _loop(layer, inputs, number=3, value=1.5)
                torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
        assert (rows - layer.run(batch).rows).abs().max() > 0.1


def test_a_hidden_unit_held_at_what_it_is_anyway_changes_nothing() -> None:
    layer = RNN(4, 5).eval()
    with torch.no_grad():
        for weight in layer.weights("l0"):
            weight[2] = 0.0  # unit 2 reads nothing: it is always 0
        free = layer.run(_batch()).rows
        held = run_clamped(layer, _batch(), _clamps(("l0.hidden.2", 0.0)))
    torch.testing.assert_close(held, free, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "name", "said"),
    [
        (LSTM(4, 5), "l2.hidden.0", "unknown layer 'l2'; known: l0"),
        (LSTM(4, 5), "l0.hidden.5", "unit l0.hidden.5: l0 has the units 0 to 4"),
        (LSTM(4, 5), "l0.forget.1", "only hidden and cell can be held, no gate"),
        (GRU(4, 5), "l0.cell.1", "only hidden can be held, no gate"),
        (LSTM(4, 5, peepholes=True), "l0.cell.1", "an LSTM with peepholes cannot be held"),
        (LSTM(4, 5, layer_norm=True), "l0.cell.1", "an LSTM with layer_norm cannot be held"),
        (LSTM(4, 5, proj_size=3), "l0.cell.1", "an LSTM with projection cannot be held"),
        (LSTM(4, 5, zoneout=(0.0, 0.1)), "l0.cell.1", "an LSTM with zoneout cannot be held"),
    ],
)
def test_what_cannot_be_held_is_refused_by_name(
    layers: RecurrentLayers, name: str, said: str
) -> None:
    layers.eval()
    with pytest.raises(OptionError, match=said):
        run_clamped(layers, _batch(), _clamps((name, 0.0)))


def test_a_unit_is_held_once_and_only_in_evaluation() -> None:
    layer = LSTM(4, 5)
    with pytest.raises(OptionError, match="evaluation mode"):
        run_clamped(layer, _batch(), _clamps(("l0.hidden.1", 0.0)))
    with pytest.raises(OptionError, match=r"l0\.hidden\.1 is held twice"):
        run_clamped(layer.eval(), _batch(), _clamps(("l0.hidden.1", 0.0), ("l0.hidden.1", 1.0)))
    with pytest.raises(OptionError, match="at least one unit"):
        run_clamped(layer, _batch(), [])
