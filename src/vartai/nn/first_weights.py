"""Weights that recurrent layers learn well from."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vartai.nn.depth_gated_lstm import DepthGatedLSTM
from vartai.nn.grid_lstm import GridLSTM
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sequence_layers import SequenceLayers


def begin_well(layers: SequenceLayers) -> None:
    """Orthogonal recurrent blocks (Saxe et al. 2014); an LSTM that begins by remembering.

    A forget bias of 1 (Jozefowicz et al. 2015) lets gradients through from the first step; where
    the input gate stands for it, as f = 1 - i, its bias is -1; a forget gate that is always open
    has none. Every side of a grid begins by remembering, too, with the matrices that it is made
    with. Layers of other kinds keep the weights that they are made with.
    """
    for grid in layers.modules():  # two stacks side by side have one each
        if isinstance(grid, GridLSTM):
            _remember_along_all_sides(grid)
    if not isinstance(layers, RecurrentLayers | DepthGatedLSTM):
        return
    size = layers.hidden_size
    for name, parameter in layers.named_parameters():
        with torch.no_grad():
            if name.startswith("weight_hh"):
                for block in parameter.chunk(len(parameter) // size):
                    nn.init.orthogonal_(block)
            elif name.startswith("bias"):
                parameter.zero_()
                if name.startswith("bias_ih"):
                    _remember(layers, parameter)


def _remember_along_all_sides(grid: GridLSTM) -> None:
    size = grid.hidden_size
    for layer in range(1 if grid.tied else grid.num_layers):
        for side in (grid.side(name, layer) for name in ("time", "depth")):
            if side.activation is None:  # else it has no gates
                with torch.no_grad():
                    side.bias[size : 2 * size] = 1.0


def _remember(layers: RecurrentLayers | DepthGatedLSTM, bias: Tensor) -> None:
    gates, size = layers.gate_names, layers.hidden_size
    coupled = isinstance(layers, RecurrentLayers) and layers.form.coupled
    gate, value = ("input", -1.0) if coupled else ("forget", 1.0)
    if gate in gates:
        place = gates.index(gate) * size
        bias[place : place + size] = value
