"""Simple recurrent layers."""

from __future__ import annotations

import torch

from vartai.errors import unknown_name
from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.forms import Form
from vartai.nn.layers import RecurrentLayers


class RNN(RecurrentLayers):
    """Simple (Elman) recurrent layers: `torch.nn.RNN`, and more.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        nonlinearity: a name of `vartai.kernels.activations.ACTIVATIONS`, such as tanh or relu.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        device: of the parameters.
        dtype: of the parameters.
        layer_norm: normalise the sums (Ba, Kiros & Hinton 2016, equation 4).
        recurrent_dropout: share of hidden units dropped on their way to the next step, the same at
            every step of a sequence (Gal & Ghahramani 2016).
        zoneout: share of hidden units that a step leaves as they were (Krueger et al. 2017).
        learned_state: initial states that are not given are parameters.

    Raises:
        OptionError: a name that is not known, or a number out of bounds.

    Example:
        >>> rnn = RNN(3, 5, bidirectional=True)
        >>> outputs, hidden = rnn(torch.zeros(7, 2, 3), lengths=torch.tensor([7, 0]))
        >>> outputs.shape, hidden.shape
        (torch.Size([7, 2, 10]), torch.Size([2, 2, 5]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        layer_norm: bool = False,
        recurrent_dropout: float = 0.0,
        zoneout: float = 0.0,
        learned_state: bool = False,
    ) -> None:
        if nonlinearity not in ACTIVATIONS:
            raise unknown_name("nonlinearity", nonlinearity, ACTIVATIONS)
        super().__init__(
            Form("rnn", nonlinearity, layer_norm=layer_norm),
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
        self.nonlinearity = nonlinearity
