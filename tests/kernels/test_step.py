"""Single steps: with weights as they are, and with weights packed once."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.forms import STANDARD
from vartai.kernels.native.step import quick_step
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


def _rounded(weights: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Matrices rounded to bfloat16 by torch; biases as they are."""
    return tuple(w.bfloat16().float() if w.dim() == 2 else w for w in weights)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", STANDARD)
def test_bfloat16_gives_bit_for_bit_what_rounded_weights_give(
    cell: str, size: tuple[int, int, int], instruction_set: str
) -> None:
    """With an odd depth, with one row and two panels of it, with several rows."""
    work = Work(cell, *size)
    found = native.PreparedCell(cell, work.weights, bfloat16=True).step(work.data, work.state)
    exact = native.PreparedCell(cell, _rounded(work.weights)).step(work.data, work.state)
    for part, wanted in zip(found, exact, strict=True):
        assert torch.equal(part, wanted)


def test_bfloat16_rounds_as_torch_does(instruction_set: str) -> None:
    """Ties to even, infinity past the largest, NaN for NaN."""
    bits = torch.tensor([0x3F808000, 0x3F818000, 0x3F808001, 0x3F807FFF, 0x7F7FFFFF, 0x7F800000])
    values = torch.cat([bits.int().view(torch.float32), torch.tensor([torch.nan])])
    weights = (values[:, None], torch.zeros(7, 7))
    prepared = native.PreparedCell("rnn_relu", weights, bfloat16=True)
    found = prepared.step(torch.ones(1, 1), (torch.zeros(1, 7),))[0][0]
    torch.testing.assert_close(found, values.bfloat16().float(), rtol=0, atol=0, equal_nan=True)


def test_a_sum_with_bfloat16_is_off_by_one_part_in_256_of_its_products_at_most() -> None:
    """What the documentation promises; a tanh makes no difference larger."""
    work = Work("rnn_tanh", 6, 40, 50)
    exact = native.PreparedCell("rnn_tanh", work.weights).step(work.data, work.state)[0]
    rounded = native.PreparedCell("rnn_tanh", work.weights, bfloat16=True)
    off = (rounded.step(work.data, work.state)[0] - exact).abs()
    products = work.data.abs() @ work.weights[0].abs().T
    products += work.state[0].abs() @ work.weights[1].abs().T
    assert (off <= products / 256 + 1e-6).all()
    assert off.max() > 1e-4  # the weights were rounded


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("size", [(1, 3, 5), (0, 4, 3), (3, 17, 33), (2, 8, 40)], ids=str)
@pytest.mark.parametrize("cell", STANDARD)
def test_gradients_agree_with_those_of_the_definition(
    cell: str,
    size: tuple[int, int, int],
    bias: bool,
    instruction_set: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All memory that the core is given holds NaN."""
    empty_like, new_empty = torch.empty_like, Tensor.new_empty
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s: new_empty(t, *s).fill_(torch.nan))
    work = Work(cell, *size, bias=bias)
    tensors = (work.data, *work.state, *work.weights)
    for tensor in tensors:
        tensor.requires_grad_()
    found = run_step(cell, work.data, work.state, work.weights)
    wanted = work.defined()
    for chosen in (*((part,) for part in range(len(found))), range(len(found))):
        got = torch.autograd.grad(
            sum(_shape(found[part]) for part in chosen), tensors, retain_graph=True
        )
        expected = torch.autograd.grad(
            sum(_shape(wanted[part]) for part in chosen),
            tensors,
            retain_graph=True,
            allow_unused=True,
        )
        for one, other in zip(got, expected, strict=True):
            exact = torch.zeros_like(one) if other is None else other
            torch.testing.assert_close(one, exact, rtol=1e-4, atol=2e-5)


def _shape(part: Tensor) -> Tensor:
    """A number whose gradient is another at every unit."""
    weights = torch.linspace(-1, 1, part.numel(), dtype=part.dtype).view(part.shape)
    return (part * weights).sum()


@pytest.mark.parametrize("cell", STANDARD)
def test_only_what_is_trained_gets_a_gradient(cell: str) -> None:
    work = Work(cell, 2, 3, 4)
    work.weights[1].requires_grad_()
    found = run_step(cell, work.data, work.state, work.weights)
    found[0].square().sum().backward()
    assert work.weights[1].grad is not None
    others = (work.data, *work.state, work.weights[0], *work.weights[2:])
    assert all(tensor.grad is None for tensor in others)


@pytest.mark.parametrize("cell", STANDARD)
def test_a_second_derivative_of_a_step_agrees_with_the_definition(cell: str) -> None:
    work = Work(cell, 2, 3, 4)
    for tensor in (work.data, *work.state, *work.weights):
        tensor.requires_grad_()

    def penalty(after: tuple[Tensor, ...]) -> Tensor:
        loss = sum(part.pow(3).sum() for part in after)
        (slope,) = torch.autograd.grad(loss, work.data, create_graph=True)
        (again,) = torch.autograd.grad(slope.square().sum(), work.weights[1])
        return again

    found = penalty(run_step(cell, work.data, work.state, work.weights))
    torch.testing.assert_close(found, penalty(work.defined()), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", STANDARD)
def test_a_loop_over_steps_trains_as_the_layer_does(cell: str) -> None:
    work = Work(cell, 3, 6, 7)
    rows = torch.randn(3, 5, 6, generator=torch.Generator().manual_seed(1))
    weights = tuple(weight.requires_grad_() for weight in work.weights)
    batch = SequenceBatch(rows.view(-1, 6), torch.tensor([5, 5, 5]))
    layer = run_recurrence(cell, batch, work.state, weights)
    state, outputs = work.state, []
    for step in range(5):
        state = run_step(cell, rows[:, step], state, weights)
        outputs.append(state[0])
    loop = torch.stack(outputs, 1).view(-1, 7)
    torch.testing.assert_close(loop, layer.outputs, rtol=0, atol=1e-5)
    pairs = (
        torch.autograd.grad(_shape(o) + _shape(o.square()), weights) for o in (loop, layer.outputs)
    )
    for one, other in zip(*pairs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_tensors_with_gaps_and_subclasses_are_read_rightly() -> None:
    """The quick way reads headers: what it must not read goes the long way."""
    work = Work("gru", 4, 6, 5)
    wanted = work.defined()[0]
    gaps = torch.cat([work.data, work.data], 1)[:, :6]
    columns = work.state[0].T.contiguous().T
    for data, state in ((gaps, work.state), (work.data, (columns,))):
        assert not (data.is_contiguous() and state[0].is_contiguous())
        found = run_step("gru", data, state, work.weights)[0]
        torch.testing.assert_close(found.double(), wanted, rtol=0, atol=1e-5)

    class Own(Tensor):
        """As a library that records operations makes it."""

    own = work.data.as_subclass(Own)
    assert quick_step("gru", own, work.state, work.weights) is None
    assert isinstance(run_step("gru", own, work.state, work.weights)[0], Own)
    assert quick_step("gru", work.data.to_sparse(), work.state, work.weights) is None
    assert quick_step("gru", work.data.double(), work.state, work.weights) is None


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
