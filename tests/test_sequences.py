from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from vartai.sequences import SequenceBatch

lengths_lists = st.lists(st.integers(0, 6), min_size=1, max_size=7)


def numbered(lengths: list[int]) -> SequenceBatch:
    rows = torch.arange(sum(lengths) * 2, dtype=torch.float32).view(-1, 2)
    return SequenceBatch(rows, torch.tensor(lengths))


@given(lengths_lists, st.booleans())
def test_padding_and_back_changes_nothing(lengths: list[int], batch_first: bool) -> None:
    batch = numbered(lengths)
    padded = batch.padded(batch_first=batch_first, value=-1.0)
    again = SequenceBatch.from_padded(padded, batch.lengths, batch_first=batch_first)
    assert torch.equal(again.data, batch.data)
    assert (padded == -1).sum() == 2 * (len(lengths) * batch.steps - sum(lengths))


@given(st.lists(st.integers(1, 6), min_size=1, max_size=7))
def test_packing_and_back_keeps_the_order(lengths: list[int]) -> None:
    batch = numbered(lengths)
    again = SequenceBatch.from_packed(batch.packed())
    assert torch.equal(again.data, batch.data)
    assert again.lengths.tolist() == lengths


@given(st.lists(st.integers(1, 6), min_size=1, max_size=7))
def test_packing_gives_what_torch_packs(lengths: list[int]) -> None:
    batch = numbered(lengths)
    expected = pack_sequence(batch.split(), enforce_sorted=False)
    for found, wanted in zip(batch.packed(), expected, strict=True):
        assert torch.equal(found, wanted)


def test_rows_that_were_packed_sorted_stay_in_that_order() -> None:
    batch = numbered([3, 2, 2])
    again = SequenceBatch.from_packed(pack_sequence(batch.split()))
    assert torch.equal(again.data, batch.data)
    assert again.lengths.tolist() == [3, 2, 2]


def test_gradients_go_through_packing_and_back_twice() -> None:
    rows = torch.randn(7, 2, dtype=torch.float64, requires_grad=True)
    lengths = torch.tensor([2, 4, 1])

    def packed(data: torch.Tensor) -> torch.Tensor:
        return SequenceBatch(data, lengths).packed().data

    def unpacked(data: torch.Tensor) -> torch.Tensor:
        form = SequenceBatch(rows.detach(), lengths).packed()
        return SequenceBatch.from_packed(PackedSequence(data, *form[1:])).data

    for reorder in (packed, unpacked):
        assert torch.autograd.gradcheck(reorder, rows)
        assert torch.autograd.gradgradcheck(lambda data, r=reorder: r(data) ** 2, rows)


@given(lengths_lists)
def test_splitting_and_joining_changes_nothing(lengths: list[int]) -> None:
    batch = numbered(lengths)
    again = SequenceBatch.from_sequences(batch.split())
    assert torch.equal(again.data, batch.data)
    assert again.lengths.tolist() == lengths


def test_rows_know_their_sequence_and_its_ends() -> None:
    batch = numbered([2, 0, 3])
    assert batch.sequence_of_row().tolist() == [0, 0, 2, 2, 2]
    assert batch.first_rows().tolist() == [0, -1, 2]
    assert batch.last_rows().tolist() == [1, -1, 4]
    assert batch.steps == 3


def test_a_packed_sequence_cannot_hold_an_empty_one() -> None:
    with pytest.raises(ValueError, match="cannot hold length zero"):
        numbered([2, 0]).packed()


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (torch.tensor([2, -1]), "length -1 of sequence 1 is negative"),
        (torch.tensor([2, 2]), "lengths add up to 4 steps, but data has 3 rows"),
        (torch.tensor([3], dtype=torch.int32), "int64 tensor on the CPU, was .* torch.int32"),
        (torch.tensor([[3]]), "was 2-dimensional"),
    ],
)
def test_impossible_lengths_are_refused_by_name(lengths: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SequenceBatch(torch.zeros(3, 2), lengths)


def test_a_length_beyond_the_padded_steps_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="length 5 of sequence 1 exceeds the 4 steps"):
        SequenceBatch.from_padded(torch.zeros(4, 2, 3), torch.tensor([4, 5]))


@given(st.lists(st.integers(0, 12), max_size=6), st.integers(1, 13))
def test_cutting_keeps_every_row_in_its_place(lengths: list[int], steps: int) -> None:
    rows = torch.arange(float(sum(lengths)))
    batch = SequenceBatch(rows, torch.tensor(lengths, dtype=torch.int64))
    wanted = [piece for rows in batch.split() for piece in rows.split(steps) if len(piece)]
    found = batch.cut(steps).split()
    assert [piece.tolist() for piece in found] == [piece.tolist() for piece in wanted]
