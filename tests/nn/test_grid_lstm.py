"""Grid LSTM layers against their definition, block by block."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.direction import Trace
from vartai.kernels.reference.grid_lstm import Side, Vectors, grid_block, run_sequence_grid
from vartai.nn import GridLSTM
from vartai.sequences import SequenceBatch

PRIORITIES = {"time": 0, "depth": 1, "none": None}
VARIANTS = [
    (priority, form, activation)
    for priority in PRIORITIES
    for form in ("gated", "squashed")
    for activation in (None, "relu")
]


def grid_of(
    priority: str = "depth",
    form: str = "gated",
    activation: str | None = None,
    *,
    layers: int = 3,
    tied: bool = False,
) -> GridLSTM:
    torch.manual_seed(3)
    return GridLSTM(
        4,
        5,
        num_layers=layers,
        tied=tied,
        priority=priority,
        hidden_form=form,
        depth_activation=activation,
    ).double()


def defined(grid: GridLSTM, rows: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Outputs ``[T, d]`` and the final state of one sequence, by the definition."""
    steps = []
    for row in rows:
        hidden, memory = grid.project(row.unsqueeze(0))
        steps.append(Vectors(hidden, memory))
    start = [Vectors(hidden, memory) for hidden, memory in zip(*state, strict=True)]
    sides = [(grid.side("time", n), grid.side("depth", n)) for n in range(grid.num_layers)]
    tops, after = run_sequence_grid(
        steps, start, sides, hidden_form=grid.hidden_form, priority=PRIORITIES[grid.priority]
    )
    outputs = torch.cat([top.hidden for top in tops]) if tops else rows.new_zeros(0, 5)
    finals = [torch.cat([v.hidden for v in after]), torch.cat([v.memory for v in after])]
    return outputs, torch.stack(finals)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(("priority", "form", "activation"), VARIANTS)
def test_every_variant_is_its_definition_with_gradients_on_ragged_sequences(
    priority: str, form: str, activation: str | None, tied: bool
) -> None:
    grid = grid_of(priority, form, activation, tied=tied)
    lengths = torch.tensor([4, 0, 1, 6])
    rows = torch.randn(11, 4, dtype=torch.float64, requires_grad=True)
    state = torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    batch = SequenceBatch(rows, lengths)
    found, (hidden, memory) = grid(batch, (state[0], state[1]))
    wanted, finals = [], []
    for place, own in enumerate(batch.split()):
        outputs, final = defined(
            grid, own, (state[0, :, place : place + 1], state[1, :, place : place + 1])
        )
        wanted.append(outputs)
        finals.append(final)
    expected, after = torch.cat(wanted), torch.stack(finals, 2)
    torch.testing.assert_close(found.data, expected)
    torch.testing.assert_close(torch.stack([hidden, memory]), after)
    scale = torch.linspace(-1, 2, expected.numel(), dtype=torch.float64).view_as(expected)
    leaves = [rows, state, *grid.parameters()]
    ours = torch.autograd.grad((found.data * scale).sum() + memory.square().sum(), leaves)
    theirs = torch.autograd.grad((expected * scale).sum() + after[1].square().sum(), leaves)
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other)


@pytest.mark.parametrize(("priority", "form", "activation"), VARIANTS)
def test_traces_are_what_the_definition_computes_on_both_sides(
    priority: str, form: str, activation: str | None
) -> None:
    grid = grid_of(priority, form, activation, layers=2)
    batch = SequenceBatch(torch.randn(5, 4, dtype=torch.float64), torch.tensor([3, 0, 2]))
    told = grid.run(batch, keep=True)
    assert list(told.traces) == grid.trace_names() == ["l0", "l0_depth", "l1", "l1_depth"]
    torch.testing.assert_close(told.rows, told.traces["l1_depth"].hidden)
    state = torch.zeros(1, 5, dtype=torch.float64)
    row = 0
    for own in batch.split():
        time = [Vectors(state, state)] * 2
        for inputs in own:
            depth = Vectors(*grid.project(inputs[None]))
            for layer in range(2):
                given_ = (time[layer], depth)
                sides = (grid.side("time", layer), grid.side("depth", layer))
                made = grid_block(given_, sides, hidden_form=form, priority=PRIORITIES[priority])
                for k, name in enumerate((f"l{layer}", f"l{layer}_depth")):
                    require_told(told.traces[name], row, made[k], given_[k], form)
                time[layer], depth = made
            row += 1
    assert row == 5


def require_told(trace: Trace, row: int, made: Vectors, given_: Vectors, form: str) -> None:
    """One row of a trace against the block that made it, whose gates must give what it made."""
    torch.testing.assert_close(trace.hidden[row], made.hidden[0])
    if made.memory is None:
        assert trace.cell is None
        assert list(trace.gates) == ["candidate"]
        torch.testing.assert_close(trace.gates["candidate"][row], made.hidden[0])
        return
    assert trace.cell is not None
    assert given_.memory is not None
    torch.testing.assert_close(trace.cell[row], made.memory[0])
    assert list(trace.gates) == ["input", "forget", "candidate", "output"]
    i, f, g, o = (gate[row] for gate in trace.gates.values())
    torch.testing.assert_close(f * given_.memory[0] + i * g, made.memory[0])
    shown = o * made.memory[0].tanh() if form == "gated" else (o * made.memory[0]).tanh()
    torch.testing.assert_close(shown, made.hidden[0])


def test_a_batch_without_steps_has_empty_traces() -> None:
    for priority in ("depth", "time"):
        empty = SequenceBatch(torch.zeros(0, 4, dtype=torch.float64), torch.tensor([0, 0]))
        told = grid_of(priority).run(empty, keep=True)
        assert [trace.hidden.shape for trace in told.traces.values()] == [(0, 5)] * 6


def test_the_compiled_core_runs_it_in_float32_like_the_definition() -> None:
    grid = grid_of().float()
    rows = torch.randn(9, 4)
    state = (torch.zeros(3, 1, 5), torch.zeros(3, 1, 5))
    found, _ = grid(rows)
    expected, _ = defined(grid, rows, state)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_gradients_are_those_of_differences() -> None:
    grid = grid_of(layers=2)
    rows = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    state = torch.randn(2, 2, 2, 5, dtype=torch.float64, requires_grad=True)

    def run(rows: Tensor, state: Tensor) -> tuple[Tensor, ...]:
        batch = SequenceBatch(rows, torch.tensor([3, 2]))
        outputs, (hidden, memory) = grid(batch, (state[0], state[1]))
        return outputs.data, hidden, memory

    assert torch.autograd.gradcheck(run, (rows, state))


def test_swapped_gates_would_be_seen() -> None:
    grid = grid_of()
    rows = torch.randn(6, 4, dtype=torch.float64)
    before = grid(rows)[0]
    for name in ("weight_time_l1", "weight_depth_l1"):
        weight = getattr(grid, name)
        with torch.no_grad():
            kept = weight.clone()
            weight.copy_(torch.cat([kept[5:10], kept[:5], kept[10:]]))
            assert not torch.allclose(grid(rows)[0], before), name
            weight.copy_(kept)
    assert torch.equal(grid(rows)[0], before)


@given(
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=4),
    priority=st.sampled_from(["depth", "time"]),
    cut=st.integers(0, 5),
)
@settings(max_examples=20, deadline=None)
def test_a_sequence_alone_or_in_parts_is_as_beside_others(
    lengths: list[int], priority: str, cut: int
) -> None:
    grid = grid_of(priority).float().eval()
    batch = SequenceBatch(torch.randn(sum(lengths), 4), torch.tensor(lengths))
    with torch.no_grad():
        outputs, (hidden, memory) = grid(batch)
        for place, rows in enumerate(batch.split()):
            alone, (own_hidden, own_memory) = grid(rows)
            torch.testing.assert_close(alone, outputs.split()[place])
            torch.testing.assert_close(own_hidden, hidden[:, place])
            torch.testing.assert_close(own_memory, memory[:, place])
            first, between = grid(rows[:cut])
            second, (last_hidden, last_memory) = grid(rows[cut:], between)
            torch.testing.assert_close(torch.cat([first, second]), alone)
            torch.testing.assert_close(last_hidden, own_hidden)
            torch.testing.assert_close(last_memory, own_memory)


def test_chunks_with_the_state_carried_on_are_the_whole() -> None:
    grid = grid_of().eval()
    rows = torch.randn(9, 2, 4, dtype=torch.float64)
    whole, final = grid(rows)
    first, state = grid(rows[:4])
    second, after = grid(rows[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(after, final)


def test_tied_layers_share_their_weights_however_many_they_are() -> None:
    few, many = grid_of(layers=2, tied=True), grid_of(layers=18, tied=True)
    assert [p.shape for p in few.parameters()] == [p.shape for p in many.parameters()]
    assert len(list(grid_of(layers=18).parameters())) == 18 * 4 + 2


def test_a_block_of_one_side_is_a_gated_feed_forward_layer() -> None:
    torch.manual_seed(0)
    side = Side(torch.randn(20, 5), torch.zeros(20))
    given_ = Vectors(torch.randn(3, 5), torch.randn(3, 5))
    (made,) = grid_block([given_], [side], hidden_form="gated")
    i, f, g, o = (given_.hidden @ side.weight.T).chunk(4, 1)
    memory = f.sigmoid() * given_.memory + i.sigmoid() * g.tanh()
    torch.testing.assert_close(made.memory, memory)
    torch.testing.assert_close(made.hidden, o.sigmoid() * memory.tanh())


def test_three_sides_read_each_other_and_the_priority_side_reads_what_they_became() -> None:
    torch.manual_seed(1)
    sides = [Side(torch.randn(8, 6), torch.randn(8)) for _ in range(3)]
    given_ = [Vectors(torch.randn(4, 2), torch.randn(4, 2)) for _ in range(3)]
    plain = grid_block(given_, sides, hidden_form="gated")
    last = grid_block(given_, sides, hidden_form="gated", priority=2)
    for k in (0, 1):
        assert torch.equal(plain[k].hidden, last[k].hidden)
    updated = [*plain[:2], given_[2]]
    wanted = grid_block(
        [v if k == 2 else Vectors(updated[k].hidden, v.memory) for k, v in enumerate(given_)],
        sides,
        hidden_form="gated",
    )[2]
    torch.testing.assert_close(last[2].hidden, wanted.hidden)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"priority": "width"}, "unknown priority 'width'; known: depth, none, time"),
        ({"hidden_form": "open"}, "unknown hidden_form 'open'; known: gated, squashed"),
        ({"num_layers": 0}, "num_layers"),
    ],
)
def test_unknown_names_and_sizes_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        GridLSTM(3, 4, **options)


def test_inputs_of_another_size_are_refused_with_what_was_expected() -> None:
    with pytest.raises(ValueError, match="inputs must have 3 numbers a step, had 5"):
        GridLSTM(3, 4)(torch.zeros(2, 1, 5))
