"""The loop that writes: choose a token for every row, step the model, drop the rows that are done.

What was read is never read again: the model's state is stepped.

A step of a small model takes a few microseconds, as does a call of numpy or torch that comes once a
token: so there are as few of these as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol

import numpy as np
import torch
from torch import Tensor

from vartai.decoding.choosing import Chooser
from vartai.decoding.step import S
from vartai.decoding.transforms import Ban, Transform, apply_all


class TokenStep(Protocol[S]):
    """As `vartai.decoding.step.Step`, of tokens that are plain numbers."""

    def __call__(self, tokens: Sequence[int], state: S) -> tuple[Tensor, S]:
        """Read one token of every row.

        Args:
            tokens: of R rows.
            state: before them.

        Returns:
            Log-probabilities ``[R, V]`` of the token that follows, in nats, on the CPU, and the
            state after.
        """


@dataclass(eq=False)
class Row:
    """One sequence that is being written.

    Args:
        number: of the row, from 0.
        choose: picks its tokens.
        written: prompt and what was chosen since.
    """

    number: int
    choose: Chooser
    written: list[int] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Begun(Generic[S]):
    """Where writing goes on from.

    Args:
        scores: ``[R, V]``. Log-probabilities of the first token of each row.
        state: of the rows, after their prompts.
    """

    scores: Tensor
    state: S


Finished = Callable[[Row, int], bool]
"""Whether a row ends with the token that was just chosen."""


def write_rows(
    step: TokenStep[S],
    begun: Begun[S],
    rows: Sequence[Row],
    *,
    banned: Sequence[int],
    transforms: Sequence[Transform],
    finished: Finished,
) -> Iterator[tuple[Row, int]]:
    """Write until every row is finished.

    Args:
        step: of the model.
        begun: scores and state after the prompts.
        rows: what is written, as many as `begun` has.
        banned: tokens that are never chosen.
        transforms: of the scores of the others, in order.
        finished: asked after each token; the row is dropped if so.

    Yields:
        Each row with the token that was chosen for it, step after step, in the order of the rows.

    Raises:
        RunError: every token is banned.
    """
    scores, state, active = begun.scores, begun.state, list(rows)
    ban = Ban(banned).weights(scores.size(1))
    while active:
        table = scores.numpy() + ban  # in float64, as that is
        chosen, going = [], []
        for place, row in enumerate(active):
            token = row.choose(apply_all(transforms, table[place], row.written))
            row.written.append(token)
            done = finished(row, token)
            yield row, token
            if not done:
                chosen.append(token)
                going.append(place)
        if not going:
            return
        if len(going) < len(active):
            state = state.select(torch.from_numpy(np.array(going, dtype=np.int64)))
            active = [active[place] for place in going]
        scores, state = step(chosen, state)
