"""States that restart: against the pieces run by hand, gradients included."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.nn.cases import LENGTHS, VARIANTS, D, build, lopsided, parts, random_state
from torch import Tensor

from vartai.nn import RecurrentLayers
from vartai.sequences import SequenceBatch


def by_hand(
    layer: RecurrentLayers, rows: Tensor, resets: list[int], state: Any, learned: tuple[Tensor, ...]
) -> tuple[Tensor, list[Tensor]]:
    """One direction of one sequence, every piece on its own."""
    reverse = layer.weight_suffix == "l0_reverse"  # type: ignore[attr-defined]
    edges = sorted({0, *resets, len(rows)})
    pieces = list(pairwise(edges))
    order = pieces[::-1] if reverse else pieces
    outputs: dict[int, Tensor] = {}
    current = [part[0] for part in parts(state)]
    for place, (start, end) in enumerate(order):
        restarts = place > 0 if reverse else start in resets
        if restarts:
            current = [part.expand(1, -1) for part in learned]
        found, current = run_piece(layer, rows[start:end], current, reverse=reverse)
        outputs[start] = found
    return torch.cat([outputs[start] for start, _ in pieces]), current


def run_piece(
    layer: RecurrentLayers, rows: Tensor, state: list[Tensor], *, reverse: bool
) -> tuple[Tensor, list[Tensor]]:
    """Through a layer of one direction, whose steps are turned round for the other one."""
    given = [part.unsqueeze(0) for part in state]
    batch = SequenceBatch(rows.flip(0) if reverse else rows, torch.tensor([len(rows)]))
    found, final = layer(batch, tuple(given) if len(given) > 1 else given[0])
    data = found.data.flip(0) if reverse else found.data
    return data, [part[0] for part in parts(final)]


def one_direction(layer: RecurrentLayers, variant: str, suffix: str) -> RecurrentLayers:
    """A forward layer with the parameters of one direction of another."""
    alone = build(variant, learned_state=layer.learned_state)
    for name, _ in list(alone.named_parameters()):
        own = getattr(layer, name.replace("_l0", f"_{suffix}"))
        delattr(alone, name)
        setattr(alone, name, own)
    alone.weight_suffix = suffix  # type: ignore[assignment]
    return alone


@pytest.mark.parametrize("learned", [False, True], ids=["zeros", "learned"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_reset_runs_the_pieces_one_by_one(variant: str, learned: bool) -> None:
    layer = build(variant, bidirectional=True, learned_state=learned)
    lengths = torch.tensor(LENGTHS)
    rows = torch.randn(sum(LENGTHS), D, dtype=torch.float64).requires_grad_()
    state = random_state(layer, len(LENGTHS))
    resets = {0: [2], 1: [], 2: [0, 3, 4], 3: [0], 4: [8]}
    starts = (lengths.cumsum(0) - lengths).tolist()
    reset = torch.zeros(len(rows), dtype=torch.bool)
    for sequence, steps in resets.items():
        reset[[starts[sequence] + step for step in steps]] = True

    found, final = layer(SequenceBatch(rows, lengths), state, reset=reset)
    halves, finals = [], []
    for direction, suffix in enumerate(("l0", "l0_reverse")):
        alone = one_direction(layer, variant, suffix)
        outputs, lasts = [], []
        for sequence, own in enumerate(rows.split(LENGTHS)):
            before = tuple(part[direction : direction + 1, [sequence]] for part in parts(state))
            if len(own) == 0:
                lasts.append([part[0] for part in before])
                continue
            fresh = layer.fresh_state(suffix)
            done, last = by_hand(alone, own, resets[sequence], before, fresh)
            outputs.append(done)
            lasts.append(last)
        halves.append(torch.cat(outputs))
        finals.append([torch.cat(part) for part in zip(*lasts, strict=True)])
    wanted = [torch.cat(halves, 1), *(torch.stack(part) for part in zip(*finals, strict=True))]
    results = [found.data, *parts(final)]
    leaves = [rows, *parts(state), *layer.parameters()]
    for one, other in zip(results, wanted, strict=True):
        torch.testing.assert_close(one, other)
    gradients = (
        torch.autograd.grad(lopsided(r), leaves, allow_unused=True) for r in (results, wanted)
    )
    names = ["rows", *["hx"] * len(parts(state)), *[name for name, _ in layer.named_parameters()]]
    for name, one, other in zip(names, *gradients, strict=True):
        torch.testing.assert_close(one, other, msg=lambda m, name=name: f"{name}: {m}")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_reset_at_the_first_step_makes_the_initial_state_unused(variant: str) -> None:
    layer = build(variant, bidirectional=True)
    inputs = torch.randn(4, 2, D, dtype=torch.float64)
    state = random_state(layer, 2)
    reset = torch.zeros(4, 2, dtype=torch.bool)
    reset[0, 1] = True
    found, final = layer(inputs, state, reset=reset)
    for gradient in torch.autograd.grad(lopsided([found, *parts(final)]), parts(state)):
        assert not gradient[0, 1].any()  # forward, the sequence that restarts
        assert gradient[0, 0].all()
        assert gradient[1].all()  # in reverse, the initial state stands at the other end


def test_a_gradient_does_not_cross_a_reset() -> None:
    layer = build("GRU", bidirectional=True)
    inputs = torch.randn(6, 1, D, dtype=torch.float64).requires_grad_()
    reset = torch.zeros(6, 1, dtype=torch.bool)
    reset[3] = True
    found, _ = layer(inputs, reset=reset)
    (gradient,) = torch.autograd.grad(found[:3].sum(), inputs)
    assert gradient[:3].any()
    assert not gradient[3:].any()


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_resets_agree_in_every_form_of_inputs(
    lengths: list[int], seed: int, dtype: torch.dtype
) -> None:
    random = torch.Generator().manual_seed(seed)
    layer = build("LSTM", bidirectional=True, num_layers=2).to(dtype)
    batch = SequenceBatch(
        torch.randn(sum(lengths), D, generator=random, dtype=dtype), torch.tensor(lengths)
    )
    reset = batch.with_data(torch.rand(sum(lengths), generator=random) < 0.4)
    wanted, final = layer(batch, reset=reset.data)
    padded, padded_final = layer(
        batch.padded(), lengths=batch.lengths, reset=reset.padded(value=True)
    )
    torch.testing.assert_close(padded, wanted.padded())
    torch.testing.assert_close(padded_final, final)
    nested, reset_nested = (
        torch.nested.nested_tensor_from_jagged(b.data, offsets=b.offsets) for b in (batch, reset)
    )
    found, nested_final = layer(nested, reset=reset_nested)
    torch.testing.assert_close(found.values(), wanted.data)
    torch.testing.assert_close(nested_final, final)
    if min(lengths) > 0:
        found, packed_final = layer(batch.packed(), reset=reset.packed())
        torch.testing.assert_close(SequenceBatch.from_packed(found).data, wanted.data)
        torch.testing.assert_close(packed_final, final)


@pytest.mark.parametrize("variant", ["RNN", "LSTM", "GRU"])
def test_resets_and_learned_states_go_through_the_compiled_core(variant: str) -> None:
    """In float32 on a CPU: the gradients of double precision, to its own precision."""
    options = {"num_layers": 2, "bidirectional": True, "learned_state": True}
    exact = build(variant, **options)
    random = torch.Generator().manual_seed(0)
    rows = torch.randn(sum(LENGTHS), D, generator=random, dtype=torch.float64)
    reset = torch.rand(len(rows), generator=random) < 0.3
    gradients = []
    for layer in (exact, build(variant, **options).float()):
        own = rows.to(layer.weight_ih_l0.dtype).requires_grad_()
        batch = SequenceBatch(own, torch.tensor(LENGTHS))
        outputs, final, _ = layer(batch, reset=reset, trace=True)
        total = lopsided([outputs.data.double(), *(part.double() for part in parts(final))])
        gradients.append(torch.autograd.grad(total, [own, *layer.parameters()]))
    for wanted, found in zip(*gradients, strict=True):
        torch.testing.assert_close(found.double(), wanted, rtol=1e-3, atol=1e-4)


def test_resets_of_no_step_at_all_are_legal() -> None:
    layer = build("LSTM", bidirectional=True)
    for lengths in ([], [0, 0]):
        batch = SequenceBatch(
            torch.zeros(0, D, dtype=torch.float64), torch.tensor(lengths, dtype=torch.int64)
        )
        state = random_state(layer, len(lengths))
        _, final = layer(batch, state, reset=torch.zeros(0, dtype=torch.bool))
        for before, after in zip(state, final, strict=True):
            assert torch.equal(before, after)


def test_resets_that_do_not_fit_are_refused() -> None:
    layer = build("GRU")
    inputs = torch.zeros(4, 2, D, dtype=torch.float64)
    with pytest.raises(ValueError, match="reset must be bool, was torch.int64"):
        layer(inputs, reset=torch.zeros(4, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match="reset must have the steps and sequences of the inputs"):
        layer(inputs, reset=torch.zeros(2, 4, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"reset must have the form of the inputs .* was \[8\]"):
        layer(inputs, reset=torch.zeros(8, dtype=torch.bool))
    with pytest.raises(ValueError, match="reset must have 1 dimensions, or 2 with a batch"):
        layer(inputs, reset=torch.zeros(4, 2, 1, dtype=torch.bool))
