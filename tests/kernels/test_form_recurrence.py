"""Every form that the core has, and noise, against the definition, on each instruction set."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernels.cases import FORMS, LENGTHS, Case
from torch import Tensor

from vartai.kernels import form_recurrence
from vartai.kernels.direction import Noise
from vartai.kernels.form_recurrence import run_form
from vartai.kernels.forms import Form
from vartai.kernels.ops import run_direction
from vartai.kernels.reference.run import run_reference
from vartai.sequences import SequenceBatch

ALL = Form("lstm", "elu", peepholes=True, coupled=True, layer_norm=True)
CORE = {name: form for name, form in FORMS.items() if form_recurrence.has_form(form)} | {
    "lstm all but projection": ALL,
    "lstm peepholes layer norm": Form("lstm", peepholes=True, layer_norm=True),
    "gru elu layer norm": Form("gru", "elu", layer_norm=True),
    "lstm projection coupled": Form("lstm", coupled=True, projection=3),
    "lstm NIG layer norm projection": Form(
        "lstm", without=("input",), layer_norm=True, peepholes=True, projection=2
    ),
    "lstm one gate recurrent": Form(
        "lstm", coupled=True, without=("output",), gate_recurrence=True, output_activation="elu"
    ),
    "rnn sigmoid layer norm": Form("rnn", "sigmoid", layer_norm=True),
}


def assert_close(found: dict[str, Tensor], wanted: dict[str, Tensor], tolerance: float) -> None:
    """Tensor by tensor, by name, each by its own largest number."""
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        scale = max(1.0, float(value.detach().abs().max())) if value.numel() else 1.0
        torch.testing.assert_close(
            found[name].double(),
            value.double(),
            rtol=0,
            atol=tolerance * scale,
            msg=lambda m, name=name: f"{name}: {m}",
        )


def assert_agrees(
    form: Form,
    lengths: list[int],
    *,
    reverse: bool = False,
    noisy: bool = False,
    bias: bool = True,
    sizes: tuple[int, int] = (3, 5),
    tolerance: float = 5e-5,
) -> None:
    """In float32 through the core as in float64 by the definition."""
    single, double = (
        Case(form, lengths, dtype, noisy=noisy, bias=bias, sizes=sizes)
        for dtype in (torch.float32, torch.float64)
    )
    found = single.run(run_form, reverse=reverse)
    assert_close(found, double.run(run_reference, reverse=reverse), tolerance)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("noisy", [False, True], ids=["quiet", "noisy"])
@pytest.mark.parametrize("name", CORE)
def test_agrees_with_the_definition(
    name: str, noisy: bool, reverse: bool, instruction_set: str
) -> None:
    for bias in (True, False):
        assert_agrees(CORE[name], LENGTHS, noisy=noisy, reverse=reverse, bias=bias)


@pytest.mark.parametrize("hidden", [1, 2, 8, 17, 40, 70], ids=lambda n: f"H{n}")
@pytest.mark.parametrize("name", ["lstm layer norm", "lstm all", "gru layer norm", "gru all"])
def test_agrees_whatever_the_width(name: str, hidden: int, instruction_set: str) -> None:
    """Weights of size 0.7 make wide layers sensitive: few steps, and a wider tolerance."""
    sizes = (7, hidden)
    assert_agrees(CORE[name], [3, 0, 2, 2], noisy=True, sizes=sizes, tolerance=5e-4)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(sorted(CORE)),
    lengths=st.lists(st.integers(0, 6), max_size=20),
    sizes=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    reverse=st.booleans(),
    noisy=st.booleans(),
)
def test_agrees_whatever_the_shape(
    instruction_set: str,
    name: str,
    lengths: list[int],
    sizes: tuple[int, int],
    reverse: bool,
    noisy: bool,
) -> None:
    assert_agrees(CORE[name], lengths, reverse=reverse, noisy=noisy, sizes=sizes, tolerance=1e-3)


@pytest.mark.parametrize("name", CORE)
def test_more_rows_than_one_block_of_gradients_agree(name: str, instruction_set: str) -> None:
    """150 steps: the gradients of weights are formed in pieces."""
    assert_agrees(CORE[name], [150, 0, 13], tolerance=2e-3)


@pytest.mark.parametrize(
    "activation", ["relu", "hardtanh", "identity", "leaky_relu", "sigmoid", "softplus"]
)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_activation_agrees(cell: str, activation: str, instruction_set: str) -> None:
    assert_agrees(Form(cell, activation), [3, 2, 0], noisy=True, tolerance=5e-4)


@pytest.mark.parametrize("name", CORE)
def test_shares_of_zoneout_agree(name: str) -> None:
    """As in evaluation."""
    found = []
    for dtype, run in ((torch.float32, run_form), (torch.float64, run_reference)):
        case = Case(CORE[name], LENGTHS, dtype)
        case.noise = Noise(None, 0.25, 0.5)
        found.append(case.run(run))
    assert_close(found[0], found[1], 5e-5)


@pytest.mark.parametrize("name", CORE)
def test_memory_left_unwritten_would_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All memory that the core is given holds NaN; none of it may be seen."""
    empty_like = torch.empty_like
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    new_empty = Tensor.new_empty
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s: new_empty(t, *s).fill_(torch.nan))
    assert_agrees(CORE[name], LENGTHS, noisy=True, sizes=(3, 13), tolerance=5e-4)


@pytest.mark.parametrize("name", CORE)
def test_a_row_does_not_depend_on_the_rows_beside_it(name: str, instruction_set: str) -> None:
    """Alone or in any batch, bit for bit."""
    lengths = [23, 5, 0, 14, 14, 40, 1, 9, 30]
    case = Case(CORE[name], lengths, torch.float32, sizes=(7, 21))
    with torch.no_grad():
        together = run_form(case.form, case.batch, case.state, case.weights)
        pieces = zip(
            case.batch.split(), case.batch.with_data(together.outputs).split(), strict=True
        )
        for place, (rows, wanted) in enumerate(pieces):
            batch = SequenceBatch(rows, case.lengths[place : place + 1])
            start = tuple(part[place : place + 1] for part in case.state)
            alone = run_form(case.form, batch, start, case.weights)
            assert torch.equal(alone.outputs, wanted), place
            for one, other in zip(alone.final, together.final, strict=True):
                assert torch.equal(one[0], other[place]), place


@pytest.mark.parametrize("name", CORE)
def test_a_run_repeats_bit_for_bit_and_threads_change_no_output(name: str, threads: None) -> None:
    case = Case(CORE[name], [9, 3, 12, 0, 7] * 8, torch.float32, noisy=True, sizes=(6, 8))
    torch.set_num_threads(2)
    first, second = (case.run(run_form) for _ in range(2))
    torch.set_num_threads(1)
    single = case.run(run_form)
    for key, value in first.items():
        assert torch.equal(value, second[key]), key
        if not key.startswith("d_"):
            assert torch.equal(value, single[key]), key
    assert_close(first, single, 1e-4)


@pytest.mark.parametrize("name", [name for name in CORE if len(CORE[name].gates) > 1])
def test_two_gates_that_change_places_are_seen(name: str) -> None:
    case = Case(CORE[name], LENGTHS, torch.float32)
    before = run_form(case.form, case.batch, case.state, case.weights).outputs
    for place in range(2):
        first, second, *rest = case.weights[place].chunk(len(case.form.gates))
        weights = list(case.weights)
        weights[place] = torch.cat([second, first, *rest])
        after = run_form(case.form, case.batch, case.state, tuple(weights)).outputs
        assert (before - after).abs().max() > 1e-2, case.names[place]


@pytest.mark.parametrize("name", CORE)
def test_a_second_derivative_agrees_with_the_definition(name: str) -> None:
    """As in a penalty on the norm of a gradient."""

    def penalty(run: object, dtype: torch.dtype) -> dict[str, Tensor]:
        case = Case(CORE[name], [2, 0, 3], dtype, noisy=True)
        outputs = run(  # type: ignore[operator]
            case.form, case.batch, case.state, case.weights, noise=case.noise
        ).outputs
        (d_rows,) = torch.autograd.grad(outputs.square().sum(), case.rows, create_graph=True)
        leaves = case.leaves
        found = torch.autograd.grad(
            d_rows.square().sum(), list(leaves.values()), materialize_grads=True
        )
        return dict(zip(leaves, found, strict=True))

    assert_close(penalty(run_form, torch.float32), penalty(run_reference, torch.float64), 1e-3)


def test_the_door_gives_the_core_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def run(form: Form, batch: SequenceBatch, *_: object, **__: object) -> None:
        taken.append((form, batch.data.dtype))

    monkeypatch.setattr(form_recurrence, "run_form", run)
    names = ("lstm layer norm", "lstm projection", "gru reset before", "lstm NFG", "lstm FGR")
    for name in names:
        for dtype in (torch.float32, torch.float64):
            case = Case(FORMS[name], [2, 1], dtype)
            run_direction(case.form, case.batch, case.state, case.weights)
    assert taken == [(FORMS[name], torch.float32) for name in names]


def test_all_forms_are_in_the_core_but_projected_ones_whose_gates_are_recurrent() -> None:
    missing = [name for name, form in FORMS.items() if not form_recurrence.has_form(form)]
    assert missing == ["lstm some gates recurrent"]
    case = Case(FORMS[missing[0]], [2, 1], torch.float32)
    assert not form_recurrence.takes(case.form, case.batch, case.state, case.weights, None)


def test_noise_that_learns_is_not_for_the_core() -> None:
    case = Case(FORMS["gru"], [2, 1], torch.float32, noisy=True)
    assert case.noise is not None
    assert case.noise.recurrent is not None
    arguments = (case.form, case.batch, case.state, case.weights)
    assert form_recurrence.takes(*arguments, case.noise)
    case.noise.recurrent.requires_grad_()
    assert not form_recurrence.takes(*arguments, case.noise)


def test_a_mask_that_does_not_fit_is_named_before_memory_is_touched() -> None:
    case = Case(FORMS["lstm"], [2, 1], torch.float32)
    rest = (case.batch, case.state, case.weights)
    with pytest.raises(ValueError, match=r"lstm: noise.recurrent must be \[2, 5\], was \[1, 5\]"):
        run_form(case.form, *rest, noise=Noise(torch.ones(1, 5)))
    for noise in (Noise(None, torch.ones(3, 4)), Noise(None, 0.0, torch.ones(3, 4))):
        with pytest.raises(ValueError, match=r"noise.zoneout_.* must be \[3, 5\], was \[3, 4\]"):
            run_form(case.form, *rest, noise=noise)
