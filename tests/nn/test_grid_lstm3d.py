"""Grid LSTM over planes and over vectors against the definition, block by block."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.reference.grid_lstm import Vectors, grid_block, run_plane_layer
from vartai.nn import GridLSTM1d, GridLSTM3d
from vartai.nn.grid_lstm3d import CORNERS, Edges

VARIANTS = [
    (priority, form, activation)
    for priority in ("depth", "none")
    for form in ("gated", "squashed")
    for activation in (None, "relu")
]


def grid_of(
    priority: str = "depth",
    form: str = "gated",
    activation: str | None = None,
    *,
    layers: int = 4,
    tied: bool = False,
    corners: tuple[str, ...] = CORNERS,
) -> GridLSTM3d:
    torch.manual_seed(3)
    return GridLSTM3d(
        4,
        3,
        layers,
        tied=tied,
        corners=corners,
        priority=priority,
        hidden_form=form,
        depth_activation=activation,
    ).double()


def edges_of(grid: GridLSTM3d, count: int, rows: int, columns: int) -> Edges:
    torch.manual_seed(4)
    lengths = (columns, columns, rows, rows)
    shape = (grid.num_layers, count)
    size = grid.hidden_size
    return Edges(*(torch.randn(*shape, n, size, dtype=torch.float64) for n in lengths))


def defined(grid: GridLSTM3d, inputs: Tensor, start: Edges) -> tuple[Tensor, Edges]:
    """Outputs and edges by the definition."""
    rows, columns = inputs.shape[1:3]
    plane = [[grid.project(inputs[:, i, j]) for j in range(columns)] for i in range(rows)]
    after = []
    for layer in range(grid.num_layers):
        parts = [part[layer] for part in start]
        down = [Vectors(parts[0][:, j], parts[1][:, j]) for j in range(columns)]
        right = [Vectors(parts[2][:, i], parts[3][:, i]) for i in range(rows)]
        plane, down, right = run_plane_layer(
            plane,
            down,
            right,
            (grid.side("down", layer), grid.side("right", layer), grid.side("depth", layer)),
            corner=grid.corner(layer),
            hidden_form=grid.hidden_form,
            priority=2 if grid.priority == "depth" else None,
        )
        after.append([v for side in (down, right) for v in _both(side)])
    outputs = torch.stack([torch.stack([v.hidden for v in row], 1) for row in plane], 1)
    return outputs, Edges(*(torch.stack(parts) for parts in zip(*after, strict=True)))


def _both(side: list[Vectors]) -> tuple[Tensor, Tensor]:
    memories = [v.memory for v in side if v.memory is not None]
    return torch.stack([v.hidden for v in side], 1), torch.stack(memories, 1)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(("priority", "form", "activation"), VARIANTS)
def test_every_variant_is_its_definition_with_gradients_from_every_corner(
    priority: str, form: str, activation: str | None, tied: bool
) -> None:
    grid = grid_of(priority, form, activation, tied=tied)
    inputs = torch.randn(2, 3, 5, 4, dtype=torch.float64, requires_grad=True)
    start = Edges(*(part.requires_grad_() for part in edges_of(grid, 2, 3, 5)))
    found, edges = grid(inputs, start)
    wanted, after = defined(grid, inputs, start)
    torch.testing.assert_close(found, wanted)
    scale = torch.linspace(-1, 2, wanted.numel(), dtype=torch.float64).view_as(wanted)
    leaves = [inputs, *start, *grid.parameters()]
    sums = []
    for name, mine, others in zip(Edges._fields, edges, after, strict=True):
        torch.testing.assert_close(mine, others, msg=lambda text, name=name: f"{name}: {text}")
        sums.append((mine.square().sum(), others.square().sum()))
    ours = torch.autograd.grad((found * scale).sum() + sum(s[0] for s in sums), leaves)
    theirs = torch.autograd.grad((wanted * scale).sum() + sum(s[1] for s in sums), leaves)
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other)


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (4, 1), (5, 2), (3, 3)])
def test_planes_of_any_shape_are_the_definition(size: tuple[int, int]) -> None:
    grid = grid_of(corners=("bottom right", "top left", "bottom left", "top right"))
    inputs = torch.randn(2, *size, 4, dtype=torch.float64)
    start = edges_of(grid, 2, *size)
    found, edges = grid(inputs, start)
    wanted, after = defined(grid, inputs, start)
    torch.testing.assert_close(found, wanted)
    for mine, others in zip(edges, after, strict=True):
        torch.testing.assert_close(mine, others)


def test_gradients_are_those_of_differences() -> None:
    grid = grid_of(layers=2, corners=("top left", "bottom right"))
    inputs = torch.randn(1, 2, 3, 4, dtype=torch.float64, requires_grad=True)

    def run(inputs: Tensor) -> tuple[Tensor, ...]:
        outputs, edges = grid(inputs)
        return (outputs, *edges)

    assert torch.autograd.gradcheck(run, (inputs,))


def test_without_edges_a_plane_begins_with_zeros() -> None:
    grid = grid_of()
    inputs = torch.randn(2, 3, 2, 4, dtype=torch.float64)
    zeros = Edges(*(torch.zeros_like(part) for part in edges_of(grid, 2, 3, 2)))
    assert torch.equal(grid(inputs)[0], grid(inputs, zeros)[0])


@given(count=st.integers(1, 4), rows=st.integers(1, 4), columns=st.integers(1, 4))
@settings(max_examples=10, deadline=None)
def test_a_plane_alone_is_as_beside_others(count: int, rows: int, columns: int) -> None:
    grid = grid_of().eval()
    inputs = torch.randn(count, rows, columns, 4, dtype=torch.float64)
    with torch.no_grad():
        outputs, edges = grid(inputs)
        for place in range(count):
            alone, own = grid(inputs[place : place + 1])
            torch.testing.assert_close(alone[0], outputs[place])
            for mine, all_ in zip(own, edges, strict=True):
                torch.testing.assert_close(mine[:, 0], all_[:, place])


def test_a_plane_cut_into_quarters_whose_edges_are_carried_on_is_the_whole() -> None:
    grid = grid_of(corners=("top left",)).eval()
    inputs = torch.randn(2, 5, 4, 4, dtype=torch.float64)
    whole, last = grid(inputs)
    zeros = edges_of(grid, 2, 5, 4)
    zeros = Edges(*(torch.zeros_like(part) for part in zeros))

    def quarter(rows: slice, columns: slice, down: Edges, right: Edges) -> tuple[Tensor, Edges]:
        start = Edges(down.down_hidden, down.down_memory, right.right_hidden, right.right_memory)
        return grid(inputs[:, rows, columns], start)

    upper, lower, left, other = slice(0, 2), slice(2, 5), slice(0, 3), slice(3, 4)

    def some(edges: Edges, rows: slice, columns: slice) -> Edges:
        down = (part[:, :, columns] for part in edges[:2])
        return Edges(*down, *(part[:, :, rows] for part in edges[2:]))

    a, after_a = quarter(upper, left, some(zeros, upper, left), some(zeros, upper, left))
    b, after_b = quarter(upper, other, some(zeros, upper, other), after_a)
    c, after_c = quarter(lower, left, after_a, some(zeros, lower, left))
    d, after_d = quarter(lower, other, after_b, after_c)
    made = torch.cat([torch.cat([a, b], 2), torch.cat([c, d], 2)], 1)
    torch.testing.assert_close(made, whole)
    torch.testing.assert_close(after_d.down_memory, last.down_memory[:, :, other])
    torch.testing.assert_close(after_d.right_hidden, last.right_hidden[:, :, lower])


def test_a_cell_reads_what_lies_between_it_and_the_corner_and_nothing_else() -> None:
    for corner in CORNERS:
        grid = grid_of(layers=1, corners=(corner,))
        inputs = torch.randn(1, 4, 4, 4, dtype=torch.float64, requires_grad=True)
        (seen,) = torch.autograd.grad(grid(inputs)[0][0, 1, 2].sum(), inputs)
        rows = range(2) if corner.startswith("top") else range(1, 4)
        columns = range(3) if corner.endswith("left") else range(2, 4)
        read = {(i, j) for i in range(4) for j in range(4) if seen[0, i, j].abs().sum() > 0}
        assert read == {(i, j) for i in rows for j in columns}, corner


def test_dropout_acts_in_training_only_and_not_below_the_first_layer() -> None:
    torch.manual_seed(0)
    inputs = torch.randn(1, 3, 3, 4)
    deep = GridLSTM3d(4, 3, 3, dropout=0.5)
    assert not torch.equal(deep(inputs)[0], deep(inputs)[0])
    assert torch.equal(deep.eval()(inputs)[0], deep(inputs)[0])
    single = GridLSTM3d(4, 3, 1, dropout=0.5)
    assert torch.equal(single(inputs)[0], single(inputs)[0])


@pytest.mark.parametrize("form", ["gated", "squashed"])
@pytest.mark.parametrize("tied", [False, True])
def test_a_grid_over_vectors_is_its_definition(form: str, tied: bool) -> None:
    torch.manual_seed(0)
    grid = GridLSTM1d(4, 3, 5, tied=tied, hidden_form=form).double()
    inputs = torch.randn(2, 3, 4, dtype=torch.float64)
    vectors = grid.project(inputs)
    for layer in range(5):
        (vectors,) = grid_block([vectors], [grid.side("depth", layer)], hidden_form=form)
    hidden, memory = grid(inputs)
    torch.testing.assert_close(hidden, vectors.hidden)
    torch.testing.assert_close(memory, vectors.memory)
    assert len(list(grid.parameters())) == 2 * (1 if tied else 5) + 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"priority": "down"}, "unknown priority 'down'; known: depth, none"),
        ({"corners": ("middle",)}, "unknown corner 'middle'; known: bottom left, bottom right"),
        ({"corners": ()}, "corners"),
        ({"hidden_form": "open"}, "unknown hidden_form 'open'; known: gated, squashed"),
        ({"depth_activation": "step"}, "unknown depth_activation 'step'"),
        ({"num_layers": 0}, "num_layers"),
        ({"dropout": 1.0}, "dropout"),
    ],
)
def test_unknown_names_and_sizes_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        GridLSTM3d(3, 4, **options)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 3, 4), r"inputs must be \[B, rows, columns, D\], were \[2, 3, 4\]"),
        ((2, 0, 3, 4), r"were \[2, 0, 3, 4\]"),
        ((2, 3, 3, 5), r"inputs must have 4 numbers each, was \[2, 3, 3, 5\]"),
    ],
)
def test_inputs_of_another_shape_are_refused(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grid_of()(torch.zeros(shape, dtype=torch.float64))


def test_inputs_of_another_type_and_edges_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="must be torch.float64 like the weights"):
        grid_of()(torch.zeros(1, 2, 2, 4))
    grid = grid_of()
    inputs = torch.zeros(1, 2, 3, 4, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"start: down_hidden must be \[4, 1, 3, 3\]"):
        grid(inputs, edges_of(grid, 1, 3, 2))


def test_no_plane_at_all_is_legal() -> None:
    outputs, edges = GridLSTM3d(3, 4, num_layers=2)(torch.zeros(0, 5, 6, 3))
    assert outputs.shape == (0, 5, 6, 4)
    assert edges.down_hidden.shape == (2, 0, 6, 4)
