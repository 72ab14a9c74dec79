"""Elementwise recurrences as a loop of torch's operators: the way round the compiled core."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from vartai.kernels.masked import carry
from vartai.kernels.native.scan import KINDS
from vartai.kernels.padded import AnyBatch

Inputs = tuple[Tensor, ...]


def run_looped(
    kind: str,
    inputs: Inputs,
    batch: AnyBatch,
    hidden: Tensor,
    *,
    recurrent: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """As `vartai.kernels.scan.run_scan`; gates are computed for all steps at once.

    The batch says which rows are whose; what it has for data is not read.
    """
    if recurrent is not None:
        act = torch.relu if kind == "ind_rnn_relu" else torch.tanh

        def nonlinear(drive: Tensor, state: Inputs) -> Inputs:
            return (act(drive + recurrent * state[0]),)

        outputs, final = carry(nonlinear, batch.with_data(inputs[0]), (hidden,), reverse=reverse)
        return outputs, final[0]

    def linear(gates: Tensor, state: Inputs) -> Inputs:
        decay, drive = gates.chunk(2, dim=1)
        return (torch.addcmul(drive, decay, state[0]),)

    gates = torch.cat(decay_and_drive(kind, inputs), dim=-1)
    outputs, final = carry(linear, batch.with_data(gates), (hidden,), reverse=reverse)
    return outputs, final[0]


def decay_and_drive(kind: str, inputs: Inputs) -> Inputs:
    """The two inputs of the plain scan that a linear kind comes down to."""
    blocks = inputs if len(inputs) > 1 else inputs[0].chunk(KINDS[kind], dim=-1)
    if kind == "diagonal":
        return blocks
    candidate = _candidate(kind, blocks[-1])
    if kind.startswith("min_gru"):
        return torch.sigmoid(-blocks[0]), torch.sigmoid(blocks[0]) * candidate
    # F / (F + I) by the logarithm of F / I, which stands where F and I both vanish.
    ratio = functional.logsigmoid(blocks[0]) - functional.logsigmoid(blocks[1])
    return torch.sigmoid(ratio), torch.sigmoid(-ratio) * candidate


def _candidate(kind: str, v: Tensor) -> Tensor:
    if kind.endswith("_identity"):
        return v
    return torch.tanh(v) if kind.endswith("_tanh") else torch.where(v >= 0, v + 0.5, v.sigmoid())
