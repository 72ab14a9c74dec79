"""Recurrent dropout, zoneout and learned initial states."""

from __future__ import annotations

import pytest
import torch
from tests.nn.cases import VARIANTS, D, H, build, parts

from vartai.errors import OptionError
from vartai.kernels.direction import Noise
from vartai.kernels.reference.run import run_reference
from vartai.nn import GRU, LSTM, RNN
from vartai.nn.layer_steps import LayerSteps
from vartai.nn.noise import NoiseShares
from vartai.nn.prepared_layers import prepare_layers
from vartai.sequences import SequenceBatch
from vartai.stream.stepped_layers import SteppedLayers

NOISY = {"recurrent_dropout": 0.4, "zoneout": 0.3}


@pytest.mark.parametrize("variant", VARIANTS)
def test_noise_is_drawn_anew_in_training_and_repeats_with_its_seed(variant: str) -> None:
    layer = build(variant, num_layers=2, bidirectional=True, **NOISY)
    inputs = torch.randn(6, 3, D, dtype=torch.float64)

    def run(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return layer(inputs)[0]

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))


def test_recurrent_dropout_is_off_in_evaluation() -> None:
    layer = build("GRU", recurrent_dropout=0.4).eval()
    plain = build("GRU").eval()
    inputs = torch.randn(6, 3, D, dtype=torch.float64)
    assert torch.equal(layer(inputs)[0], plain(inputs)[0])


def test_recurrent_dropout_draws_one_mask_a_sequence_for_all_steps() -> None:
    """Whatever mask was drawn, the same run with it at every step gives the same rows."""
    layer = build("LSTM", recurrent_dropout=0.5)
    batch = SequenceBatch(torch.randn(9, D, dtype=torch.float64), torch.tensor([4, 0, 5]))
    torch.manual_seed(5)
    found, _ = layer(batch)
    torch.manual_seed(5)
    mask = batch.data.new_empty(3, H).bernoulli_(0.5) / 0.5
    zeros = batch.data.new_zeros(3, H)
    wanted = run_reference(
        layer.form, batch, (zeros, zeros), layer.weights("l0"), noise=Noise(mask)
    )
    torch.testing.assert_close(found.data, wanted.outputs)


def test_what_recurrent_dropout_keeps_is_scaled_so_that_the_mean_stays() -> None:
    batch = SequenceBatch(torch.zeros(0, D), torch.zeros(40_000, dtype=torch.int64))
    noise = NoiseShares.of(0.3, 0.0).draw(batch, (2,), training=True)
    assert noise.recurrent.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert noise.recurrent.mean().item() == pytest.approx(1.0, abs=0.01)


def test_zoneout_keeps_old_states_bit_for_bit_in_training() -> None:
    layer = build("GRU", zoneout=0.5)
    inputs = torch.randn(30, 1, D, dtype=torch.float64)
    outputs, _ = layer(inputs)
    same = outputs[1:] == outputs[:-1]
    assert 0.3 < same.double().mean().item() < 0.7
    assert not (build("GRU")(inputs)[0].diff(dim=0) == 0).any()


def test_zoneout_in_evaluation_is_the_expectation_of_that_in_training() -> None:
    """Over one step, exactly linear in the mask: the mean over many draws."""
    layer = build("LSTM", zoneout=(0.2, 0.6))
    inputs = torch.randn(1, 1, D, dtype=torch.float64)
    state = tuple(torch.randn(1, 1, H, dtype=torch.float64) for _ in range(2))
    many = 20_000
    with torch.inference_mode():
        layer.eval()
        _, expected = layer(inputs, state)
        layer.train()
        _, drawn = layer(inputs.expand(1, many, D), tuple(s.expand(1, many, H) for s in state))
    for one, other in zip(expected, drawn, strict=True):
        torch.testing.assert_close(other.mean(1, keepdim=True), one, rtol=0, atol=0.02)


def test_zoneout_shares_belong_to_hidden_and_cell_in_this_order() -> None:
    layer = build("LSTM", zoneout=(0.0, 0.5)).eval()
    inputs = torch.randn(1, 1, D, dtype=torch.float64)
    state = tuple(torch.randn(1, 1, H, dtype=torch.float64) for _ in range(2))
    hidden, cell = layer(inputs, state)[1]
    plain_hidden, plain_cell = build("LSTM")(inputs, state)[1]
    torch.testing.assert_close(hidden, plain_hidden)
    torch.testing.assert_close(cell, 0.5 * state[1] + 0.5 * plain_cell)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_learned_state_stands_in_for_one_not_given_and_gets_its_gradient(variant: str) -> None:
    layer = build(variant, learned_state=True, bidirectional=True)
    plain = build(variant, bidirectional=True)
    plain.load_state_dict(
        {k: v for k, v in layer.state_dict().items() if not k.startswith("initial")}
    )
    inputs = torch.randn(4, 3, D, dtype=torch.float64)
    learned = [layer.fresh_state(suffix) for suffix in ("l0", "l0_reverse")]
    stacked = [
        torch.stack(part).detach().unsqueeze(1).expand(-1, 3, -1).clone().requires_grad_()
        for part in zip(*learned, strict=True)
    ]
    state = tuple(stacked) if len(stacked) > 1 else stacked[0]
    found, wanted = layer(inputs)[0], plain(inputs, state)[0]
    torch.testing.assert_close(found, wanted)
    wanted_gradients = torch.autograd.grad(wanted.square().sum(), stacked)
    for direction, of_direction in enumerate(learned):
        gradients = torch.autograd.grad(found.square().sum(), of_direction, retain_graph=True)
        for one, other in zip(gradients, wanted_gradients, strict=True):
            torch.testing.assert_close(one, other[direction].sum(0))


def test_a_given_state_takes_the_place_of_a_learned_one() -> None:
    layer = build("GRU", learned_state=True)
    inputs = torch.randn(4, 3, D, dtype=torch.float64)
    outputs, _ = layer(inputs, torch.zeros(1, 3, H, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(outputs.sum(), layer.initial_hidden_l0, allow_unused=True)
    assert gradient is None or not gradient.any()


def test_learned_states_begin_at_zero() -> None:
    layer = LSTM(D, H, learned_state=True)
    assert not layer.initial_hidden_l0.any()
    assert not layer.initial_cell_l0.any()


def test_shares_out_of_bounds_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match="recurrent_dropout must be at least 0 and below 1"):
        RNN(D, H, recurrent_dropout=1.0)
    with pytest.raises(OptionError, match="zoneout must be at least 0 and below 1, was -0.1"):
        GRU(D, H, zoneout=-0.1)
    with pytest.raises(OptionError, match="zoneout must be a share, or one of hidden and one of"):
        LSTM(D, H, zoneout=(0.1, 0.1, 0.1))


def test_a_sequence_without_noise_ends_where_its_state_says() -> None:
    layer = build("RNN layer norm", zoneout=0.2).eval()
    inputs = torch.randn(4, 2, D, dtype=torch.float64)
    outputs, final = layer(inputs)
    torch.testing.assert_close(outputs[-1], parts(final)[0][0])


@pytest.mark.parametrize("variant", ["RNN", "LSTM", "GRU"])
def test_a_step_knows_of_zoneout_wherever_it_is_taken(variant: str) -> None:
    layer = build(variant, zoneout=0.5).float().eval()
    inputs = torch.randn(5, 1, D)
    wanted = layer(inputs)[0]
    stepped = SteppedLayers(layer)
    rows = stepped.fresh()
    for step, expected in zip(inputs, wanted, strict=True):
        found, rows = stepped.step(step, rows)
        torch.testing.assert_close(found, expected)
    with pytest.raises(OptionError, match="only layers of a standard cell"):
        prepare_layers(layer)
    with pytest.raises(OptionError, match="without zoneout"):
        LayerSteps(layer, packed=False)


def test_a_pair_of_shares_is_for_what_has_a_cell() -> None:
    with pytest.raises(OptionError, match=r"one share, for there is no cell: \(0.0, 0.9\)"):
        GRU(3, 8, zoneout=(0.0, 0.9))  # type: ignore[arg-type]
