"""Independently recurrent layers: a unit reads its own past and no other unit's."""

from __future__ import annotations

from torch import nn
from torch.nn import functional

from vartai.errors import unknown_name
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.graph_scan import scan_batch
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.ind_rnn import GATES
from vartai.nn.layer_stack import LayerStack

NONLINEARITIES = ("relu", "tanh")


class IndRNN(LayerStack):
    """IndRNN layers (Li et al. 2018, arXiv 1803.04831); `vartai.kernels.reference.ind_rnn`.

    Inputs and outputs are those of `vartai.nn.RNN`; parameters are ``weight_ih [H, D]``,
    ``bias_ih [H]`` and ``weight_hh [H]``, one number a unit, drawn between 0 and 1: below 1 a past
    step fades, above 1 it grows, and so does its gradient.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there is a ``bias_ih``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        nonlinearity: ``relu``, the paper's, or ``tanh``.

    Raises:
        OptionError: a number out of bounds, or an unknown nonlinearity.

    Example:
        >>> import torch
        >>> layer = IndRNN(3, 5)
        >>> layer.weight_hh_l0.shape, layer(torch.zeros(7, 2, 3))[0].shape
        (torch.Size([5]), torch.Size([7, 2, 5]))
    """

    gate_names = traced = GATES

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
        nonlinearity: str = "relu",
    ) -> None:
        if nonlinearity not in NONLINEARITIES:
            raise unknown_name("nonlinearity", nonlinearity, NONLINEARITIES)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )
        self.nonlinearity = nonlinearity

    def parameter_shapes(self, below: int) -> dict[str, tuple[int, ...]]:
        """See `LayerStack.parameter_shapes`."""
        return super().parameter_shapes(below) | {"weight_hh": (self.hidden_size,)}

    def reset_parameters(self) -> None:
        """Draw recurrent weights between 0 and 1, the others within ±1/√H."""
        super().reset_parameters()
        for name, parameter in self.named_parameters():
            if name.startswith("weight_hh"):
                nn.init.uniform_(parameter, 0.0, 1.0)

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """See `LayerStack.run_direction`."""
        sums = functional.linear(batch.data, *self.input_weights(suffix))
        outputs, final = scan_batch(
            f"ind_rnn_{self.nonlinearity}",
            batch.with_data(sums),
            state[0],
            recurrent=self.parameter("weight_hh", suffix),
            reverse=reverse,
        )
        hidden = outputs.detach()
        return Result(outputs, (final,), Trace(hidden, None, {GATES[0]: hidden}) if keep else None)
