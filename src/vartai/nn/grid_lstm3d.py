"""Grid LSTM over a plane: memory down the rows, along the columns, and along depth.

Layer by layer, and in a layer diagonal by diagonal: the two sides of the plane read each other, the
rows and columns before, and the layer below, but never what depth becomes beside them; so once they
have run, the depth side of all cells is one product. `vartai.kernels.reference.grid_lstm` is the
definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from vartai.errors import require_range, unknown_name
from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.reference.grid_lstm import Vectors, side_step
from vartai.nn.diagonals import Carried, Diagonals
from vartai.nn.grid_blocks import GridBlocks

CORNERS: Final = ("top left", "bottom right", "top right", "bottom left")
PRIORITIES: Final = ("depth", "none")


class Edges(NamedTuple):
    """What crosses the edges of a plane in every layer.

    Args:
        down_hidden: ``[layers, B, C, d]``, of every column.
        down_memory: likewise.
        right_hidden: ``[layers, B, R, d]``, of every row.
        right_memory: likewise.
    """

    down_hidden: Tensor
    down_memory: Tensor
    right_hidden: Tensor
    right_memory: Tensor


class GridLSTM3d(GridBlocks):
    """Layers of Grid LSTM blocks over planes (Kalchbrenner, Danihelka & Graves 2015).

    Parameters: as `vartai.nn.grid_blocks.GridBlocks` names them, of the sides down, right, depth.

    Args:
        input_size: D.
        hidden_size: d.
        num_layers: layers.
        tied: all layers have the same weights, as all cells have.
        corners: where the layers begin, in turn, names of `CORNERS`: the first layer at the first
            corner, and so on, and from the first again. A layer's cell knows all that lies between
            it and the corner.
        priority: ``depth``, whose side reads what both others have become in this cell; or
            ``none``.
        hidden_form: ``gated``, h' = o * tanh(m'), or ``squashed``, h' = tanh(o * m').
        depth_activation: what depth is instead of an LSTM, a name of
            `vartai.kernels.activations.ACTIVATIONS`; it then has no memory. None for an LSTM.
        dropout: share of the hidden vectors dropped, in training, on their way up to each layer but
            the first.

    Raises:
        OptionError: a name that is not known, or a number out of bounds.

    Example:
        >>> grid = GridLSTM3d(16, 8, num_layers=4, tied=True, corners=CORNERS)
        >>> outputs, edges = grid(torch.zeros(2, 7, 5, 16))
        >>> outputs.shape, edges.down_hidden.shape, edges.right_memory.shape
        (torch.Size([2, 7, 5, 8]), torch.Size([4, 2, 5, 8]), torch.Size([4, 2, 7, 8]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        tied: bool = False,
        corners: Sequence[str] = CORNERS[:1],
        priority: str = "depth",
        hidden_form: str = "gated",
        depth_activation: str | None = None,
        dropout: float = 0.0,
    ) -> None:
        require_range("dropout", dropout, at_least=0, below=1)
        require_range("corners", len(corners), at_least=1)
        if priority not in PRIORITIES:
            raise unknown_name("priority", priority, PRIORITIES)
        for corner in corners:
            if corner not in CORNERS:
                raise unknown_name("corner", corner, CORNERS)
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            sides=("down", "right"),
            tied=tied,
            hidden_form=hidden_form,
            depth_activation=depth_activation,
        )
        self.corners = tuple(corners)
        self.priority = priority
        self.dropout = dropout

    def usual(self) -> dict[str, object]:
        """Options with their defaults."""
        own = {"corners": CORNERS[:1], "priority": "depth", "dropout": 0.0}
        return super().usual() | own

    def corner(self, layer: int) -> tuple[str, str]:
        """Where a layer begins: ``top`` or ``bottom``, ``left`` or ``right``."""
        row, column = self.corners[layer % len(self.corners)].split()
        return row, column

    def forward(self, inputs: Tensor, start: Edges | None = None) -> tuple[Tensor, Edges]:
        """Run all layers.

        Args:
            inputs: ``[B, R, C, D]``: R rows and C columns of cells, such as patches of a picture.
            start: what comes into the plane, zeros if not given. Where all layers begin at the
                top, what an upper part returned as `down` lets the part below it go on.

        Returns:
            The hidden vectors of depth above the last layer ``[B, R, C, d]``, and what comes out of
            the plane on the far edges of each layer.

        Raises:
            ValueError: a shape or type that does not fit, with what was expected and what came.
        """
        if inputs.dim() != 4 or 0 in inputs.shape[1:3]:
            raise ValueError(f"inputs must be [B, rows, columns, D], were {list(inputs.shape)}")
        below = self.project(inputs)
        count, rows, columns = inputs.shape[:3]
        if start is None:
            start = self._zeros(inputs)
        self._require_edges(start, count, rows, columns)
        layout = [part if part is None else _cells_first(part) for part in below]
        vectors = Vectors(_there(layout[0]), layout[1])
        after = []
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout > 0.0:
                dropped = nn.functional.dropout(vectors.hidden, self.dropout)
                vectors = Vectors(dropped, vectors.memory)
            diagonals = Diagonals(rows, columns, self.corner(layer))
            edges = tuple(part[layer] for part in start)
            vectors, carried = self._run_layer(layer, diagonals, vectors, edges)
            after.append(_edges_of(carried, diagonals))
        outputs = vectors.hidden.view(rows, columns, count, self.hidden_size).permute(2, 0, 1, 3)
        return outputs, Edges(*(torch.stack(parts) for parts in zip(*after, strict=True)))

    def _run_layer(
        self, layer: int, diagonals: Diagonals, below: Vectors, edges: tuple[Tensor, ...]
    ) -> tuple[Vectors, Carried]:
        """One layer over ``[R·C, B, d]``, cells row by row."""
        size = self.hidden_size
        down, right, depth = (self.side(name, layer) for name in self.sides)
        order = diagonals.order().to(below.hidden.device)
        hidden = below.hidden.index_select(0, order)
        both = torch.cat([down.weight, right.weight]), torch.cat([down.bias, right.bias])
        known = linear(hidden, both[0][:, 2 * size :], both[1])
        across = both[0][:, : 2 * size].T

        def turn(known: Tensor, hidden: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
            sums = known + hidden.flatten(2) @ across
            return side_step(sums.view(*sums.shape[:2], 2, 4 * size), memory, self.hidden_form)

        starts = [
            diagonals.from_corner(part, row_side, column_side).transpose(0, 1)
            for part, (row_side, column_side) in zip(edges, _SIDES, strict=True)
        ]
        carried = diagonals.run(known, (starts[0], starts[1]), (starts[2], starts[3]), turn)
        seen = carried.outgoing if self.priority == "depth" else carried.incoming
        sums = linear(torch.cat([seen.flatten(2), hidden], 2), depth.weight, depth.bias)
        back = order.argsort()
        sums = sums.index_select(0, back)
        if depth.activation is not None:
            return Vectors(ACTIVATIONS[depth.activation](sums), None), carried
        made = side_step(sums, _there(below.memory), self.hidden_form)
        return Vectors(*made), carried

    def _zeros(self, inputs: Tensor) -> Edges:
        count, rows, columns = inputs.shape[:3]
        shape = (self.num_layers, count)
        down = self.weight_input.new_zeros(*shape, columns, self.hidden_size)
        right = self.weight_input.new_zeros(*shape, rows, self.hidden_size)
        return Edges(down, down, right, right)

    def _require_edges(self, start: Edges, count: int, rows: int, columns: int) -> None:
        for name, part in zip(Edges._fields, start, strict=True):
            length = columns if name.startswith("down") else rows
            shape = (self.num_layers, count, length, self.hidden_size)
            if part.shape != shape:
                raise ValueError(f"start: {name} must be {list(shape)}, was {list(part.shape)}")
            if part.dtype != self.weight_input.dtype:
                raise ValueError(
                    f"start: {name} must be {self.weight_input.dtype}, was {part.dtype}"
                )


# Of each part of `Edges` in one layer, ``[B, C, d]`` or ``[B, R, d]``: which dimension is of rows,
# and which of columns.
_SIDES: Final = ((None, 1), (None, 1), (1, None), (1, None))


def _edges_of(carried: Carried, diagonals: Diagonals) -> tuple[Tensor, ...]:
    parts = (*carried.down, *carried.right)
    return tuple(
        diagonals.from_corner(part.transpose(0, 1), row_side, column_side)
        for part, (row_side, column_side) in zip(parts, _SIDES, strict=True)
    )


def _cells_first(plane: Tensor) -> Tensor:
    """``[B, R, C, d]`` to ``[R·C, B, d]``."""
    return plane.permute(1, 2, 0, 3).flatten(0, 1)


def _there(part: Tensor | None) -> Tensor:
    if part is None:
        raise ValueError("a side with memory was given none")
    return part
