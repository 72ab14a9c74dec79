"""Diagonals of a plane: the cells that do not wait for each other, all of one at once.

A cell reads what left its neighbours above and to the left, both on the diagonal before. So a plane
of R rows and C columns takes R + C - 1 turns instead of R·C.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

# Of a diagonal: what is known of its cells, and the hidden vectors and memories that come in.
Turn = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Diagonals:
    """The order of cells.

    Args:
        rows: R.
        columns: C.
        corner: where the first cell is: ``top`` or ``bottom``, ``left`` or ``right``.
    """

    rows: int
    columns: int
    corner: tuple[str, str] = ("top", "left")

    @property
    def turns(self) -> int:
        """Diagonals."""
        return self.rows + self.columns - 1

    def span(self, number: int) -> tuple[int, int]:
        """First row of a diagonal, and the one after its last, counted from the corner."""
        return max(0, number - self.columns + 1), min(self.rows, number + 1)

    def order(self) -> Tensor:
        """``[R·C]``: number, row by row from the top left, of each cell in the order of turns."""
        places = torch.arange(self.rows * self.columns).view(self.rows, self.columns)
        places = self.from_corner(places, 0, 1)
        row = torch.arange(self.rows)[:, None]
        turn = row + torch.arange(self.columns)
        return places.flatten()[(turn * self.rows + row).flatten().argsort()]

    def from_corner(self, plane: Tensor, row_side: int | None, column_side: int | None) -> Tensor:
        """A plane, or an edge of it, counted from the corner; and back again."""
        turned = [
            side
            for side, backward in (
                (row_side, self.corner[0] == "bottom"),
                (column_side, self.corner[1] == "right"),
            )
            if side is not None and backward
        ]
        return plane.flip(turned) if turned else plane

    def run(
        self, known: Tensor, down: tuple[Tensor, Tensor], right: tuple[Tensor, Tensor], turn: Turn
    ) -> Carried:
        """Carry both sides over the plane.

        Args:
            known: ``[R·C, B, …]``, in the order of turns.
            down: ``[C, B, d]`` hidden and memory that come into the columns, from the corner on.
            right: ``[R, B, d]`` that come into the rows.
            turn: computes one diagonal: known ``[n, B, …]`` and hidden and memory ``[n, B, 2, d]``
                of both sides that come in, to those that go out.
        """
        parts = torch.split(known, [len(range(*self.span(number))) for number in range(self.turns)])
        hidden, memory = (torch.stack([down[part][:1], right[part][:1]], 2) for part in (0, 1))
        incoming, outgoing = [], []
        kept: list[list[Tensor]] = [[], [], [], []]
        for number in range(self.turns):
            incoming.append(hidden)
            hidden, memory = turn(parts[number], hidden, memory)
            outgoing.append(hidden)
            if number >= self.rows - 1:
                kept[0].append(hidden[-1, :, 0])
                kept[1].append(memory[-1, :, 0])
            if number >= self.columns - 1:
                kept[2].append(hidden[0, :, 1])
                kept[3].append(memory[0, :, 1])
            if number + 1 < self.turns:
                hidden = self._moved(hidden, number, (down[0], right[0]))
                memory = self._moved(memory, number, (down[1], right[1]))
        last = [torch.stack(part) for part in kept]
        return Carried(
            torch.cat(incoming), torch.cat(outgoing), (last[0], last[1]), (last[2], last[3])
        )

    def _moved(self, made: Tensor, number: int, starts: tuple[Tensor, Tensor]) -> Tensor:
        """What comes into the next diagonal, ``[n, B, 2, d]``, from this one and from the edges."""
        first, stop = self.span(number)
        next_first, next_stop = self.span(number + 1)
        down = made[max(next_first, 1) - 1 - first : next_stop - 1 - first, :, 0]
        if next_first == 0:
            entering = starts[0][number + 1 : number + 2]
            down = torch.cat([entering, down])
        right = made[next_first - first : min(next_stop, stop) - first, :, 1]
        if next_stop > stop:
            right = torch.cat([right, starts[1][stop:next_stop]])
        return torch.stack([down, right], 2)


@dataclass(frozen=True, eq=False)
class Carried:
    """What ran over a plane.

    Args:
        incoming: ``[R·C, B, 2, d]``, in the order of turns. Hidden vectors that came into the
            cells, down and right.
        outgoing: likewise, those that went out.
        down: ``[C, B, d]`` hidden and memory that came out of the columns.
        right: ``[R, B, d]`` that came out of the rows.
    """

    incoming: Tensor
    outgoing: Tensor
    down: tuple[Tensor, Tensor]
    right: tuple[Tensor, Tensor]
