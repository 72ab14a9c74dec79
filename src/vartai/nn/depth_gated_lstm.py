"""Depth-gated LSTM layers: the cell below is let into the cell above."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vartai.kernels.depth_gated import run_depth_gated
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.depth_gated_lstm import (
    GATES,
    TRACED,
    DepthGate,
    DepthGatedState,
    DepthGatedWeights,
)
from vartai.nn.layer_stack import LayerStack
from vartai.nn.resets import Pieces
from vartai.nn.stack_run import StackRun, stack_states


class DepthGatedLSTM(LayerStack):
    """Depth-gated LSTM layers (Yao et al. 2015, arXiv 1508.03790).

    Each layer above the first has a depth gate, the share of the cell below that is added to its
    own cell. `vartai.kernels.reference.depth_gated_lstm` has the equations, and says what of them
    is the paper's. Inputs, outputs and states are those of `vartai.nn.LSTM`; parameters are
    ``weight_ih [4H, D]``, ``weight_hh [4H, H]``, ``bias_ih [4H]``, ``peephole [3H]``, and above the
    first layer ``weight_depth [H, D]``, ``bias_depth [H]`` and ``peephole_depth [2H]``, of the
    layer's own cell and of the cell below.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading outputs and cells of the one below. One alone is an LSTM
            with peepholes.
        bias: whether there are ``bias_ih`` and ``bias_depth``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's; cells
            are never dropped.
        bidirectional: a second direction reads each layer's inputs from end to start; its layers
            let in each other's cells.
        peepholes: whether input, forget and output gate see the cell.

    Raises:
        OptionError: a number out of bounds.

    Example:
        >>> layer = DepthGatedLSTM(3, 5, num_layers=2)
        >>> outputs, state, trace = layer(torch.zeros(7, 2, 3), trace=True)
        >>> outputs.shape, list(trace["l1"].gates)
        (torch.Size([7, 2, 5]), ['input', 'forget', 'candidate', 'output', 'depth'])
    """

    gate_names = GATES
    traced = TRACED
    state_parts = len(DepthGatedState._fields)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        peepholes: bool = True,
    ) -> None:
        self.peepholes = peepholes
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )

    def layer_shapes(self, layer: int, below: int) -> dict[str, tuple[int, ...]]:
        """See `LayerStack.layer_shapes`."""
        size = self.hidden_size
        shapes = super().layer_shapes(layer, below) | {"weight_hh": (4 * size, size)}
        if self.peepholes:
            shapes["peephole"] = (3 * size,)
        if layer == 0:
            return shapes
        shapes |= {"weight_depth": (size, below), "peephole_depth": (2 * size,)}
        return shapes | ({"bias_depth": (size,)} if self.bias else {})

    def direction_weights(self, suffix: str) -> DepthGatedWeights:
        """Those of a direction such as ``l0_reverse``."""
        depth = None
        if suffix.removesuffix("_reverse") != "l0":
            depth = DepthGate(
                self.parameter("weight_depth", suffix),
                self.parameter("bias_depth", suffix) if self.bias else None,
                self.parameter("peephole_depth", suffix),
            )
        return DepthGatedWeights(
            *self.input_weights(suffix),
            self.parameter("weight_hh", suffix),
            self.parameter("peephole", suffix) if self.peepholes else None,
            depth,
        )

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """See `LayerStack.run_direction`; but data and outputs are those of `run_depth_gated`."""
        weights = self.direction_weights(suffix)
        return run_depth_gated(batch, DepthGatedState(*state), weights, reverse=reverse, keep=keep)

    def _run(
        self, batch: AnyBatch, state: State | None, *, pieces: Pieces | None, keep: bool
    ) -> StackRun:
        if pieces is not None:
            return self._run_cut(batch, state, pieces, keep=keep)
        state = self.start_state(batch.count) if state is None else state
        finals: list[State] = []
        traces: dict[str, Trace] = {}
        cells: list[Tensor] = []
        rows = batch.data
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout > 0.0:
                rows = nn.functional.dropout(rows, self.dropout)
            results = []
            for direction, suffix in enumerate(self.suffixes(layer)):
                place = layer * self.directions + direction
                start = tuple(part[place] for part in state)
                data = torch.cat([rows, cells[direction]], -1) if layer else rows
                given = batch.with_data(data)
                result = self.run_direction(given, start, suffix, reverse=direction == 1, keep=keep)
                results.append(result.outputs.chunk(2, dim=-1))
                finals.append(result.final)
                if result.trace is not None:
                    traces[suffix] = result.trace
            rows = torch.cat([hidden for hidden, _ in results], -1)
            cells = [cell for _, cell in results]
        return StackRun(rows, stack_states(finals), traces)

    def shown(self, state: State) -> DepthGatedState:
        """See `SequenceLayers.shown`."""
        return DepthGatedState(*state)
