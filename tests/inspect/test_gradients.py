from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from vartai.errors import InputError, OptionError
from vartai.inspect.memory.curve import Curve, Sizes
from vartai.inspect.memory.gradients import layer_memory
from vartai.inspect.memory.options import MemoryOptions
from vartai.inspect.memory.stacks import one_direction, run_layers
from vartai.kernels.reference.run import run_reference
from vartai.nn import GRU, LSTM, RNN, SLSTM, IndRNN, MinGRU, MinLSTM
from vartai.nn.both_ways import reversed_rows
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch

EVERY = MemoryOptions(positions=100)
FORMS: dict[str, Callable[[], RecurrentLayers]] = {
    "tanh": lambda: RNN(3, 4),
    "relu": lambda: RNN(3, 4, nonlinearity="relu"),
    "rnn-norm": lambda: RNN(3, 4, layer_norm=True),
    "lstm": lambda: LSTM(3, 4),
    "peepholes": lambda: LSTM(3, 4, peepholes=True, coupled=True),
    "projection": lambda: LSTM(3, 4, proj_size=2, layer_norm=True),
    "gru": lambda: GRU(3, 4),
    "gru-before": lambda: GRU(3, 4, reset_after=False),
    "zoneout": lambda: LSTM(3, 4, zoneout=(0.1, 0.3), learned_state=True),
}


def rows(*lengths: int, size: int = 3, dtype: torch.dtype = torch.float64) -> SequenceBatch:
    numbers = torch.Generator().manual_seed(5)
    data = torch.randn(sum(lengths), size, generator=numbers, dtype=dtype)
    return SequenceBatch(data, torch.tensor(lengths))


def reference_outputs(layers: RecurrentLayers, batch: SequenceBatch) -> Tensor:
    """The stack of one direction through the definition of its cell."""
    state = tuple(part.expand(len(batch), -1) for part in layers.fresh_state("l0"))
    noise = layers._noise.draw(batch, layers.state_sizes, training=False)
    return run_reference(layers.form, batch, state, layers.weights("l0"), noise=noise).outputs


def differences(outputs: Callable[[Tensor], Tensor], data: Tensor, step: int) -> Tensor:
    """``[T]``: norms of ∂(outputs of the last row)/∂(each row), by central differences."""
    half = 1e-6
    squares = torch.zeros(len(data), dtype=torch.float64)
    for row in range(len(data)):
        for column in range(data.size(1)):
            moved = data.clone()
            moved[row, column] += half
            above = outputs(moved)[step]
            moved[row, column] -= 2 * half
            squares[row] += ((above - outputs(moved)[step]) / (2 * half)).square().sum()
    return squares.sqrt()


@pytest.mark.parametrize("form", FORMS)
def test_the_curve_is_what_finite_differences_of_the_definition_give(form: str) -> None:
    torch.manual_seed(1)
    layers = FORMS[form]().double().eval()
    batch = rows(5)

    def outputs(data: Tensor) -> Tensor:
        with torch.no_grad():
            return reference_outputs(layers, batch.with_data(data))

    last = MemoryOptions(positions=1)
    found = layer_memory(layers, batch, options=last).back.mean
    wanted = differences(outputs, batch.data, 4).flip(0).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    single = {k: v.float() for k, v in layers.state_dict().items()}
    quick = FORMS[form]()
    quick.load_state_dict(single)
    core = layer_memory(quick, batch.with_data(batch.data.float()), options=last).back.mean
    np.testing.assert_allclose(core, wanted, rtol=1e-3)


@pytest.mark.parametrize("cell", [MinGRU, MinLSTM, IndRNN, SLSTM])
def test_cells_without_hidden_products_have_a_curve_too(cell: type) -> None:
    torch.manual_seed(1)
    layers = cell(3, 4, num_layers=2).double().eval()
    batch = rows(4)

    def outputs(data: Tensor) -> Tensor:
        with torch.no_grad():
            return run_layers(layers, batch.with_data(data))[0].data

    found = layer_memory(layers, batch, options=MemoryOptions(positions=1)).back.mean
    np.testing.assert_allclose(
        found, differences(outputs, batch.data, 3).flip(0).numpy(), rtol=1e-5
    )


def test_both_directions_of_two_layers_reach_back_and_ahead() -> None:
    torch.manual_seed(2)
    layers = LSTM(3, 4, num_layers=2, bidirectional=True).double().eval()
    batch = rows(5)

    def outputs(data: Tensor) -> Tensor:
        with torch.no_grad():
            return run_layers(layers, batch.with_data(data))[0].data

    found = layer_memory(layers, batch, options=EVERY)
    sizes = torch.stack([differences(outputs, batch.data, step) for step in range(5)])
    back = [sizes.diagonal(-k).mean().item() for k in range(5)]
    ahead = [sizes.diagonal(k).mean().item() for k in range(5)]
    np.testing.assert_allclose(found.back.mean, back, rtol=1e-6)
    assert found.ahead is not None
    np.testing.assert_allclose(found.ahead.mean, ahead, rtol=1e-6)
    assert found.back.pairs.tolist() == [5, 4, 3, 2, 1]


def linear_rnn(radius: float, size: int) -> RNN:
    """h' = relu(W h + x) of positive numbers, W a permutation times `radius`: a linear layer."""
    layers = RNN(size, size, nonlinearity="relu", bias=False).double()
    with torch.no_grad():
        layers.weight_ih_l0.copy_(torch.eye(size))
        layers.weight_hh_l0.copy_(radius * torch.eye(size, dtype=torch.float64).roll(1, 0))
    return layers


@pytest.mark.parametrize(
    ("radius", "verdict"), [(0.5, "vanishes"), (0.9, "fades"), (1.0, "holds"), (1.5, "explodes")]
)
def test_a_linear_layer_of_known_spectral_radius_has_the_known_curve(
    radius: float, verdict: str
) -> None:
    batch = rows(21, 21, size=6)
    batch = batch.with_data(batch.data.abs())
    for of in ("outputs", "states"):
        memory = layer_memory(linear_rnn(radius, 6), batch, of=of)
        wanted = 6**0.5 * radius ** np.arange(21)
        np.testing.assert_allclose(memory.back.mean, wanted, rtol=1e-9)
        np.testing.assert_allclose(memory.back.low, memory.back.high, rtol=1e-9)
        assert memory.back.growth == pytest.approx(radius, rel=1e-6)
        assert memory.back.verdict == verdict
    length = memory.back.length()
    if radius < 1:
        assert length == pytest.approx(1 / np.log(1 / radius), rel=1e-6)
    else:
        assert length is None


def test_the_state_of_an_lstm_is_hidden_and_cell_of_all_layers() -> None:
    torch.manual_seed(3)
    layers = LSTM(3, 2, num_layers=2).double().eval()
    batch = rows(4)
    _, (hidden, cell) = layers(SequenceBatch(batch.data[:2], torch.tensor([2])))

    def after(state: Tensor) -> Tensor:
        h, c = state.view(2, 2, 1, 2)
        _, (h, c) = layers(SequenceBatch(batch.data[2:], torch.tensor([2])), (h, c))
        return torch.stack([h, c]).flatten()

    jacobian = torch.autograd.functional.jacobian(after, torch.stack([hidden, cell]).flatten())
    found = layer_memory(layers, batch, of="states", options=MemoryOptions(positions=1))
    assert found.back.mean[2] == pytest.approx(float(jacobian.norm()), rel=1e-9)
    assert found.back.mean[0] == pytest.approx(8**0.5)


def test_random_projections_are_near_the_whole_and_say_so() -> None:
    torch.manual_seed(4)
    layers = GRU(3, 40).double()
    batch = rows(*[12] * 12)
    whole = layer_memory(layers, batch)
    drawn = layer_memory(layers, batch, options=MemoryOptions(projections=30))
    assert (whole.projections, drawn.projections) == (None, 30)
    assert "whole" in whole.norm
    assert "30 random projections" in drawn.norm
    assert (whole.back.mean != drawn.back.mean).all()
    np.testing.assert_allclose(drawn.back.mean, whole.back.mean, rtol=0.1)


def test_one_direction_by_itself_is_that_of_the_stack() -> None:
    torch.manual_seed(5)
    layers = GRU(3, 4, num_layers=2, bidirectional=True, learned_state=True).double().eval()
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.add_(torch.randn_like(parameter) / 5)
    batch = rows(4, 0, 3)
    traces = layers(batch, trace=True)[2]
    for name in ("l0", "l0_reverse", "l1", "l1_reverse"):
        alone, own = one_direction(layers, name, batch)
        found, _ = run_layers(alone, own)
        if name.endswith("_reverse"):
            found = reversed_rows(found)
        torch.testing.assert_close(found.data, traces[name].hidden.data)


def test_states_of_two_directions_are_refused_and_one_direction_is_not() -> None:
    layers = LSTM(3, 4, bidirectional=True)
    batch = rows(5, dtype=torch.float32)
    with pytest.raises(OptionError, match="no state between two steps; choose .*: l0, l0_reverse"):
        layer_memory(layers, batch, of="states")
    assert layer_memory(layers, batch, of="states", layer="l0_reverse").ahead is None
    with pytest.raises(OptionError, match="unknown layer 'l1'; known: l0, l0_reverse"):
        layer_memory(layers, batch, layer="l1")
    with pytest.raises(OptionError, match="unknown of 'gates'; known: outputs, states"):
        layer_memory(layers, batch, of="gates")


def test_a_text_of_one_token_has_no_distance_and_no_text_has_nothing() -> None:
    memory = layer_memory(LSTM(3, 4), rows(1, dtype=torch.float32))
    assert memory.back.longest == 0
    assert memory.back.verdict == "unknown"
    assert memory.back.growth is None
    assert memory.notes == ("No text has more than one token: there is no distance but 0.",)
    with pytest.raises(InputError, match="at least one step, found none"):
        layer_memory(LSTM(3, 4), rows(0, 0, dtype=torch.float32))


def test_layers_are_left_as_they_were() -> None:
    layers = LSTM(3, 4, dropout=0.5, num_layers=2).train()
    layers.weight_hh_l0.requires_grad_(False)
    layer_memory(layers, rows(3, dtype=torch.float32))
    assert layers.training
    assert not layers.weight_hh_l0.requires_grad
    assert layers.weight_ih_l0.requires_grad


def test_what_is_too_small_for_its_type_is_told_of() -> None:
    layers = linear_rnn(1e-4, 3).float()
    batch = rows(20, size=3, dtype=torch.float32)
    memory = layer_memory(layers, batch.with_data(batch.data.abs()))
    assert memory.back.lost_at is not None
    assert any("too small" in note for note in memory.notes)


def test_a_distance_that_few_texts_reach_is_left_out() -> None:
    layers = RNN(3, 4)
    assert layer_memory(layers, rows(*[3] * 20, 9, dtype=torch.float32)).back.longest == 2
    assert layer_memory(layers, rows(*[3] * 8, 9, dtype=torch.float32)).back.longest == 8


def sizes(*values: float) -> Sizes:
    count = len(values)
    return Sizes(np.zeros(count, np.int64), np.arange(count), np.array(values))


def test_a_length_is_read_between_two_distances_and_never_beyond_the_last() -> None:
    curve = Curve.of(sizes(1.0, 0.5, 0.25, 0.125), texts=1)
    assert curve.length(0.25) == pytest.approx(2)
    assert curve.length(2**-1.5) == pytest.approx(1.5)
    assert curve.length(0.1) is None
    assert curve.facts()["length_to_one_percent"] is None


def test_the_standard_error_is_that_of_the_means_of_texts() -> None:
    text, size = np.array([0, 0, 0, 1]), np.array([1.0, 2.0, 3.0, 6.0])
    curve = Curve.of(Sizes(text, np.zeros(4, np.int64), size), texts=2)
    assert curve.mean.tolist() == [3.0]
    # Means 2 and 6: a standard deviation of 2√2 over √2.
    assert curve.error[0] == pytest.approx(2.0)
    assert (curve.texts.tolist(), curve.pairs.tolist()) == ([2], [4])
    assert np.isnan(Curve.of(sizes(1.0), texts=1).error[0])


def test_numbers_that_are_not_finite_explode() -> None:
    curve = Curve.of(sizes(1.0, np.inf, np.nan), texts=1)
    assert curve.verdict == "explodes"
    assert curve.facts()["mean"] == [1.0, None, None]


def test_an_exploding_layer_in_float32_is_recognised() -> None:
    layers: SequenceLayers = RNN(4, 4, nonlinearity="relu")
    with torch.no_grad():
        layers.weight_hh_l0.copy_(20 * torch.eye(4))
    batch = rows(60, size=4, dtype=torch.float32)
    memory = layer_memory(layers, batch.with_data(batch.data.abs()))
    assert memory.back.verdict == "explodes"
