"""minLSTM layers: two gates and a candidate that read the input alone."""

from __future__ import annotations

from torch import Tensor

from vartai.kernels.reference.min_lstm import GATES, min_lstm_gates
from vartai.nn.minimal import MinimalLayers


class MinLSTM(MinimalLayers):
    """minLSTM layers (Feng et al. 2024, arXiv 2410.01201); `vartai.kernels.reference.min_lstm`.

    Forget and input gate are scaled to add up to one; there is no cell state beside the hidden one.
    Inputs and outputs are those of `vartai.nn.GRU`; parameters are ``weight_ih [3H, D]`` and
    ``bias_ih [3H]``: forget gate, input gate, candidate, in the paper's order. Arguments and errors
    are those of `vartai.nn.minimal.MinimalLayers`.

    Example:
        >>> import torch
        >>> layer = MinLSTM(3, 5, bidirectional=True)
        >>> outputs, hidden = layer(torch.zeros(7, 2, 3), lengths=torch.tensor([7, 0]))
        >>> outputs.shape, hidden.shape
        (torch.Size([7, 2, 10]), torch.Size([2, 2, 5]))
    """

    gate_names = traced = GATES
    scan = "min_lstm"

    def gates_of(self, sums: Tensor) -> dict[str, Tensor]:
        """See `vartai.nn.minimal.MinimalLayers.gates_of`."""
        return min_lstm_gates(sums, candidate=self.candidate)
