"""The compiled core against the definition: every cell, width, length and instruction set."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels import native, recurrence
from vartai.kernels.direction import Result
from vartai.kernels.forms import STANDARD
from vartai.kernels.ops import run_direction
from vartai.kernels.recurrence import run_recurrence
from vartai.kernels.reference.run import run_reference
from vartai.sequences import SequenceBatch

CELLS = tuple(STANDARD)
GATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}
NAMES = ("rows", "w_ih", "w_hh", "b_ih", "b_hh", "hidden", "cell")


def define(
    cell: str,
    batch: SequenceBatch,
    state: tuple[Tensor, ...],
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
) -> Result:
    """The definition, by the cell's name."""
    return run_reference(STANDARD[cell], batch, state, weights, reverse=reverse)


class Layer:
    """Random rows, weights and states, scaled so that long sequences neither die nor explode."""

    def __init__(self, cell: str, lengths: list[int], inputs: int, hidden: int) -> None:
        random = torch.Generator().manual_seed(len(lengths) + hidden)
        self.cell = cell
        self.lengths = torch.tensor(lengths, dtype=torch.int64)

        def draw(*shape: int, scale: float = 1.0) -> Tensor:
            return torch.randn(shape, generator=random, dtype=torch.float64) * scale

        stacked = GATES[cell] * hidden
        self.leaves = [
            draw(sum(lengths), inputs),
            draw(stacked, inputs, scale=inputs**-0.5),
            draw(stacked, hidden, scale=0.8 * hidden**-0.5),
            draw(stacked, scale=0.3),
            draw(stacked, scale=0.3),
            *[draw(len(lengths), hidden) for _ in range(2 if cell == "lstm" else 1)],
        ]

    def run(self, run: object, dtype: torch.dtype, *, reverse: bool = False) -> dict[str, Tensor]:
        """Outputs and final states, and the gradient of a lopsided sum in every leaf."""
        leaves = [leaf.to(dtype).requires_grad_() for leaf in self.leaves]
        batch = SequenceBatch(leaves[0], self.lengths)
        found = run(  # type: ignore[operator]
            self.cell, batch, tuple(leaves[5:]), tuple(leaves[1:5]), reverse=reverse
        )
        results = [found.outputs, *found.final]
        total = sum((r * torch.cos(torch.arange(r.numel())).view_as(r)).sum() for r in results)
        gradients = torch.autograd.grad(total, leaves, materialize_grads=True)
        found = dict(zip(("outputs", "final_hidden", "final_cell"), results, strict=False))
        return found | {f"d_{n}": d for n, d in zip(NAMES, gradients, strict=False)}


def assert_agrees(layer: Layer, *, reverse: bool = False, tolerance: float = 2e-5) -> None:
    found = layer.run(run_recurrence, torch.float32, reverse=reverse)
    wanted = layer.run(define, torch.float64, reverse=reverse)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        scale = max(1.0, float(value.detach().abs().max())) if value.numel() else 1.0
        torch.testing.assert_close(
            found[name].double(),
            value,
            rtol=0,
            atol=tolerance * scale,
            msg=lambda m, name=name: f"{name}: {m}",
        )


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("hidden", [1, 5, 17, 33, 100, 128], ids=lambda n: f"H{n}")
@pytest.mark.parametrize("cell", CELLS)
def test_agrees_whatever_the_width(
    cell: str, hidden: int, reverse: bool, instruction_set: str
) -> None:
    assert_agrees(Layer(cell, [4, 0, 7, 1, 9, 2, 2], 3, hidden), reverse=reverse)


@pytest.mark.parametrize("cell", CELLS)
def test_agrees_whatever_the_number_of_sequences(cell: str, instruction_set: str) -> None:
    for count in [*range(1, 20), 70]:
        lengths = [(7 * place + count) % 6 for place in range(count)]
        assert_agrees(Layer(cell, lengths, 5, 9))


@pytest.mark.parametrize("cell", CELLS)
def test_agrees_over_many_steps(cell: str, instruction_set: str) -> None:
    assert_agrees(Layer(cell, [211, 0, 160, 13], 4, 8), tolerance=1e-4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cell=st.sampled_from(CELLS),
    lengths=st.lists(st.integers(0, 30), max_size=9),
    inputs=st.integers(1, 20),
    hidden=st.integers(1, 40),
    reverse=st.booleans(),
)
def test_agrees_whatever_the_shape(
    instruction_set: str, cell: str, lengths: list[int], inputs: int, hidden: int, reverse: bool
) -> None:
    assert_agrees(Layer(cell, lengths, inputs, hidden), reverse=reverse, tolerance=5e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_memory_left_unwritten_would_show(
    cell: str, instruction_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All memory that the core is given holds NaN; none of it may be seen."""
    empty_like = torch.empty_like
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    new_empty = Tensor.new_empty
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s: new_empty(t, *s).fill_(torch.nan))
    assert_agrees(Layer(cell, [4, 0, 17, 1, 9], 3, 13))


@pytest.mark.parametrize("cell", CELLS)
def test_a_row_does_not_depend_on_the_rows_beside_it(cell: str, instruction_set: str) -> None:
    """Alone or in any batch, bit for bit."""
    lengths = [23, 5, 0, 14, 14, 40, 1, 9, 30]
    layer = Layer(cell, lengths, 7, 21)
    rows, *weights = [leaf.float() for leaf in layer.leaves[:5]]
    state = tuple(leaf.float() for leaf in layer.leaves[5:])
    batch = SequenceBatch(rows, layer.lengths)
    result = run_recurrence(cell, batch, state, tuple(weights))
    together, final = result.outputs, result.final
    for place, (alone_rows, wanted) in enumerate(
        zip(batch.split(), batch.with_data(together).split(), strict=True)
    ):
        alone = SequenceBatch(alone_rows, layer.lengths[place : place + 1])
        start = tuple(part[place : place + 1] for part in state)
        found = run_recurrence(cell, alone, start, tuple(weights))
        assert torch.equal(found.outputs, wanted), place
        for one, other in zip(found.final, final, strict=True):
            assert torch.equal(one[0], other[place]), place


@pytest.mark.parametrize("cell", CELLS)
def test_a_run_repeats_bit_for_bit_and_threads_change_no_output(cell: str, threads: None) -> None:
    layer = Layer(cell, [9, 3, 12, 0, 7] * 20, 6, 24)
    torch.set_num_threads(2)
    first, second = (layer.run(run_recurrence, torch.float32) for _ in range(2))
    torch.set_num_threads(1)
    single = layer.run(run_recurrence, torch.float32)
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        if not name.startswith("d_"):
            assert torch.equal(value, single[name]), name
        torch.testing.assert_close(value, single[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("lengths", [[37], [29, 0], [13, 30, 1]])
@pytest.mark.parametrize("cell", CELLS)
def test_units_of_few_sequences_are_split_over_threads_and_no_bit_changes(
    cell: str, lengths: list[int], keep: bool, instruction_set: str, threads: None
) -> None:
    layer = Layer(cell, lengths, 11, 261)  # deeper than one pass over a panel, and no whole panels
    rows, *weights = [leaf.float() for leaf in layer.leaves[:5]]
    state = tuple(leaf.float() for leaf in layer.leaves[5:])
    found = []
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        batch = SequenceBatch(rows, layer.lengths)
        run = run_recurrence(cell, batch, state, tuple(weights), keep=keep)
        kept = [] if run.trace is None else list(run.trace.gates.values())
        found.append([run.outputs, *run.final, *kept])
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            assert torch.equal(one, same)


def test_threads_that_share_units_lose_no_part_in_many_calls(threads: None) -> None:
    layer = Layer("gru", [7], 3, 200)
    rows, *weights = [leaf.float() for leaf in layer.leaves[:5]]
    state = (layer.leaves[5].float(),)
    batch = SequenceBatch(rows, layer.lengths)
    torch.set_num_threads(1)
    alone = run_recurrence("gru", batch, state, tuple(weights)).outputs
    for count in (2, 3):
        torch.set_num_threads(count)
        for _ in range(1000):
            assert torch.equal(run_recurrence("gru", batch, state, tuple(weights)).outputs, alone)


@pytest.mark.parametrize("cell", CELLS)
def test_nan_stays_nan_in_its_own_sequence_and_touches_no_other(
    cell: str, instruction_set: str
) -> None:
    layer = Layer(cell, [6, 6], 3, 10)
    rows, *weights = [leaf.float() for leaf in layer.leaves[:5]]
    state = tuple(leaf.float() for leaf in layer.leaves[5:])
    rows[2, 1] = torch.nan
    found = run_recurrence(cell, SequenceBatch(rows, layer.lengths), state, tuple(weights))
    outputs, final = found.outputs, found.final
    assert not outputs[:2].isnan().any()
    assert outputs[2:6].isnan().all()
    assert not outputs[6:].isnan().any()
    assert final[0][0].isnan().all()


@pytest.mark.parametrize("cell", CELLS)
def test_huge_inputs_saturate_the_gates(cell: str, instruction_set: str) -> None:
    layer = Layer(cell, [5, 3], 3, 10)
    layer.leaves[0] *= 1e4
    found = layer.run(run_recurrence, torch.float32)
    wanted = layer.run(define, torch.float64)
    torch.testing.assert_close(found["outputs"].double(), wanted["outputs"], rtol=1e-4, atol=1e-5)
    assert all(value.isfinite().all() for value in found.values())


@pytest.mark.parametrize("cell", CELLS)
def test_rows_that_skip_in_memory_and_lack_a_bias_are_taken_as_they_are(cell: str) -> None:
    layer = Layer(cell, [3, 5], 4, 6)
    rows, w_ih, w_hh = [leaf.float() for leaf in layer.leaves[:3]]
    state = tuple(leaf.float() for leaf in layer.leaves[5:])
    wide = torch.stack([rows, -rows], dim=2)[:, :, 0]
    weights = (w_ih.T.contiguous().T, w_hh.T.contiguous().T)
    found = run_recurrence(cell, SequenceBatch(wide, layer.lengths), state, weights)
    zeros = torch.zeros(len(w_ih))
    batch = SequenceBatch(rows, layer.lengths)
    wanted = define(cell, batch, state, (w_ih, w_hh, zeros, zeros))
    torch.testing.assert_close(found.outputs, wanted.outputs, rtol=2e-5, atol=2e-5)


def test_the_door_gives_float32_to_the_core_and_float64_to_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = []
    monkeypatch.setattr(
        recurrence, "run_recurrence", lambda *a, **k: taken.append(a[1].data.dtype) or (None, ())
    )
    layer = Layer("gru", [2, 1], 3, 4)
    for dtype in (torch.float32, torch.float64):
        leaves = [leaf.to(dtype) for leaf in layer.leaves]
        batch = SequenceBatch(leaves[0], layer.lengths)
        run_direction(STANDARD["gru"], batch, (leaves[5],), tuple(leaves[1:5]))
    assert taken == [torch.float32]


def test_without_the_core_one_warning_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "HAS_CORE", False)
    recurrence._warn_of_absence.cache_clear()
    layer = Layer("lstm", [2], 3, 4)
    leaves = [leaf.float() for leaf in layer.leaves]
    batch = SequenceBatch(leaves[0], layer.lengths)
    with pytest.warns(RuntimeWarning, match="without its compiled core"):
        run_direction(STANDARD["lstm"], batch, tuple(leaves[5:]), tuple(leaves[1:5]))
    run_direction(STANDARD["lstm"], batch, tuple(leaves[5:]), tuple(leaves[1:5]))


def test_a_shape_that_does_not_fit_is_named_before_memory_is_touched() -> None:
    layer = Layer("lstm", [2, 3], 3, 4)
    rows, w_ih, w_hh, b_ih, b_hh, hidden, cell = [leaf.float() for leaf in layer.leaves]
    batch = SequenceBatch(rows, layer.lengths)
    with pytest.raises(ValueError, match=r"lstm: W_hh must be \[16, 4\], was \[16, 3\]"):
        run_recurrence("lstm", batch, (hidden, cell), (w_ih, w_hh[:, :3], b_ih, b_hh))
    with pytest.raises(ValueError, match=r"lstm: cell must be \[2, 4\], was \[1, 4\]"):
        run_recurrence("lstm", batch, (hidden, cell[:1]), (w_ih, w_hh, b_ih, b_hh))
    with pytest.raises(ValueError, match="1 states and 4 weights"):
        run_recurrence("lstm", batch, (hidden,), (w_ih, w_hh, b_ih, b_hh))


def test_an_unknown_instruction_set_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"unknown instruction set 'avx3'; known: .*portable"):
        native.use_instruction_set("avx3")


def test_a_bias_in_both_places_gets_both_gradients_once() -> None:
    layer = Layer("rnn_tanh", [3], 3, 4)
    found = []
    for dtype in (torch.float32, torch.float64):
        rows, w_ih, w_hh, bias, _, hidden = [leaf.to(dtype) for leaf in layer.leaves]
        bias.requires_grad_()
        batch, weights = SequenceBatch(rows, layer.lengths), (w_ih, w_hh, bias, bias)
        outputs = run_direction(STANDARD["rnn_tanh"], batch, (hidden,), weights).outputs
        found.append(torch.autograd.grad(outputs.square().sum(), bias, create_graph=True)[0])
    torch.testing.assert_close(found[0].double(), found[1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_second_derivative_agrees_with_the_definition(cell: str, reverse: bool) -> None:
    """As in a penalty on the norm of a gradient."""
    layer = Layer(cell, [2, 0, 3], 3, 4)

    def penalty(run: object) -> tuple[Tensor, ...]:
        leaves = [leaf.float().requires_grad_() for leaf in layer.leaves]
        batch = SequenceBatch(leaves[0] * 1.5, layer.lengths)
        outputs = run(  # type: ignore[operator]
            cell, batch, tuple(leaves[5:]), tuple(leaves[1:5]), reverse=reverse
        ).outputs
        (d_rows,) = torch.autograd.grad(outputs.square().sum(), leaves[0], create_graph=True)
        return torch.autograd.grad(d_rows.square().sum(), leaves, materialize_grads=True)

    for found, wanted in zip(penalty(run_recurrence), penalty(define), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)
