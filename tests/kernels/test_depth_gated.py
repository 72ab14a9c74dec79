"""Depth-gated layers: the core in float32 against torch's operators in float64, and its limits."""

from __future__ import annotations

import pytest
import torch
from tests.kernels.cases import LENGTHS
from tests.kernels.test_form_recurrence import assert_close
from torch import Tensor

from vartai.kernels import depth_gated
from vartai.kernels.depth_gated import run_depth_gated
from vartai.kernels.reference.depth_gated_lstm import DepthGate, DepthGatedState, DepthGatedWeights
from vartai.sequences import SequenceBatch


class Case:
    """Random rows, weights and states of a layer; everything a gradient is asked for."""

    def __init__(
        self,
        lengths: list[int],
        dtype: torch.dtype,
        *,
        first: bool = False,
        bare: bool = False,
        sizes: tuple[int, int] = (3, 5),
    ) -> None:
        random = torch.Generator().manual_seed(0)

        def draw(*shape: int) -> Tensor:
            values = torch.randn(*shape, generator=random, dtype=torch.float64)
            return (0.6 * values).to(dtype).requires_grad_()

        inputs, hidden = sizes
        width = inputs if first else inputs + hidden
        self.rows = draw(sum(lengths), width)
        self.lengths = torch.tensor(lengths, dtype=torch.int64)
        self.state = DepthGatedState(draw(len(lengths), hidden), draw(len(lengths), hidden))
        self.weights = DepthGatedWeights(
            draw(4 * hidden, inputs),
            None if bare else draw(4 * hidden),
            draw(4 * hidden, hidden),
            None if bare else draw(3 * hidden),
            None
            if first
            else DepthGate(draw(hidden, inputs), None if bare else draw(hidden), draw(2 * hidden)),
        )

    @property
    def leaves(self) -> dict[str, Tensor]:
        depth = self.weights.depth
        named = {
            "rows": self.rows,
            **self.state._asdict(),
            **self.weights._asdict(),
            **({} if depth is None else {f"depth {n}": t for n, t in depth._asdict().items()}),
        }
        return {name: own for name, own in named.items() if isinstance(own, Tensor)}

    def run(self, *, reverse: bool = False) -> dict[str, Tensor]:
        batch = SequenceBatch(self.rows, self.lengths)
        result = run_depth_gated(batch, self.state, self.weights, reverse=reverse, keep=True)
        found = {"outputs and cells": result.outputs}
        found |= dict(zip(("final hidden", "final cell"), result.final, strict=True))
        total = sum(
            (r * torch.cos(torch.arange(r.numel())).view_as(r)).sum() for r in found.values()
        )
        leaves = self.leaves
        gradients = torch.autograd.grad(total, list(leaves.values()), materialize_grads=True)
        found |= {f"d_{name}": d for name, d in zip(leaves, gradients, strict=True)}
        assert result.trace is not None
        found |= {"trace hidden": result.trace.hidden, "trace cell": result.trace.cell}
        return found | {f"trace {name}": gate for name, gate in result.trace.gates.items()}


def assert_agrees(
    lengths: list[int],
    *,
    reverse: bool = False,
    first: bool = False,
    bare: bool = False,
    sizes: tuple[int, int] = (3, 5),
    tolerance: float = 5e-5,
) -> None:
    single, double = (
        Case(lengths, dtype, first=first, bare=bare, sizes=sizes)
        for dtype in (torch.float32, torch.float64)
    )
    assert_close(single.run(reverse=reverse), double.run(reverse=reverse), tolerance)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("first", [False, True], ids=["above", "first"])
def test_the_core_agrees_with_the_definition(
    first: bool, reverse: bool, instruction_set: str
) -> None:
    for bare in (False, True):
        assert_agrees(LENGTHS, first=first, bare=bare, reverse=reverse)


@pytest.mark.parametrize("hidden", [1, 8, 17, 40], ids=lambda n: f"H{n}")
def test_the_core_agrees_whatever_the_width(hidden: int, instruction_set: str) -> None:
    assert_agrees([3, 0, 2, 2], sizes=(7, hidden), tolerance=5e-4)


def test_more_rows_than_one_block_of_gradients_agree(instruction_set: str) -> None:
    assert_agrees([150, 0, 13], tolerance=2e-3)


def test_memory_left_unwritten_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """All memory that the core is given holds NaN; none of it may be seen."""
    empty_like = torch.empty_like
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    new_empty = Tensor.new_empty
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s: new_empty(t, *s).fill_(torch.nan))
    for first in (False, True):
        assert_agrees(LENGTHS, first=first, sizes=(3, 13), tolerance=5e-4)


def test_a_second_derivative_agrees_with_the_definition() -> None:
    found = []
    for dtype in (torch.float32, torch.float64):
        case = Case([2, 0, 3], dtype)
        batch = SequenceBatch(case.rows, case.lengths)
        outputs = run_depth_gated(batch, case.state, case.weights).outputs
        (d_rows,) = torch.autograd.grad(outputs.square().sum(), case.rows, create_graph=True)
        leaves = case.leaves
        own = torch.autograd.grad(
            d_rows.square().sum(), list(leaves.values()), materialize_grads=True
        )
        found.append(dict(zip(leaves, own, strict=True)))
    assert_close(found[0], found[1], 1e-3)


def test_float32_on_a_cpu_goes_to_the_core_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = []
    run = depth_gated.forward_depth_gated

    def watched(*given: object, **options: object) -> object:
        taken.append(True)
        return run(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(depth_gated, "forward_depth_gated", watched)
    for dtype in (torch.float64, torch.float32):
        Case([2, 1], dtype).run()
    assert taken == [True]


def test_tensors_that_do_not_fit_are_named_before_memory_is_touched() -> None:
    case = Case([2, 1], torch.float32)
    batch = SequenceBatch(case.rows, case.lengths)
    short = DepthGatedState(case.state.hidden, case.state.cell[:1])
    with pytest.raises(ValueError, match=r"depth-gated lstm: cell must be \[2, 5\], was \[1, 5\]"):
        run_depth_gated(batch, short, case.weights)
    narrow = case.weights._replace(peephole=case.weights.weight_ih[:14, 0])
    with pytest.raises(ValueError, match=r"depth-gated lstm: peephole must be \[15\], was \[14\]"):
        run_depth_gated(batch, case.state, narrow)
