"""Gated recurrent layers."""

from __future__ import annotations

import torch

from vartai.kernels.forms import Form
from vartai.nn.layers import RecurrentLayers


class GRU(RecurrentLayers):
    """Gated recurrent layers: `torch.nn.GRU`, and more.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        device: of the parameters.
        dtype: of the parameters.
        reset_after: the reset gate acts on the product of hidden state and weights, as in torch;
            if not, on the hidden state (Cho et al. 2014).
        activation: of the candidate; a name of `vartai.kernels.activations.ACTIVATIONS`.
        layer_norm: normalise the sums (Ba, Kiros & Hinton 2016, their GRU).
        recurrent_dropout: share of hidden units dropped on their way to the next step, the same at
            every step of a sequence (Gal & Ghahramani 2016).
        zoneout: share of hidden units that a step leaves as they were (Krueger et al. 2017).
        learned_state: initial states that are not given are parameters.

    Raises:
        OptionError: a name that is not known, or a number out of bounds.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        reset_after: bool = True,
        activation: str = "tanh",
        layer_norm: bool = False,
        recurrent_dropout: float = 0.0,
        zoneout: float = 0.0,
        learned_state: bool = False,
    ) -> None:
        super().__init__(
            Form("gru", activation, reset_before=not reset_after, layer_norm=layer_norm),
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device,
            dtype,
            recurrent_dropout=recurrent_dropout,
            zoneout=zoneout,
            learned_state=learned_state,
        )
        self.reset_after = reset_after
        self.activation = activation
