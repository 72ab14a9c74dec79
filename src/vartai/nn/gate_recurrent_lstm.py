"""LSTM layers whose gates see the gates of the step before."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from vartai.kernels.direction import State
from vartai.nn.lstm import LSTMLayers


class GateState(NamedTuple):
    """``hidden`` and ``cell [layers·directions, B, H]``, and ``gates [layers·directions, B, S·H]``.

    The S gates stand side by side, input, forget, output, without those that the layers do not have
    or that are made of another.
    """

    hidden: Tensor
    cell: Tensor
    gates: Tensor


class GateRecurrentLSTM(LSTMLayers):
    """LSTM layers with full gate recurrence: FGR of Greff et al. 2017 (arXiv 1503.04069).

    Input, forget and output gate add what all three gates of the step before say, through nine
    matrices ``[H, H]``; they are the blocks of ``weight_gg_l0 [3H, 3H]``. So gates are a third part
    of the state. The paper's variant has peepholes too. `vartai.kernels.reference.lstm` defines it.

    Arguments and errors are those of `vartai.nn.LSTM`, whose `layer_norm` is not defined here. With
    `coupled` two gates are recurrent, input and output, and a gate that is not there never is.
    Recurrent dropout and zoneout are of the hidden state and the cell, not of the gates.

    Example:
        >>> import torch
        >>> lstm = GateRecurrentLSTM(3, 5, peepholes=True)
        >>> outputs, state = lstm(torch.zeros(7, 2, 3))
        >>> state.gates.shape
        torch.Size([1, 2, 15])
    """

    gate_recurrence = True

    def shown(self, state: State) -> GateState:
        """See `SequenceLayers.shown`."""
        return GateState(*state)
