"""Depth-gated LSTM layers by torch's operators: any device, any float type, traced graphs too.

The products with inputs come first, for all rows at once, then the steps. A layer's cells are an
output like its hidden states: the layer above reads both.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.direction import Result, Trace
from vartai.kernels.masked import carry
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.depth_gated_lstm import (
    GATES,
    TRACED,
    DepthGatedState,
    DepthGatedWeights,
    depth_gated_gates,
    depth_gated_inputs,
)


def run_depth_gated(
    batch: AnyBatch,
    state: DepthGatedState,
    w: DepthGatedWeights,
    *,
    reverse: bool = False,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction.

    Args:
        batch: data ``[N, D]``; above the first layer ``[N, D + H]``, the outputs of the layer below
            and then its cells.
        state: ``[B, H]`` each. State before the first step taken.
        w: weights; with a depth gate above the first layer.
        reverse: take the steps from each sequence's last to its first.
        keep: whether a trace is wanted.

    Returns:
        outputs ``[N, 2H]``, hidden states and then cells, in the order of the rows; the state after
        the last step taken; and the trace, whose gates are those of
        `vartai.kernels.reference.depth_gated_lstm.TRACED`.
    """
    size = state.hidden.size(1)
    x, below = batch.data, None
    if w.depth is not None:
        x, below = batch.data[..., :-size], batch.data[..., -size:]
    sums, depth = depth_gated_inputs(x, below, w)
    rows = sums if depth is None or below is None else torch.cat([sums, depth, below], dim=-1)
    names = GATES if w.depth is None else TRACED
    kept = len(names) if keep else 0

    def step(row: Tensor, carried: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden, cell = carried[0][:, : 2 * size].chunk(2, dim=1)
        own, more = row[:, : 4 * size], row[:, 4 * size :]
        of_depth, lower = more.chunk(2, dim=1) if w.depth is not None else (None, None)
        before = DepthGatedState(hidden, cell)
        after, gates = depth_gated_gates((own, of_depth), lower, before, w)
        return (torch.cat([*after, *gates[:kept]], dim=1),)

    start = torch.cat([*state, *[torch.zeros_like(state.hidden)] * kept], dim=1)
    found, final = carry(step, batch.with_data(rows), (start,), reverse=reverse)
    outputs = found[..., : 2 * size]
    hidden, cell = final[0][:, : 2 * size].chunk(2, dim=1)
    trace = None
    if keep:
        parts = (part.detach() for part in found.chunk(2 + kept, dim=-1))
        shown, cells, *gates = parts
        trace = Trace(shown, cells, dict(zip(names, gates, strict=True)))
    return Result(outputs, (hidden, cell), trace)
