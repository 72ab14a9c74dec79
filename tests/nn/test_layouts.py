"""Forms of sequences: what goes in comes out in the same form, and what cannot be is refused."""

from __future__ import annotations

import pytest
import torch
from tests.nn.cases import LENGTHS, VARIANTS, D, H, build, parts
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

from vartai.sequences import SequenceBatch


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_nested_tensor_comes_out_nested_with_the_same_sequences(variant: str) -> None:
    layer = build(variant, bidirectional=True)
    batch = SequenceBatch(torch.randn(sum(LENGTHS), D, dtype=torch.float64), torch.tensor(LENGTHS))
    nested = torch.nested.nested_tensor(batch.split(), layout=torch.jagged, requires_grad=True)
    outputs, final = layer(nested)
    wanted, wanted_final = layer(batch)
    assert outputs.is_nested
    assert outputs.layout == torch.jagged
    assert torch.equal(outputs.offsets(), batch.offsets)
    torch.testing.assert_close(outputs.values(), wanted.data)
    for one, other in zip(parts(final), parts(wanted_final), strict=True):
        torch.testing.assert_close(one, other)
    (gradient,) = torch.autograd.grad(outputs.values().sum(), nested)
    assert gradient.values().all()


def test_outputs_and_inputs_of_one_nested_size_may_be_added() -> None:
    """The ragged dimension of the outputs is that of the inputs, not another of equal lengths."""
    nested = torch.nested.nested_tensor([torch.randn(n, H) for n in (3, 1)], layout=torch.jagged)
    layer = build("GRU").float()
    squeezed = torch.nested.nested_tensor_from_jagged(nested.values()[:, :D], nested.offsets())
    outputs, _ = layer(squeezed)
    assert (outputs + nested).shape == nested.shape


@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_a_packed_sequence_keeps_its_order_in_ties_too(enforce_sorted: bool) -> None:
    theirs = torch.nn.GRU(D, H)
    layer = build("GRU").float()
    layer.load_state_dict(theirs.state_dict())
    lengths = [5, 3, 3, 3, 1] if enforce_sorted else [3, 1, 3, 5, 3]
    packed = pack_sequence([torch.randn(n, D) for n in lengths], enforce_sorted=enforce_sorted)
    state = torch.randn(1, 5, H)
    outputs, final = layer(packed, state)
    wanted, wanted_final = theirs(packed, state)
    assert isinstance(outputs, PackedSequence)
    torch.testing.assert_close(outputs.data, wanted.data)
    torch.testing.assert_close(final, wanted_final)
    for name in ("batch_sizes", "sorted_indices", "unsorted_indices"):
        one, other = getattr(outputs, name), getattr(wanted, name)
        assert one is other is None or torch.equal(one, other)


def test_a_packed_sequence_may_order_ties_as_it_likes() -> None:
    layer = build("GRU").float()
    rows = [torch.randn(n, D) for n in (3, 3, 5)]
    order = torch.tensor([2, 1, 0])
    data, batch_sizes, _, _ = pack_sequence([rows[place] for place in order])
    packed = PackedSequence(data, batch_sizes, order, order)
    outputs, final = layer(packed)
    assert torch.equal(outputs.sorted_indices, order)
    for place, alone in enumerate(rows):
        wanted, last = layer(alone)
        found = SequenceBatch.from_packed(outputs).split()[place]
        torch.testing.assert_close(found, wanted)
        torch.testing.assert_close(final[:, place], last)


def test_gradients_reach_padded_inputs_only_where_steps_are() -> None:
    layer = build("LSTM", batch_first=True)
    inputs = torch.randn(3, 6, D, dtype=torch.float64).requires_grad_()
    outputs, _ = layer(inputs, lengths=torch.tensor([2, 0, 6]))
    (gradient,) = torch.autograd.grad(outputs.sum(), inputs)
    assert gradient[0, :2].all()
    assert gradient[2].all()
    assert not gradient[0, 2:].any()
    assert not gradient[1].any()


def test_lengths_where_they_mean_nothing_or_do_not_fit_are_refused() -> None:
    layer = build("GRU")
    inputs = torch.zeros(4, 2, D, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"lengths must be whole numbers \[2\].* was \[3\]"):
        layer(inputs, lengths=torch.tensor([1, 2, 3]))
    with pytest.raises(ValueError, match="was .*torch.float32"):
        layer(inputs, lengths=torch.tensor([1.0, 2.5]))
    with pytest.raises(ValueError, match="length 5 of sequence 1 exceeds the 4 steps there are"):
        layer(inputs, lengths=torch.tensor([1, 5]))
    with pytest.raises(ValueError, match="lengths belong to a padded batch; inputs was one seq"):
        layer(inputs[:, 0], lengths=torch.tensor([1]))
    packed = pack_padded_sequence(inputs, torch.tensor([4, 4]))
    with pytest.raises(ValueError, match="inputs was a PackedSequence"):
        layer(packed, lengths=torch.tensor([1, 1]))


def test_dimensions_that_no_form_has_are_refused() -> None:
    layer = build("GRU")
    with pytest.raises(ValueError, match=r"inputs must have 2 dimensions, or 3 with a batch, was"):
        layer(torch.zeros(2, 3, 4, D, dtype=torch.float64))
    with pytest.raises(ValueError, match="inputs must have rows of 1 dimensions"):
        layer(SequenceBatch(torch.zeros(4), torch.tensor([4])))
