"""The door to all paths against the definition: forward, traces and all gradients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernels.cases import FORMS, LENGTHS, Case, H, assert_same

from vartai.kernels import dense
from vartai.kernels.direction import Result
from vartai.kernels.forms import STANDARD
from vartai.kernels.ops import run_direction
from vartai.kernels.reference.run import run_reference
from vartai.kernels.step import run_step
from vartai.sequences import SequenceBatch

STANDARD_NAMES = list(STANDARD)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)], ids=["f64", "f32"]
)
@pytest.mark.parametrize("name", FORMS)
def test_agrees_with_the_definition(
    name: str, dtype: torch.dtype, tolerance: float, reverse: bool
) -> None:
    case = Case(FORMS[name], LENGTHS, dtype)
    found = case.run(run_direction, reverse=reverse)
    assert_same(found, case.run(run_reference, reverse=reverse), tolerance=tolerance)


@pytest.mark.parametrize("name", STANDARD_NAMES)
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_torch_operators_agree_with_the_definition(name: str, bias: bool) -> None:
    """The path of float64 and of other devices, when no trace is wanted."""
    case = Case(FORMS[name], LENGTHS, bias=bias)

    def run(*arguments: object, noise: None, keep: bool, reverse: bool) -> Result:
        result = run_direction(*arguments, reverse=reverse)  # type: ignore[arg-type]
        traced = run_reference(*arguments, reverse=reverse, keep=True)  # type: ignore[arg-type]
        return Result(result.outputs, result.final, traced.trace)

    for reverse in (False, True):
        found = case.run(run, reverse=reverse)
        assert_same(found, case.run(run_reference, reverse=reverse))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.integers(0, 12), min_size=1, max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_agrees_with_the_definition_whatever_the_lengths(
    name: str, lengths: list[int], reverse: bool, noisy: bool
) -> None:
    case = Case(FORMS[name], lengths, seed=len(lengths), noisy=noisy)
    found = case.run(run_direction, reverse=reverse)
    assert_same(found, case.run(run_reference, reverse=reverse), tolerance=1e-9)


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if len(form.gates) > 1])
def test_swapping_any_two_gates_changes_the_answer(name: str) -> None:
    """The data of these tests can see the order of the gates, in every form."""
    form = FORMS[name]
    case = Case(form, LENGTHS)
    outputs = run_reference(form, case.batch, case.state, case.weights).outputs
    count = len(form.gates)
    stacked = [weight.size(0) == count * H for weight in case.weights]
    for one in range(count):
        for other in range(one):
            order = list(range(count))
            order[one], order[other] = other, one
            swapped = tuple(
                torch.cat([weight.chunk(count)[place] for place in order]) if is_stacked else weight
                for weight, is_stacked in zip(case.weights, stacked, strict=True)
            )
            wrong = run_direction(form, case.batch, case.state, swapped).outputs
            assert (wrong - outputs).abs().max() > 1e-3, (one, other)


@pytest.mark.parametrize("name", FORMS)
def test_an_empty_sequence_keeps_its_state_exactly(name: str) -> None:
    case = Case(FORMS[name], [0, 3, 0], torch.float32)
    final = run_direction(case.form, case.batch, case.state, case.weights).final
    for before, after in zip(case.state, final, strict=True):
        assert torch.equal(before[[0, 2]], after[[0, 2]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
@pytest.mark.parametrize("name", FORMS)
def test_works_on_no_sequences_and_on_only_empty_ones(name: str, dtype: torch.dtype) -> None:
    for lengths in ([], [0, 0]):
        case = Case(FORMS[name], lengths, dtype)
        for keep in (False, True):
            found = run_direction(case.form, case.batch, case.state, case.weights, keep=keep)
            assert found.outputs.shape == (0, case.form.state_sizes(H)[0])
            assert [part.shape for part in found.final] == [part.shape for part in case.state]
            if found.trace is not None:
                assert [tuple(g.shape) for g in found.trace.gates.values()] == [(0, H)] * len(
                    case.form.traced
                )


def test_an_extreme_cell_state_outlives_its_sequence_unchanged() -> None:
    """What carries the cell past the end of a shorter sequence is exact, not merely close."""
    case = Case(FORMS["lstm"], [1, 12], torch.float32)
    huge = (case.state[0], case.state[1] * 1e4)
    alone = SequenceBatch(case.rows[:1], torch.tensor([1]))
    first = tuple(part[:1] for part in huge)
    with torch.inference_mode():
        _, (_, cells) = dense.run_dense("lstm", case.batch, huge, case.weights)
        _, (_, cell) = dense.run_dense("lstm", alone, first, case.weights)
    torch.testing.assert_close(cells[0], cell[0], rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", STANDARD_NAMES)
def test_a_trace_changes_nothing_and_carries_no_gradient(name: str) -> None:
    for dtype in (torch.float32, torch.float64):
        case = Case(FORMS[name], LENGTHS, dtype)
        plain = run_direction(case.form, case.batch, case.state, case.weights)
        traced = run_direction(case.form, case.batch, case.state, case.weights, keep=True)
        torch.testing.assert_close(traced.outputs, plain.outputs)
        assert plain.trace is None
        assert traced.trace is not None
        kept = [traced.trace.hidden, *traced.trace.gates.values()]
        assert not any(tensor.requires_grad for tensor in kept)
        if dtype == torch.float32:
            assert torch.equal(traced.outputs, plain.outputs)


@pytest.mark.parametrize("name", STANDARD_NAMES)
def test_one_step_is_the_definition_of_one_step(name: str) -> None:
    case = Case(FORMS[name], [1, 1, 1])
    found = run_step(case.form.operator, case.rows, case.state, case.weights)
    wanted = run_reference(case.form, case.batch, case.state, case.weights).final
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)
