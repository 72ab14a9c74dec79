"""Weights that recurrent layers learn well from."""

from __future__ import annotations

import torch
from torch import nn

from vartai.nn.layers import RecurrentLayers


def begin_well(layers: RecurrentLayers) -> None:
    """Orthogonal recurrent blocks (Saxe et al. 2014); an LSTM that begins by remembering.

    A forget bias of 1 (Jozefowicz et al. 2015) lets gradients through from the first step.
    """
    size = layers.hidden_size
    for name, parameter in layers.named_parameters():
        with torch.no_grad():
            if name.startswith("weight_hh"):
                for block in parameter.chunk(len(parameter) // size):
                    nn.init.orthogonal_(block)
            elif name.startswith("bias"):
                parameter.zero_()
                if layers.form.cell == "lstm" and name.startswith("bias_ih"):
                    parameter[size : 2 * size] = 1.0
