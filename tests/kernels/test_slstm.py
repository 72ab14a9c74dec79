"""sLSTM: the layer against the definition, and the definition against the bare equations."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.kernels.reference.parallel import run_parallel
from vartai.kernels.reference.slstm import GATES, SLSTMState, recurrent_sums, slstm_step
from vartai.kernels.slstm import run_slstm
from vartai.sequences import SequenceBatch

D, HEADS, SIZE = 3, 2, 3
H = HEADS * SIZE


class Case:
    """Random rows, weights and states; the normaliser positive, as every step leaves it."""

    def __init__(
        self, lengths: list[int], *, scale: float = 0.8, heads: tuple[int, int] = (HEADS, SIZE)
    ) -> None:
        count, size = heads
        H = count * size
        random = torch.Generator().manual_seed(len(lengths))

        def draw(*shape: int) -> Tensor:
            return torch.randn(shape, generator=random, dtype=torch.float64) * scale

        self.lengths = torch.tensor(lengths, dtype=torch.int64)
        rows, w_ih, b_ih = draw(sum(lengths), D), draw(4 * H, D), draw(4 * H)
        hidden, cell, normaliser, stabiliser = draw(4, len(lengths), H)
        state = (hidden, cell, normaliser.abs() + 0.1, stabiliser)
        self.leaves = [rows, w_ih, b_ih, draw(count, size, 4, size), *state]

    def outputs(self, run: str, leaves: list[Tensor], *, reverse: bool = False) -> list[Tensor]:
        batch = SequenceBatch(leaves[0], self.lengths)
        weights = (leaves[1], leaves[2], leaves[3])
        state = SLSTMState(*leaves[4:])
        if run == "layer":
            found = run_slstm(batch, state, weights, reverse=reverse)
            outputs, final = found.outputs, SLSTMState(*found.final)
        else:
            outputs, final = run_parallel("slstm", batch, state, weights, reverse=reverse)
        return [outputs, *final]

    def run(self, run: str, dtype: torch.dtype, *, reverse: bool) -> list[Tensor]:
        """Outputs and final states, and the gradient of a lopsided sum in every leaf."""
        leaves = [leaf.to(dtype).requires_grad_() for leaf in self.leaves]
        results = self.outputs(run, leaves, reverse=reverse)
        total = sum((r * torch.cos(torch.arange(r.numel())).view_as(r)).sum() for r in results)
        return [*results, *torch.autograd.grad(total, leaves, materialize_grads=True)]


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 5e-5)], ids=["f64", "f32"]
)
def test_the_layer_agrees_with_the_definition(
    dtype: torch.dtype, tolerance: float, reverse: bool
) -> None:
    case = Case([4, 0, 7, 1, 9])
    found = case.run("layer", dtype, reverse=reverse)
    for one, other in zip(
        found, case.run("definition", torch.float64, reverse=reverse), strict=True
    ):
        torch.testing.assert_close(one.double(), other, rtol=tolerance, atol=tolerance)


def assert_core_agrees(case: Case, tolerance: float, *, reverse: bool = False) -> None:
    """In float32 through the core as in float64 by the definition, each by its largest number."""
    found = case.run("layer", torch.float32, reverse=reverse)
    wanted = case.run("definition", torch.float64, reverse=reverse)
    for one, other in zip(found, wanted, strict=True):
        scale = max(1.0, float(other.detach().abs().max())) if other.numel() else 1.0
        torch.testing.assert_close(one.double(), other, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("heads", [(1, 1), (1, 17), (3, 5), (2, 20), (1, 70)], ids=str)
def test_the_core_agrees_whatever_the_heads_on_memory_that_held_nan(
    heads: tuple[int, int], instruction_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_like, new_empty = torch.empty_like, Tensor.new_empty
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s: new_empty(t, *s).fill_(torch.nan))
    scale = heads[1] ** -0.5
    for reverse in (False, True):
        case = Case([4, 0, 7, 1, 9, 2], scale=min(0.8, scale), heads=heads)
        assert_core_agrees(case, 2e-4, reverse=reverse)


def test_the_core_agrees_over_more_rows_than_one_block_of_gradients(instruction_set: str) -> None:
    assert_core_agrees(Case([150, 0, 13], scale=0.4), 1e-3)


def test_threads_change_no_output_and_a_row_none_beside_it(threads: None) -> None:
    case = Case([9, 3, 12, 0, 7] * 8, scale=0.5)
    leaves = [leaf.float() for leaf in case.leaves]
    torch.set_num_threads(2)
    found = case.outputs("layer", leaves)
    torch.set_num_threads(1)
    for one, other in zip(found, case.outputs("layer", leaves), strict=True):
        assert torch.equal(one, other)
    alone = Case([12])
    alone.lengths = case.lengths[2:3]
    state = [part[2:3] for part in leaves[4:]]
    outputs = alone.outputs("layer", [leaves[0][12:24], *leaves[1:4], *state])[0]
    assert torch.equal(outputs, found[0][12:24])


def test_a_state_without_a_past_takes_the_input_gate_for_its_stabiliser(
    instruction_set: str,
) -> None:
    """From zeros, as every sequence begins; there the stabiliser has no gradient."""
    case = Case([5, 2])
    case.leaves[4:] = [torch.zeros_like(part) for part in case.leaves[4:]]
    assert_core_agrees(case, 5e-5)


def test_a_second_derivative_agrees_with_the_definition() -> None:
    case = Case([2, 0, 3])

    def penalty(run: str, dtype: torch.dtype) -> Tensor:
        leaves = [leaf.to(dtype).requires_grad_() for leaf in case.leaves]
        loss = case.outputs(run, leaves)[0].square().sum()
        (slope,) = torch.autograd.grad(loss, leaves[0], create_graph=True)
        return torch.autograd.grad(slope.square().sum(), leaves[3])[0]

    found, wanted = penalty("layer", torch.float32), penalty("definition", torch.float64)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-3, atol=1e-4)


def test_swapping_any_two_gates_changes_the_answer() -> None:
    """The data of these tests can see the order of the gates, in each of the three weights."""
    case = Case([4, 0, 7])
    outputs = case.outputs("layer", case.leaves)[0]
    for place, axis in ((1, 0), (2, 0), (3, 2)):
        for one in range(len(GATES)):
            for other in range(one):
                order = list(range(len(GATES)))
                order[one], order[other] = other, one
                blocks = case.leaves[place].chunk(len(GATES), dim=axis)
                leaves = list(case.leaves)
                leaves[place] = torch.cat([blocks[gate] for gate in order], dim=axis)
                wrong = case.outputs("layer", leaves)[0]
                assert (wrong - outputs).abs().max() > 1e-3, (place, one, other)


def naive(rows: Tensor, weights: tuple[Tensor, ...]) -> Tensor:
    """The paper's equations as they stand: exponentials without a stabiliser, from zero states."""
    w_ih, b_ih, recurrent = weights
    h = c = n = rows.new_zeros(H)
    found = []
    for x in rows:
        blocks = []
        for gate in range(4):
            heads = [h.view(HEADS, SIZE)[head] @ recurrent[head, :, gate] for head in range(HEADS)]
            blocks.append(torch.cat(heads))
        i, f, z, o = (w_ih @ x + b_ih + torch.cat(blocks)).view(4, H)
        c = f.sigmoid() * c + i.exp() * z.tanh()
        n = f.sigmoid() * n + i.exp()
        h = o.sigmoid() * c / n
        found.append(h)
    return torch.stack(found)


def test_the_stabiliser_changes_no_output_and_no_gradient() -> None:
    case = Case([8])
    leaves = [leaf.clone().requires_grad_() for leaf in case.leaves[:4]]
    zeros = [torch.zeros(1, H, dtype=torch.float64)] * 4
    found = case.outputs("layer", [*leaves, *zeros])[0]
    wanted = naive(leaves[0], tuple(leaves[1:]))
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
    weighting = torch.cos(torch.arange(wanted.numel())).view_as(wanted)
    for one, other in zip(
        torch.autograd.grad((found * weighting).sum(), leaves),
        torch.autograd.grad((wanted * weighting).sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


def test_sums_that_would_overflow_an_exponential_stay_finite() -> None:
    case = Case([6, 5])
    leaves = [leaf.float().requires_grad_() for leaf in case.leaves[:4]]
    zeros = [torch.zeros(2, H)] * 4
    scaled = [leaves[0] * 1000, *leaves[1:], *zeros]
    results = case.outputs("layer", scaled)
    assert all(result.isfinite().all() for result in results)
    assert (results[0].abs() <= 1).all()
    assert all(d.isfinite().all() for d in torch.autograd.grad(results[0].sum(), leaves))


def test_gradients_of_outputs_are_those_of_finite_differences() -> None:
    case = Case([3, 0, 2])
    leaves = [leaf.requires_grad_() for leaf in case.leaves]
    assert torch.autograd.gradcheck(lambda *given: case.outputs("layer", list(given))[0], leaves)


def test_heads_do_not_read_each_other() -> None:
    hidden = torch.randn(2, H)
    recurrent = torch.randn(HEADS, SIZE, 4, SIZE)
    sums = recurrent_sums(hidden, recurrent).view(2, 4, HEADS, SIZE)
    hidden[:, SIZE:] += 1
    again = recurrent_sums(hidden, recurrent).view(2, 4, HEADS, SIZE)
    assert torch.equal(sums[:, :, 0], again[:, :, 0])
    assert not torch.equal(sums[:, :, 1], again[:, :, 1])


def test_an_empty_sequence_keeps_its_state_exactly() -> None:
    case = Case([0, 3, 0])
    _, *final = case.outputs("layer", case.leaves)
    for before, after in zip(case.leaves[4:], final, strict=True):
        assert torch.equal(before[[0, 2]], after[[0, 2]])


def test_a_step_gives_a_named_state() -> None:
    case = Case([1])
    rows, w_ih, b_ih, recurrent, *state = case.leaves
    after = slstm_step(rows, SLSTMState(*state), (w_ih, b_ih, recurrent))
    assert after._fields == ("hidden", "cell", "normaliser", "stabiliser")
