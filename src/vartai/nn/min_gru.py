"""minGRU layers: a gate and a candidate that read the input alone."""

from __future__ import annotations

from torch import Tensor

from vartai.kernels.reference.min_gru import GATES, min_gru_gates
from vartai.nn.minimal import MinimalLayers


class MinGRU(MinimalLayers):
    """minGRU layers (Feng et al. 2024, arXiv 2410.01201); `vartai.kernels.reference.min_gru`.

    The state takes no part in the gates, so each layer is one large product and one pass over its
    rows. Inputs and outputs are those of `vartai.nn.GRU`; parameters are ``weight_ih [2H, D]`` and
    ``bias_ih [2H]``, update gate and then candidate. Arguments and errors are those of
    `vartai.nn.minimal.MinimalLayers`.

    Example:
        >>> import torch
        >>> layer = MinGRU(3, 5, bidirectional=True)
        >>> outputs, hidden = layer(torch.zeros(7, 2, 3), lengths=torch.tensor([7, 0]))
        >>> outputs.shape, hidden.shape
        (torch.Size([7, 2, 10]), torch.Size([2, 2, 5]))
    """

    gate_names = traced = GATES
    scan = "min_gru"

    def gates_of(self, sums: Tensor) -> dict[str, Tensor]:
        """See `vartai.nn.minimal.MinimalLayers.gates_of`."""
        return min_gru_gates(sums, candidate=self.candidate)
