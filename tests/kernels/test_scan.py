"""Scans: the definition, the loop in torch and the compiled core, forward and all gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from vartai.errors import OptionError
from vartai.kernels.native.scan import KINDS
from vartai.kernels.reference import min_gru, min_lstm
from vartai.kernels.reference.parallel import run_parallel
from vartai.kernels.scan import diagonal_scan, run_scan
from vartai.kernels.scan_doubling import run_doubled
from vartai.kernels.scan_loop import decay_and_drive, run_looped
from vartai.sequences import SequenceBatch

CELLS = tuple(kind for kind in KINDS if kind != "diagonal")
Run = Callable[..., tuple[Tensor, Tensor]]


def run_defined(
    kind: str,
    inputs: tuple[Tensor, ...],
    lengths: Tensor,
    hidden: Tensor,
    *,
    recurrent: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """The definition, given the sums in place of inputs: its weights are the identity."""
    sums = torch.cat(inputs, dim=1)
    if kind == "diagonal":
        return defined_diagonal(sums, lengths, hidden, reverse=reverse)
    eye = torch.eye(sums.size(1), dtype=sums.dtype)
    weights = (eye, torch.zeros(sums.size(1), dtype=sums.dtype))
    weights += () if recurrent is None else (recurrent,)
    batch = SequenceBatch(sums, lengths)
    outputs, (final,) = run_parallel(kind, batch, (hidden,), weights, reverse=reverse)
    return outputs, final


def defined_diagonal(
    sums: Tensor, lengths: Tensor, hidden: Tensor, *, reverse: bool
) -> tuple[Tensor, Tensor]:
    outputs, finals = [], []
    for rows, h in zip(SequenceBatch(sums, lengths).split(), hidden, strict=True):
        found = []
        for row in rows.flip(0) if reverse else rows:
            a, b = row.chunk(2)
            h = a * h + b
            found.append(h)
        outputs += found[::-1] if reverse else found
        finals.append(h)
    return torch.stack(outputs) if outputs else hidden[:0], torch.stack([*finals, hidden[0]])[:-1]


def run_loop(
    kind: str,
    inputs: tuple[Tensor, ...],
    lengths: Tensor,
    hidden: Tensor,
    *,
    recurrent: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    batch = SequenceBatch(inputs[0], lengths)
    return run_looped(kind, inputs, batch, hidden, recurrent=recurrent, reverse=reverse)


def run_double(
    kind: str,
    inputs: tuple[Tensor, ...],
    lengths: Tensor,
    hidden: Tensor,
    *,
    recurrent: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    assert recurrent is None
    decay, drive = decay_and_drive(kind, inputs)
    return run_doubled(decay, SequenceBatch(drive, lengths), hidden, reverse=reverse)


class Case:
    """Random inputs, states and recurrent weights of one kind, lopsided in every direction."""

    def __init__(self, kind: str, lengths: list[int], hidden: int) -> None:
        random = torch.Generator().manual_seed(len(lengths) + hidden)

        def draw(*shape: int, scale: float = 1.0) -> Tensor:
            return torch.randn(shape, generator=random, dtype=torch.float64) * scale

        self.kind = kind
        self.lengths = torch.tensor(lengths, dtype=torch.int64)
        self.inputs = [draw(sum(lengths), hidden) for _ in range(KINDS[kind])]
        if kind == "diagonal":
            self.inputs[0] = self.inputs[0].tanh()
        self.hidden = draw(len(lengths), hidden)
        self.recurrent = draw(hidden, scale=0.5) if kind.startswith("ind_rnn") else None

    def leaves(self, dtype: torch.dtype) -> list[Tensor]:
        leaves = [*self.inputs, self.hidden]
        leaves += [] if self.recurrent is None else [self.recurrent]
        return [leaf.to(dtype).requires_grad_() for leaf in leaves]

    def names(self) -> list[str]:
        inputs = [f"d_input_{place}" for place in range(KINDS[self.kind])]
        return ["outputs", "final", *inputs, "d_hidden", "d_recurrent"]

    def results(
        self, run: Run, leaves: list[Tensor], *, reverse: bool, stacked: bool = False
    ) -> tuple[Tensor, Tensor]:
        blocks = KINDS[self.kind]
        inputs, hidden, *recurrent = tuple(leaves[:blocks]), *leaves[blocks:]
        return run(
            self.kind,
            (torch.cat(inputs, dim=1),) if stacked else inputs,
            self.lengths,
            hidden,
            recurrent=recurrent[0] if recurrent else None,
            reverse=reverse,
        )

    def run(
        self, run: Run, dtype: torch.dtype, *, reverse: bool = False, stacked: bool = False
    ) -> dict[str, Tensor]:
        """Outputs and final states, and the gradient of a lopsided sum in every leaf."""
        leaves = self.leaves(dtype)
        results = self.results(run, leaves, reverse=reverse, stacked=stacked)
        total = sum((r * torch.cos(torch.arange(r.numel())).view_as(r)).sum() for r in results)
        gradients = torch.autograd.grad(total, leaves, materialize_grads=True)
        return dict(zip(self.names(), [*results, *gradients], strict=False))


def assert_close(found: dict[str, Tensor], wanted: dict[str, Tensor], tolerance: float) -> None:
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


def assert_core_agrees(case: Case, *, reverse: bool = False, stacked: bool = True) -> None:
    found = case.run(run_scan, torch.float32, reverse=reverse, stacked=stacked)
    assert_close(found, case.run(run_defined, torch.float64, reverse=reverse), 1e-5)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_loop_in_torch_agrees_with_the_definition(kind: str, reverse: bool) -> None:
    case = Case(kind, [4, 0, 7, 1, 9], 5)
    wanted = case.run(run_defined, torch.float64, reverse=reverse)
    for stacked in (False, True):
        found = case.run(run_loop, torch.float64, reverse=reverse, stacked=stacked)
        assert_close(found, wanted, 1e-12)


@pytest.mark.parametrize("lengths", [[4, 0, 7, 1, 9], [1], [0, 0], [16, 17, 33]], ids=str)
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("ind_rnn")])
def test_doubling_agrees_with_the_definition(kind: str, reverse: bool, lengths: list[int]) -> None:
    case = Case(kind, lengths, 5)
    wanted = case.run(run_defined, torch.float64, reverse=reverse)
    for stacked in (False, True):
        found = case.run(run_double, torch.float64, reverse=reverse, stacked=stacked)
        assert_close(found, wanted, 1e-12)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
def test_doubling_keeps_a_nan_in_its_own_sequence(reverse: bool) -> None:
    lengths = torch.tensor([5, 6, 7])
    decay = torch.full((18, 2), 0.5, requires_grad=True)
    drive = torch.ones(18, 2)
    drive[5:11, 0] = torch.nan
    batch = SequenceBatch(drive.requires_grad_(), lengths)
    outputs, _ = run_doubled(decay, batch, torch.zeros(3, 2), reverse=reverse)
    outputs[:5].sum().backward()  # type: ignore[no-untyped-call]
    whole = torch.ones(18, dtype=torch.bool)
    whole[5:11] = False
    for value in (outputs.detach(), decay.grad, drive.grad):
        assert value is not None
        assert bool(value[whole].isfinite().all())


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("hidden", [1, 5, 16, 17, 33, 100], ids=lambda n: f"H{n}")
@pytest.mark.parametrize("kind", KINDS)
def test_the_core_agrees_whatever_the_width(
    kind: str, hidden: int, reverse: bool, instruction_set: str
) -> None:
    case = Case(kind, [4, 0, 7, 1, 9, 2, 2], hidden)
    assert_core_agrees(case, reverse=reverse)
    assert_core_agrees(case, reverse=reverse, stacked=False)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(list(KINDS)),
    lengths=st.lists(st.integers(0, 30), max_size=9),
    hidden=st.integers(1, 40),
    reverse=st.booleans(),
)
def test_the_core_agrees_whatever_the_shape(
    instruction_set: str, kind: str, lengths: list[int], hidden: int, reverse: bool
) -> None:
    if lengths:
        assert_core_agrees(Case(kind, lengths, hidden), reverse=reverse)
    else:
        outputs, final = run_scan(
            kind,
            tuple(torch.zeros(0, hidden) for _ in range(KINDS[kind])),
            torch.zeros(0, dtype=torch.int64),
            torch.zeros(0, hidden),
            recurrent=torch.zeros(hidden) if kind.startswith("ind_rnn") else None,
        )
        assert outputs.shape == final.shape == (0, hidden)


@pytest.mark.parametrize("kind", KINDS)
def test_the_core_agrees_over_many_steps(kind: str, instruction_set: str) -> None:
    assert_core_agrees(Case(kind, [700, 0, 513], 8))


@pytest.mark.parametrize("module", [min_gru, min_lstm], ids=["min_gru", "min_lstm"])
def test_swapping_any_two_blocks_changes_the_answer(module: object) -> None:
    """The data of these tests can see the order of the gates."""
    name = module.__name__.rsplit(".", 1)[1]  # type: ignore[attr-defined]
    case = Case(f"{name}_tanh", [4, 0, 7], 5)
    blocks = KINDS[case.kind]
    assert blocks == len(module.GATES)  # type: ignore[attr-defined]
    outputs, _ = run_defined(case.kind, tuple(case.inputs), case.lengths, case.hidden)
    for one in range(blocks):
        for other in range(one):
            swapped = list(case.inputs)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            wrong, _ = run_scan(case.kind, tuple(swapped), case.lengths, case.hidden)
            assert (wrong - outputs).abs().max() > 1e-2, (one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_left_unwritten_would_show(
    kind: str, instruction_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All memory that the core is given holds NaN; none of it may be seen."""
    case = Case(kind, [4, 0, 17, 1, 9], 13)
    wanted = case.run(run_defined, torch.float64)
    empty_like, new_empty = torch.empty_like, Tensor.new_empty
    monkeypatch.setattr(torch, "empty_like", lambda t: empty_like(t).fill_(torch.nan))
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s: new_empty(t, *s).fill_(torch.nan))
    assert_close(case.run(run_scan, torch.float32), wanted, 1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_scans_the_same_alone_bit_for_bit(kind: str, instruction_set: str) -> None:
    case = Case(kind, [23, 5, 0, 14, 14, 40, 1], 21)
    *inputs, hidden = [leaf.float() for leaf in (*case.inputs, case.hidden)]
    u = None if case.recurrent is None else case.recurrent.float()
    together, final = run_scan(kind, tuple(inputs), case.lengths, hidden, recurrent=u)
    splits = [SequenceBatch(block, case.lengths).split() for block in (*inputs, together)]
    for place, (*alone, wanted) in enumerate(zip(*splits, strict=True)):
        length, start = case.lengths[place : place + 1], hidden[place : place + 1]
        outputs, last = run_scan(kind, tuple(alone), length, start, recurrent=u)
        assert torch.equal(outputs, wanted), place
        assert torch.equal(last[0], final[place]), place


@pytest.mark.parametrize("lengths", [[300], [90, 3, 0, 70, 80, 11]], ids=["B1", "B6"])
@pytest.mark.parametrize("kind", KINDS)
def test_threads_change_no_bit(kind: str, lengths: list[int], threads: None) -> None:
    """One sequence is split over threads by units, several by sequences."""
    case = Case(kind, lengths, 150)
    torch.set_num_threads(3)
    several = case.run(run_scan, torch.float32)
    torch.set_num_threads(1)
    for name, value in case.run(run_scan, torch.float32).items():
        assert torch.equal(value, several[name]), name


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    case = Case(kind, [3, 0, 2], 2)

    def outputs(*leaves: Tensor) -> tuple[Tensor, Tensor]:
        return case.results(run_scan, list(leaves), reverse=True)

    leaves = case.leaves(torch.float64)
    assert torch.autograd.gradcheck(outputs, leaves)
    assert torch.autograd.gradgradcheck(outputs, leaves)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_derivative_agrees_with_the_definition(kind: str) -> None:
    """As in a penalty on the norm of a gradient; the core's first one leads to torch's loop."""
    case = Case(kind, [2, 0, 3], 4)

    def penalty(run: Run) -> tuple[Tensor, ...]:
        leaves = case.leaves(torch.float32)
        outputs, _ = case.results(run, [1.5 * leaf for leaf in leaves], reverse=False)
        first = torch.autograd.grad(outputs.square().sum(), leaves[0], create_graph=True)[0]
        return torch.autograd.grad(first.square().sum(), leaves, materialize_grads=True)

    for found, wanted in zip(penalty(run_scan), penalty(run_defined), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)


def test_a_tensor_in_two_places_gets_both_gradients() -> None:
    single = torch.tensor([[0.5], [0.25]], requires_grad=True)
    double = single.detach().double().requires_grad_()
    found = []
    for x in (single, double):
        outputs, _ = diagonal_scan(x, x, torch.tensor([2]), torch.ones(1, 1, dtype=x.dtype))
        (first,) = torch.autograd.grad(outputs.square().sum(), x, create_graph=True)
        found += [first.float(), torch.autograd.grad(first.sum(), x)[0].float()]
    torch.testing.assert_close(found[0], found[2])
    torch.testing.assert_close(found[1], found[3])


def test_min_gru_is_the_log_space_scan_of_its_paper() -> None:
    """h = exp(A + logcumsumexp(log b - A)), A the running sum of log(1 - z), b_0 = h_0."""
    random = torch.Generator().manual_seed(0)
    k, v = torch.randn(2, 40, 6, generator=random, dtype=torch.float64)
    h = torch.rand(1, 6, generator=random, dtype=torch.float64) + 0.1
    log_g = torch.where(v >= 0, (v.relu() + 0.5).log(), -functional.softplus(-v))
    log_b = torch.cat([h.log(), log_g - functional.softplus(-k)])
    decays = functional.pad((-functional.softplus(k)).cumsum(0), (0, 0, 1, 0))
    wanted = (decays + (log_b - decays).logcumsumexp(0)).exp()[1:]
    for run in (run_scan, run_defined):
        found, _ = run("min_gru_g", (k, v), torch.tensor([40]), h)
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", [kind for kind in CELLS if "min" in kind])
def test_huge_sums_saturate_the_gates(kind: str, instruction_set: str) -> None:
    case = Case(kind, [9, 6], 33)
    case.inputs[:-1] = [300 * block for block in case.inputs[:-1]]
    assert_core_agrees(case)


def test_both_gates_of_a_min_lstm_may_vanish_together(instruction_set: str) -> None:
    """What counts then is which vanishes faster, far below the smallest float."""
    f = torch.tensor([[-200.0, -500.0, -90.0, -1000.0]])
    i = torch.tensor([[-199.0, -900.0, -90.5, -1000.0]])
    leaves = (f.requires_grad_(), i.requires_grad_(), torch.full((1, 4), 2.0))
    hidden = torch.full((1, 4), -3.0)
    outputs, _ = run_scan("min_lstm_identity", leaves, torch.tensor([1]), hidden)
    keep = torch.sigmoid(torch.tensor([[-1.0, 400.0, 0.5, 0.0]]))
    torch.testing.assert_close(outputs, -3 * keep + 2 * (1 - keep))
    d_f, d_i = torch.autograd.grad(outputs.sum(), (f, i))
    torch.testing.assert_close(d_f, -5 * keep * (1 - keep))
    torch.testing.assert_close(d_i, 5 * keep * (1 - keep))


@pytest.mark.parametrize("kind", KINDS)
def test_nan_stays_nan_in_its_own_unit_and_sequence(kind: str, instruction_set: str) -> None:
    case = Case(kind, [6, 6], 10)
    case.inputs[0][2, 4] = torch.nan
    u = None if case.recurrent is None else case.recurrent.float()
    inputs = tuple(block.float() for block in case.inputs)
    outputs, final = run_scan(kind, inputs, case.lengths, case.hidden.float(), recurrent=u)
    assert outputs[2:6, 4].isnan().all()
    assert final[0, 4].isnan()
    assert int(outputs.isnan().sum()) == 4


def test_inputs_that_skip_in_memory_are_taken_as_they_are() -> None:
    case = Case("min_gru_tanh", [3, 5], 6)
    k, v = [block.float() for block in case.inputs]
    views = torch.cat([k, v], dim=1).chunk(2, dim=1)
    hidden = case.hidden.float().T.contiguous().T
    found, _ = run_scan(case.kind, views, case.lengths, hidden)
    wanted, _ = run_scan(case.kind, (k, v), case.lengths, hidden)
    assert torch.equal(found, wanted)


def test_an_unused_result_and_one_without_gradient_count_as_zeros() -> None:
    a, b = torch.full((3, 1), 0.5), torch.ones(3, 1, requires_grad=True)
    outputs, final = diagonal_scan(a, b, torch.tensor([3]), torch.zeros(1, 1))
    assert torch.autograd.grad(final.sum(), b, retain_graph=True)[0].tolist() == [
        [0.25],
        [0.5],
        [1],
    ]
    assert torch.autograd.grad(outputs[0].sum(), b)[0].tolist() == [[1], [0], [0]]


def test_shapes_that_do_not_belong_together_are_named() -> None:
    k, v, lengths, hidden = *torch.zeros(2, 5, 4), torch.tensor([2, 3]), torch.zeros(2, 4)
    for dtype in (torch.float32, torch.float64):
        k, v, hidden = k.to(dtype), v.to(dtype), hidden.to(dtype)
        with pytest.raises(ValueError, match=r"min_gru_g: inputs must be \[5, 4\], was \[5, 3\]"):
            run_scan("min_gru_g", (k, v[:, 1:]), lengths, hidden)
        with pytest.raises(ValueError, match=r"min_gru_g: inputs must be \[5, 8\], was \[5, 4\]"):
            run_scan("min_gru_g", (k,), lengths, hidden)
        with pytest.raises(ValueError, match=r"min_gru_g: hidden must be \[2, 4\], was \[1, 4\]"):
            run_scan("min_gru_g", (k, v), lengths, hidden[:1])
        with pytest.raises(ValueError, match="expected 2 inputs or all in one, got 3"):
            run_scan("min_gru_g", (k, v, v), lengths, hidden)
        with pytest.raises(ValueError, match="recurrent weights are missing"):
            run_scan("ind_rnn_relu", (k,), lengths, hidden)
        with pytest.raises(ValueError, match=r"recurrent weights must be \[4\], was \[5\]"):
            run_scan("ind_rnn_relu", (k,), lengths, hidden, recurrent=k[:, 0])
    with pytest.raises(OptionError, match=r"unknown scan 'min_gru'.*Did you mean 'min_gru_g'"):
        run_scan("min_gru", (k, v), lengths, hidden)
