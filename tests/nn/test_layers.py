"""`vartai.nn` beside `torch.nn`: same parameters, same answers."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import vartai.nn as ours
from vartai.errors import OptionError
from vartai.sequences import SequenceBatch

PAIRS = [
    pytest.param(getattr(ours, name), getattr(nn, name), extra, id=f"{name}-{extra or 'plain'}")
    for name in ("RNN", "LSTM", "GRU")
    for extra in (
        {},
        {"num_layers": 2, "bidirectional": True},
        {"bias": False, "bidirectional": True},
        {"batch_first": True},
        *([{"nonlinearity": "relu"}] if name == "RNN" else []),
    )
]


def both(
    ours_type: type, torch_type: type, extra: dict[str, object]
) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(1)
    theirs = torch_type(3, 5, **extra)
    mine = ours_type(3, 5, **extra)
    mine.load_state_dict(theirs.state_dict())
    return mine, theirs


def flat(state: object) -> list[torch.Tensor]:
    return list(state) if isinstance(state, tuple) else [state]  # type: ignore[list-item]


@pytest.mark.parametrize(("ours_type", "torch_type", "extra"), PAIRS)
def test_agrees_with_torch_on_a_dense_batch(
    ours_type: type, torch_type: type, extra: dict[str, object]
) -> None:
    mine, theirs = both(ours_type, torch_type, extra)
    inputs = torch.randn(7, 4, 3)
    outputs, state = mine(inputs)
    expected, expected_state = theirs(inputs)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(flat(state), flat(expected_state))


@pytest.mark.parametrize(("ours_type", "torch_type", "extra"), PAIRS)
def test_lengths_agree_with_a_packed_sequence_in_torch(
    ours_type: type, torch_type: type, extra: dict[str, object]
) -> None:
    mine, theirs = both(ours_type, torch_type, extra)
    first = bool(extra.get("batch_first"))
    lengths = torch.tensor([3, 7, 1, 5])
    inputs = torch.randn(4, 7, 3) if first else torch.randn(7, 4, 3)
    packed = pack_padded_sequence(inputs, lengths, batch_first=first, enforce_sorted=False)
    expected, expected_state = theirs(packed)
    rows, packed_state = mine(packed)
    torch.testing.assert_close(rows.data, expected.data)
    padded, state = mine(inputs, lengths=lengths)
    again = pack_padded_sequence(padded, lengths, batch_first=first, enforce_sorted=False)
    torch.testing.assert_close(again.data, expected.data)
    for found in (state, packed_state):
        torch.testing.assert_close(flat(found), flat(expected_state))


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_takes_and_returns_states_and_unbatched_inputs_like_torch(name: str) -> None:
    mine, theirs = both(getattr(ours, name), getattr(nn, name), {"num_layers": 2})
    state = torch.randn(2, 5)
    start = (state, state + 1) if name == "LSTM" else state
    inputs = torch.randn(6, 3)
    outputs, final = mine(inputs, start)
    expected, expected_final = theirs(inputs, start)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(flat(final), flat(expected_final))


def test_the_state_dict_is_that_of_torch() -> None:
    mine, theirs = both(ours.LSTM, nn.LSTM, {"num_layers": 2, "bidirectional": True})
    assert list(mine.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict(mine.state_dict())


def test_a_sequence_gives_the_same_alone_and_in_a_batch() -> None:
    torch.manual_seed(2)
    layer = ours.LSTM(3, 5, bidirectional=True).eval()
    batch = SequenceBatch(torch.randn(11, 3), torch.tensor([4, 0, 7]))
    with torch.inference_mode():
        together, (hidden, _) = layer(batch)
        alone, (hidden_alone, _) = layer(SequenceBatch(batch.data[:4], torch.tensor([4])))
    torch.testing.assert_close(together.data[:4], alone.data)
    torch.testing.assert_close(hidden[:, :1], hidden_alone)


def test_an_empty_sequence_is_legal_and_pads_to_zeros() -> None:
    layer = ours.GRU(3, 5, batch_first=True)
    outputs, hidden = layer(torch.randn(2, 6, 3), lengths=torch.tensor([0, 4]))
    assert outputs.shape == (2, 6, 5)
    assert not outputs[0].any()
    assert not outputs[1, 4:].any()
    assert not hidden[0, 0].any()


def test_dropout_acts_between_layers_in_training_only() -> None:
    torch.manual_seed(0)
    layer = ours.GRU(3, 5, num_layers=2, dropout=0.5)
    inputs = torch.randn(4, 2, 3)
    assert not torch.equal(layer(inputs)[0], layer(inputs)[0])
    layer.eval()
    assert torch.equal(layer(inputs)[0], layer(inputs)[0])


def test_options_out_of_bounds_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match="dropout must be at least 0 and below 1, was 1.5"):
        ours.GRU(3, 5, dropout=1.5)
    with pytest.raises(OptionError, match="unknown nonlinearity 'tan'"):
        ours.RNN(3, 5, nonlinearity="tan")
