"""Every faster path against the definition: forward and all gradients, ragged and asymmetric."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.ops import CELLS, run_direction
from vartai.kernels.reference import gru, lstm, rnn
from vartai.kernels.reference.run import run_reference
from vartai.sequences import SequenceBatch

GATES = {
    "rnn_tanh": len(rnn.GATES),
    "rnn_relu": len(rnn.GATES),
    "lstm": len(lstm.GATES),
    "gru": len(gru.GATES),
}
D, H = 3, 5


class Case:
    """Random rows, weights and states of one cell; everything a gradient is asked for."""

    def __init__(self, cell: str, lengths: list[int], dtype: torch.dtype, seed: int = 0) -> None:
        random = torch.Generator().manual_seed(seed)

        def draw(*shape: int) -> Tensor:
            values = torch.randn(*shape, generator=random, dtype=torch.float64)
            return (0.7 * values).to(dtype).requires_grad_()

        gates = GATES[cell]
        self.cell = cell
        self.lengths = torch.tensor(lengths)
        self.rows = draw(sum(lengths), D)
        shapes = [(gates * H, D), (gates * H, H), (gates * H,), (gates * H,)]
        self.weights = tuple(draw(*shape) for shape in shapes)
        self.state = tuple(draw(len(lengths), H) for _ in range(2 if cell == "lstm" else 1))

    def run(self, run: object, *, reverse: bool) -> list[Tensor]:
        """Outputs, final states, then the gradient of a lopsided sum in every leaf."""
        batch = SequenceBatch(self.rows, self.lengths)
        outputs, final = run(self.cell, batch, self.state, self.weights, reverse=reverse)  # type: ignore[operator]
        results = [outputs, *final]
        total = sum((r * torch.cos(torch.arange(r.numel())).view_as(r)).sum() for r in results)
        leaves = [self.rows, *self.weights, *self.state]
        return [*results, *torch.autograd.grad(total, leaves, materialize_grads=True)]


NAMES = [
    "outputs",
    "hidden",
    "cell",
    "d_rows",
    "d_w_ih",
    "d_w_hh",
    "d_b_ih",
    "d_b_hh",
    "d_hidden",
    "d_cell",
]


def assert_equal(cell: str, found: list[Tensor], wanted: list[Tensor], tolerance: float) -> None:
    names = [name for name in NAMES if cell == "lstm" or "cell" not in name]
    for name, one, other in zip(names, found, wanted, strict=True):
        torch.testing.assert_close(
            one, other, rtol=tolerance, atol=tolerance, msg=lambda m, name=name: f"{name}: {m}"
        )


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-5)], ids=["f64", "f32"]
)
@pytest.mark.parametrize("cell", CELLS)
def test_agrees_with_the_definition(
    cell: str, dtype: torch.dtype, tolerance: float, reverse: bool
) -> None:
    case = Case(cell, [4, 0, 7, 1, 9], dtype)
    found = case.run(run_direction, reverse=reverse)
    assert_equal(cell, found, case.run(run_reference, reverse=reverse), tolerance)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(CELLS), st.lists(st.integers(0, 20), min_size=1, max_size=6), st.booleans())
def test_agrees_with_the_definition_whatever_the_lengths(
    cell: str, lengths: list[int], reverse: bool
) -> None:
    case = Case(cell, lengths, torch.float64, seed=len(lengths))
    found = case.run(run_direction, reverse=reverse)
    assert_equal(cell, found, case.run(run_reference, reverse=reverse), 1e-10)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_swapping_any_two_gates_changes_the_answer(cell: str) -> None:
    """The data of these tests can see the order of the gates."""
    case = Case(cell, [4, 0, 7, 1, 9], torch.float64)
    outputs = case.run(run_reference, reverse=False)[0]
    for one in range(GATES[cell]):
        for other in range(one):
            order = list(range(GATES[cell]))
            order[one], order[other] = other, one
            swapped = tuple(
                torch.cat([w.chunk(GATES[cell])[place] for place in order]) for w in case.weights
            )
            batch = SequenceBatch(case.rows, case.lengths)
            wrong, _ = run_direction(cell, batch, case.state, swapped)
            assert (wrong - outputs).abs().max() > 1e-3, (one, other)


@pytest.mark.parametrize("cell", CELLS)
def test_an_empty_sequence_keeps_its_state_exactly(cell: str) -> None:
    case = Case(cell, [0, 3, 0], torch.float32)
    batch = SequenceBatch(case.rows, case.lengths)
    _, final = run_direction(cell, batch, case.state, case.weights)
    for before, after in zip(case.state, final, strict=True):
        assert torch.equal(before[[0, 2]], after[[0, 2]])


@pytest.mark.parametrize("cell", CELLS)
def test_works_on_no_sequences_and_on_only_empty_ones(cell: str) -> None:
    for lengths in ([], [0, 0]):
        case = Case(cell, lengths, torch.float32)
        batch = SequenceBatch(case.rows, torch.tensor(lengths, dtype=torch.int64))
        outputs, final = run_direction(cell, batch, case.state, case.weights)
        assert outputs.shape == (0, H)
        assert final[0].shape == (len(lengths), H)


def test_an_extreme_cell_state_outlives_its_sequence_unchanged() -> None:
    """What carries the cell past the end of a shorter sequence is exact, not merely close."""
    case = Case("lstm", [1, 12], torch.float32)
    huge = (case.state[0], case.state[1] * 1e4)
    together = SequenceBatch(case.rows, case.lengths)
    alone = SequenceBatch(case.rows[:1], torch.tensor([1]))
    first = tuple(part[:1] for part in huge)
    with torch.inference_mode():
        _, (_, cells) = run_direction("lstm", together, huge, case.weights)
        _, (_, cell) = run_direction("lstm", alone, first, case.weights)
    torch.testing.assert_close(cells[0], cell[0], rtol=1e-6, atol=0)


def test_an_unknown_cell_lists_the_known_ones() -> None:
    case = Case("gru", [2], torch.float32)
    batch = SequenceBatch(case.rows, case.lengths)
    with pytest.raises(OptionError, match=r"unknown cell 'gruu'; known: gru, lstm.*Did you mean"):
        run_direction("gruu", batch, case.state, case.weights)
