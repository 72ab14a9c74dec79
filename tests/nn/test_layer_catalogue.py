"""Every cell of the catalogue gives layers that keep what `SequenceLayers` promises."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.cell_names import CELLS, require_cell
from vartai.nn.layer_catalogue import LayerSizes, build_layers
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch

WAYS = [False, True]


def build(cell: str, *, both: bool = False, layers: int = 2) -> SequenceLayers:
    torch.manual_seed(7)
    made = build_layers(
        cell, LayerSizes(input_size=4, hidden_size=8, layers=layers, bidirectional=both)
    )
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.2)
    return made.eval()


@pytest.mark.parametrize("both", WAYS, ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=4)
@given(lengths=st.lists(st.integers(0, 9), min_size=1, max_size=5), seed=st.integers(0, 9))
def test_a_sequence_alone_is_as_beside_others(
    cell: str, both: bool, lengths: list[int], seed: int
) -> None:
    layers = build(cell, both=both)
    rows = torch.randn(sum(lengths), 4, generator=torch.Generator().manual_seed(seed))
    batch = SequenceBatch(rows, torch.tensor(lengths))
    with torch.no_grad():
        outputs, state = layers.read(batch)
        assert outputs.data.shape == (sum(lengths), layers.output_size)
        for place, own in enumerate(batch.split()):
            alone, final = layers.read(SequenceBatch.from_sequences([own]))
            torch.testing.assert_close(alone.data, outputs.split()[place])
            for part, whole in zip(final, state, strict=True):
                torch.testing.assert_close(part[:, 0], whole[:, place])


@pytest.mark.parametrize("cell", CELLS)
def test_steps_with_the_state_carried_on_are_the_whole(cell: str) -> None:
    layers = build(cell)
    rows = torch.randn(7, 3, 4)
    with torch.no_grad():
        whole, final = layers.read(SequenceBatch.from_equal(rows.transpose(0, 1).contiguous()))
        state = layers.start_state(3)
        for step, wanted in zip(rows, whole.padded(), strict=True):
            outputs, state = layers.run_step(step, state)
            torch.testing.assert_close(outputs, wanted)
            if layers.shows_hidden:
                assert torch.equal(outputs, state[0][-1])
    for part, other in zip(state, final, strict=True):
        torch.testing.assert_close(part, other)


@pytest.mark.parametrize("cell", CELLS)
def test_layers_are_called_with_a_state_as_they_show_it(cell: str) -> None:
    layers = build(cell)
    batch = SequenceBatch(torch.randn(9, 4), torch.tensor([4, 0, 5]))
    reset, rows = torch.arange(9) == 2, torch.randn(3, 4)
    parts = tuple(torch.rand_like(part) for part in layers.start_state(3))
    with torch.no_grad():
        wanted, ends = layers.read(batch, parts, reset=reset)
        found, final, traces = layers(batch, layers.shown(parts), reset=reset, trace=True)
        outputs, after = layers.step(rows, final)
        wanted_outputs, wanted_after = layers.run_step(rows, ends)
    assert torch.equal(found.data, wanted.data)
    assert torch.equal(outputs, wanted_outputs)
    assert list(traces) == layers.trace_names()
    for shown, own in ((final, ends), (after, wanted_after)):
        assert isinstance(shown, Tensor) == (len(own) == 1)
        several = (shown,) if isinstance(shown, Tensor) else shown
        assert all(map(torch.equal, several, own))


@pytest.mark.parametrize("both", WAYS, ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_reset_is_a_new_sequence(cell: str, both: bool) -> None:
    layers = build(cell, both=both)
    batch = SequenceBatch(torch.randn(9, 4), torch.tensor([4, 0, 5]))
    reset = torch.zeros(9, dtype=torch.bool)
    reset[[2, 4, 7]] = True
    start = tuple(torch.rand_like(part) for part in layers.start_state(3))
    with torch.no_grad():
        found, final = layers.read(batch, start, reset=reset)
        pieces = SequenceBatch(batch.data, torch.tensor([2, 2, 0, 3, 2]))
        begun = _placed(
            layers, start, forwards=[0, None, 1, None, None], backwards=[None, 0, 1, None, 2]
        )
        wanted, after = layers.read(pieces, begun)
    torch.testing.assert_close(found.data, wanted.data)
    ends = {False: [1, 2, 4], True: [0, 2, 3]}
    for part, other in zip(final, after, strict=True):
        for place, name in enumerate(layers.names()):
            own = other[place][ends[name.endswith("_reverse")]]
            torch.testing.assert_close(part[place], own)


def _placed(
    layers: SequenceLayers,
    start: tuple[Tensor, ...],
    *,
    forwards: list[int | None],
    backwards: list[int | None],
) -> tuple[Tensor, ...]:
    """The state before each piece: that of a sequence, or fresh."""
    found = tuple(part.clone() for part in layers.start_state(len(forwards)))
    for place, name in enumerate(layers.names()):
        owners = backwards if name.endswith("_reverse") else forwards
        for piece, owner in enumerate(owners):
            for part, given_ in zip(found, start, strict=True):
                if owner is not None:
                    part[place, piece] = given_[place, owner]
    return found


@pytest.mark.parametrize("both", WAYS, ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_trace_has_what_was_promised_for_every_direction(cell: str, both: bool) -> None:
    layers = build(cell, both=both)
    batch = SequenceBatch(torch.randn(8, 4), torch.tensor([3, 5]))
    with torch.no_grad():
        plain = layers.run(batch)
        kept = layers.run(batch, keep=True)
    torch.testing.assert_close(plain.rows, kept.rows)
    if not layers.traced:
        assert kept.traces == {}
        return
    assert sorted(kept.traces) == sorted(layers.trace_names())
    for trace in kept.traces.values():
        assert set(trace.gates) <= set(layers.traced)
    last = layers.trace_names()[-layers.directions :]
    assert tuple(kept.traces[last[-1]].gates) == layers.traced
    top = torch.cat([kept.traces[name].hidden for name in last], 1)
    torch.testing.assert_close(top, kept.rows)


@pytest.mark.parametrize("both", WAYS, ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_weight_learns(cell: str, both: bool) -> None:
    layers = build(cell, both=both).train()
    batch = SequenceBatch(torch.randn(12, 4), torch.tensor([7, 5]))
    start = layers.start_state(2)  # that slow units of a clockwork have something to read
    outputs, state = layers.read(batch, (torch.randn_like(start[0]), *start[1:]))
    scale = torch.linspace(-1, 2, outputs.data.numel()).view_as(outputs.data)
    ((outputs.data * scale).sum() + sum(part.square().sum() for part in state)).backward()
    silent = [
        name
        for name, value in layers.named_parameters()
        if value.grad is None or not value.grad.any()
    ]
    assert silent == []


def test_only_cells_that_can_drop_hidden_units_are_built_with_it() -> None:
    for cell, facts in CELLS.items():
        sizes = LayerSizes(input_size=4, hidden_size=8, recurrent_dropout=0.5)
        if not facts.recurrent_dropout:
            with pytest.raises(OptionError, match=f"recurrent_dropout: {cell} has none; cells tha"):
                build_layers(cell, sizes)
            continue
        layers = build_layers(cell, sizes)
        batch = SequenceBatch(torch.randn(6, 4), torch.tensor([6]))
        assert not torch.equal(layers.read(batch)[0].data, layers.read(batch)[0].data), cell
        layers.eval()
        assert torch.equal(layers.read(batch)[0].data, layers.read(batch)[0].data), cell


def test_dropout_acts_between_layers_of_every_cell() -> None:
    for cell in CELLS:
        layers = build_layers(cell, LayerSizes(input_size=4, hidden_size=8, layers=2, dropout=0.5))
        batch = SequenceBatch(torch.randn(6, 4), torch.tensor([6]))
        assert not torch.equal(layers.read(batch)[0].data, layers.read(batch)[0].data), cell


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="unknown cell 'lstn'; known: bag, clock.*'lstm'"):
        require_cell("lstn", also=("bag",))
    with pytest.raises(OptionError, match="unknown cell 'bag'; known: clockwork-rnn, .*, slstm"):
        build_layers("bag", LayerSizes(input_size=3, hidden_size=4))
