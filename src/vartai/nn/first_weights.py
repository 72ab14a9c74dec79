"""Weights that recurrent layers learn well from."""

from __future__ import annotations

import torch
from torch import nn

from vartai.nn.layers import RecurrentLayers


def begin_well(layers: RecurrentLayers) -> None:
    """Orthogonal recurrent blocks (Saxe et al. 2014); an LSTM that begins by remembering.

    A forget bias of 1 (Jozefowicz et al. 2015) lets gradients through from the first step. An LSTM
    without a forget gate of its own, coupled or always open, has no such bias.
    """
    size = layers.hidden_size
    for name, parameter in layers.named_parameters():
        with torch.no_grad():
            if name.startswith("weight_hh"):
                for block in parameter.chunk(len(parameter) // size):
                    nn.init.orthogonal_(block)
            elif name.startswith("bias"):
                parameter.zero_()
                gates = layers.form.gates
                if "forget" in gates and name.startswith("bias_ih"):
                    parameter.chunk(len(gates))[gates.index("forget")].fill_(1.0)
