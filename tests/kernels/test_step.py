"""Single steps: with weights as they are, and with weights packed once."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.forms import STANDARD
from vartai.kernels.recurrence import run_recurrence
from vartai.kernels.reference.cells import reference_step
from vartai.kernels.step import run_step
from vartai.sequences import SequenceBatch

SIZES = [(1, 3, 5), (1, 1, 1), (0, 4, 3), (3, 17, 33), (7, 100, 130), (2, 8, 200), (5, 64, 64)]


class Work:
    """A random cell, its inputs and its state."""

    def __init__(
        self, cell: str, rows: int, inputs: int, hidden: int, *, bias: bool = True
    ) -> None:
        random = torch.Generator().manual_seed(rows + inputs + hidden)
        form = STANDARD[cell]
        self.cell = cell
        self.data = torch.randn(rows, inputs, generator=random)
        self.state = tuple(
            torch.randn(rows, size, generator=random) for size in form.state_sizes(hidden)
        )
        self.weights = tuple(
            torch.randn(shape, generator=random) * shape[-1] ** -0.5
            for shape in form.weight_shapes(inputs, hidden, bias=bias).values()
        )

    def defined(self) -> tuple[Tensor, ...]:
        state = tuple(part.double() for part in self.state)
        weights = tuple(weight.double() for weight in self.weights)
        return reference_step(STANDARD[self.cell], self.data.double(), state, weights)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", STANDARD)
def test_both_ways_agree_with_the_definition(
    cell: str, size: tuple[int, int, int], bias: bool, instruction_set: str
) -> None:
    work = Work(cell, *size, bias=bias)
    prepared = native.PreparedCell(cell, work.weights)
    for found in (
        native.step(cell, work.data, work.state, work.weights),
        prepared.step(work.data, work.state),
    ):
        for part, wanted in zip(found, work.defined(), strict=True):
            torch.testing.assert_close(part.double(), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("cell", STANDARD)
def test_a_prepared_cell_gives_bit_for_bit_what_the_layer_gives_at_once(
    cell: str, bias: bool, instruction_set: str
) -> None:
    work = Work(cell, 3, 21, 150, bias=bias)
    lengths = torch.tensor([19, 19, 19])
    rows = torch.randn(3, 19, 21, generator=torch.Generator().manual_seed(1))
    batch = SequenceBatch(rows.view(-1, 21), lengths)
    wanted = run_recurrence(cell, batch, work.state, work.weights)
    prepared, state = native.PreparedCell(cell, work.weights), work.state
    outputs = []
    for step in range(19):
        state = prepared.step(rows[:, step].contiguous(), state)
        outputs.append(state[0])
    assert torch.equal(torch.stack(outputs, 1).view(-1, 150), wanted.outputs)
    for part, final in zip(state, wanted.final, strict=True):
        assert torch.equal(part, final)


@pytest.mark.parametrize("cell", STANDARD)
def test_a_row_does_not_depend_on_the_rows_beside_it(cell: str, instruction_set: str) -> None:
    work = Work(cell, 9, 30, 40)
    prepared = native.PreparedCell(cell, work.weights)
    together = (
        native.step(cell, work.data, work.state, work.weights),
        prepared.step(work.data, work.state),
    )
    for row in range(9):
        data, state = work.data[row : row + 1], tuple(p[row : row + 1] for p in work.state)
        alone = native.step(cell, data, state, work.weights), prepared.step(data, state)
        for one, all_rows in zip(alone, together, strict=True):
            for part, whole in zip(one, all_rows, strict=True):
                assert torch.equal(part[0], whole[row])


@pytest.mark.parametrize("cell", STANDARD)
def test_threads_change_nothing(cell: str, threads: None) -> None:
    work = Work(cell, 16, 300, 260)
    prepared = native.PreparedCell(cell, work.weights)
    found = []
    for count in (1, 2):
        torch.set_num_threads(count)
        found.append(native.step(cell, work.data, work.state, work.weights))
        found.append(prepared.step(work.data, work.state))
    for one, two in ((found[0], found[2]), (found[1], found[3])):
        for part, other in zip(one, two, strict=True):
            assert torch.equal(part, other)


@pytest.mark.parametrize("cell", STANDARD)
def test_memory_left_unwritten_would_show(
    cell: str, instruction_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(cell, 4, 6, 13)
    empty_like = torch.empty_like
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    prepared = native.PreparedCell(cell, work.weights)
    for found in (
        native.step(cell, work.data, work.state, work.weights),
        prepared.step(work.data, work.state),
    ):
        assert all(part.isfinite().all() for part in found)


def test_a_gradient_comes_from_torch_and_is_that_of_the_definition() -> None:
    work = Work("gru", 3, 4, 5)
    weights = tuple(weight.requires_grad_() for weight in work.weights)
    found = run_step("gru", work.data, work.state, weights)[0]
    wanted = work.defined()[0]
    for weight in weights:
        (got,) = torch.autograd.grad(found.square().sum(), weight, retain_graph=True)
        (expected,) = torch.autograd.grad(wanted.square().sum(), weight, retain_graph=True)
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("way", ["core", "torch"])
def test_what_does_not_fit_is_named_before_memory_is_touched(way: str) -> None:
    work = Work("lstm", 2, 3, 4)
    dtype = torch.float32 if way == "core" else torch.float64
    data, *rest = (t.to(dtype) for t in (work.data, *work.state, *work.weights))
    state, weights = tuple(rest[:2]), tuple(rest[2:])
    with pytest.raises(ValueError, match=r"lstm: data must be \[2, 3\], was \[2, 2\]"):
        run_step("lstm", data[:, :2], state, weights)
    with pytest.raises(ValueError, match=r"lstm: cell must be \[2, 4\], was \[1, 4\]"):
        run_step("lstm", data, (state[0], state[1][:1]), weights)
    with pytest.raises(ValueError, match=r"lstm: b_hh must be \[16\], was \[15\]"):
        run_step("lstm", data, state, (*weights[:3], weights[3][1:]))
    with pytest.raises(ValueError, match="lstm: expected 2 parts of the state, got 1"):
        run_step("lstm", data, state[:1], weights)


def test_a_prepared_cell_refuses_what_it_cannot_read() -> None:
    work = Work("gru", 2, 3, 4)
    prepared = native.PreparedCell("gru", work.weights)
    with pytest.raises(ValueError, match=r"data must be \[2, 3\], was \[2, 4\]"):
        prepared.step(torch.zeros(2, 4), work.state)
    with pytest.raises(ValueError, match="data must be contiguous float32 .* was torch.float64"):
        prepared.step(work.data.double(), work.state)
    with pytest.raises(ValueError, match="hidden must be contiguous .* not contiguous"):
        prepared.step(work.data, (torch.zeros(4, 2).T,))
    with pytest.raises(ValueError, match=r"W_hh must be \[12, 4\], was \[11, 4\]"):
        native.PreparedCell("gru", (work.weights[0], work.weights[1][1:]))
