"""The general path against the definition, and what only it can do."""

from __future__ import annotations

import pytest
import torch
from tests.kernels.cases import FORMS, LENGTHS, Case, assert_same
from torch import Tensor

from vartai.kernels.direction import Noise
from vartai.kernels.reference.run import run_reference
from vartai.kernels.stepwise import run_stepwise
from vartai.sequences import SequenceBatch


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("noisy", [False, True], ids=["quiet", "noisy"])
@pytest.mark.parametrize("name", FORMS)
def test_agrees_with_the_definition(name: str, noisy: bool, reverse: bool) -> None:
    for bias in (True, False):
        case = Case(FORMS[name], LENGTHS, noisy=noisy, bias=bias)
        found = case.run(run_stepwise, reverse=reverse)
        assert_same(found, case.run(run_reference, reverse=reverse))


@pytest.mark.parametrize("name", FORMS)
def test_every_gradient_is_that_of_finite_differences(name: str) -> None:
    case = Case(FORMS[name], [2, 0, 3], noisy=True)
    if case.form.activation == "relu":
        case.weights[-1].data += 3.0  # away from where relu has no derivative

    def run(rows: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        weights, state = rest[: len(case.weights)], rest[len(case.weights) :]
        batch = SequenceBatch(rows, case.lengths)
        found = run_stepwise(case.form, batch, state, weights, noise=case.noise)
        return found.outputs, *found.final

    assert torch.autograd.gradcheck(run, (case.rows, *case.weights, *case.state))


@pytest.mark.parametrize("name", ["lstm all", "gru all", "rnn layer norm"])
def test_second_derivatives_are_those_of_finite_differences(name: str) -> None:
    case = Case(FORMS[name], [2, 1])

    def run(rows: Tensor, *rest: Tensor) -> Tensor:
        weights, state = rest[: len(case.weights)], rest[len(case.weights) :]
        batch = SequenceBatch(rows, case.lengths)
        return run_stepwise(case.form, batch, state, weights).outputs

    assert torch.autograd.gradgradcheck(run, (case.rows, *case.weights, *case.state))


def test_shares_of_zoneout_blend_old_and_new_states() -> None:
    """As in evaluation: with one step, by the equation."""
    case = Case(FORMS["lstm"], [1, 1])
    plain = run_reference(case.form, case.batch, case.state, case.weights).final
    noise = Noise(None, 0.25, 0.5)
    found = run_stepwise(case.form, case.batch, case.state, case.weights, noise=noise).final
    for old, new, share, blended in zip(case.state, plain, (0.25, 0.5), found, strict=True):
        torch.testing.assert_close(blended, share * old + (1 - share) * new)


def test_a_full_recurrent_mask_cuts_all_recurrence() -> None:
    """The same mask at every step: a unit dropped once is dropped for the whole sequence."""
    case = Case(FORMS["gru reset before"], [5, 3])
    none = Noise(torch.zeros_like(case.state[0]))
    found = run_stepwise(case.form, case.batch, case.state, case.weights, noise=none)
    deaf = list(case.weights)
    deaf[1] = torch.zeros_like(deaf[1])
    wanted = run_reference(case.form, case.batch, case.state, tuple(deaf))
    torch.testing.assert_close(found.outputs, wanted.outputs)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_runs_in_every_float_type(dtype: torch.dtype) -> None:
    for name in ("lstm all", "gru all"):
        case = Case(FORMS[name], LENGTHS, dtype)
        found = run_stepwise(case.form, case.batch, case.state, case.weights)
        assert {t.dtype for t in (found.outputs, *found.final)} == {dtype}
        exact = Case(FORMS[name], LENGTHS)
        wanted = run_reference(exact.form, exact.batch, exact.state, exact.weights)
        torch.testing.assert_close(found.outputs.double(), wanted.outputs, rtol=0.1, atol=0.1)


def test_shapes_that_do_not_belong_together_are_named() -> None:
    case = Case(FORMS["lstm projection"], [2, 3])
    w_ih, w_hh, b_ih, b_hh, w_hr = case.weights
    hidden, cell = case.state

    def run(state: tuple[Tensor, ...], weights: tuple[Tensor, ...]) -> None:
        run_stepwise(case.form, case.batch, state, weights)

    with pytest.raises(ValueError, match=r"lstm: weight_hh must be \[20, 2\], was \[20, 1\]"):
        run((hidden, cell), (w_ih, w_hh[:, :1], b_ih, b_hh, w_hr))
    with pytest.raises(ValueError, match=r"lstm: weight_hr must be \[2, 5\], was \[5, 2\]"):
        run((hidden, cell), (w_ih, w_hh, b_ih, b_hh, w_hr.T))
    with pytest.raises(ValueError, match=r"lstm: hidden must be \[2, 2\], was \[2, 5\]"):
        run((cell, hidden), (w_ih, w_hh, b_ih, b_hh, w_hr))
    with pytest.raises(ValueError, match="lstm: expected 2 parts of the state, got 1"):
        run((hidden,), (w_ih, w_hh, b_ih, b_hh, w_hr))
    with pytest.raises(ValueError, match=r"lstm: data must be \[5, 2\], was \[5, 3\]"):
        run((hidden, cell), (w_ih[:, :2], w_hh, b_ih, b_hh, w_hr))
