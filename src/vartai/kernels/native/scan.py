"""Scans of the compiled core, as functions of tensors: csrc/scan.h says what each kind computes.

Inputs come as one stacked matrix ``[N, P·H]``, as a product with stacked weights leaves it, or as P
matrices ``[N, H]``. What the backward pass reads again is these and the outputs; gates are computed
once more rather than kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape

# In the order of ScanKind in csrc/scan.h, with P, the blocks of inputs.
KINDS = {
    "diagonal": 2,
    "ind_rnn_tanh": 1,
    "ind_rnn_relu": 1,
    "min_gru_identity": 2,
    "min_gru_tanh": 2,
    "min_gru_g": 2,
    "min_lstm_identity": 3,
    "min_lstm_tanh": 3,
    "min_lstm_g": 3,
}
_FLOAT = 4  # bytes


@dataclass(frozen=True)
class Scan:
    """One kind of scan over one batch in one direction: sizes, and which row each step takes."""

    name: str
    rows: door.core.Rows
    hidden_size: int
    stacked: bool

    @property
    def kind(self) -> int:
        """The scan's number in the core."""
        return list(KINDS).index(self.name)

    @property
    def stride(self) -> int:
        """Floats from a row of an input to the next."""
        return self.hidden_size * (KINDS[self.name] if self.stacked else 1)

    def addresses(self, inputs: tuple[Tensor, ...]) -> list[int]:
        """Where each of the P blocks of inputs begins."""
        if not self.stacked:
            return [block.data_ptr() for block in inputs]
        apart = self.hidden_size * _FLOAT
        return [inputs[0].data_ptr() + place * apart for place in range(KINDS[self.name])]


class ScanGradients(NamedTuple):
    """Of the inputs as they came, of the state before the first step, of an IndRNN's weights."""

    inputs: tuple[Tensor, ...]
    hidden: Tensor
    recurrent: Tensor | None


def require_fit(
    name: str, inputs: tuple[Tensor, ...], lengths: Tensor, hidden: Tensor, recurrent: Tensor | None
) -> None:
    """Check that all shapes belong together.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    blocks, rows, size = KINDS[name], int(lengths.sum()), hidden.size(-1)
    if len(inputs) not in (1, blocks):
        raise ValueError(f"{name}: expected {blocks} inputs or all in one, got {len(inputs)}")
    for block in inputs:
        width = size if len(inputs) == blocks else blocks * size
        require_shape(name, "inputs", block, (rows, width))
    require_shape(name, "hidden", hidden, (lengths.numel(), size))
    if (recurrent is not None) != name.startswith("ind_rnn"):
        given = "given" if recurrent is not None else "missing"
        raise ValueError(f"{name}: recurrent weights are {given}; only an IndRNN has them")
    if recurrent is not None:
        require_shape(name, "recurrent weights", recurrent, (size,))


def plan_scan(
    name: str,
    inputs: tuple[Tensor, ...],
    lengths: Tensor,
    hidden: Tensor,
    recurrent: Tensor | None,
    *,
    reverse: bool,
) -> Scan:
    """Check shapes as `require_fit` does, and lay out who takes which step."""
    require_fit(name, inputs, lengths, hidden, recurrent)
    lengths = lengths.contiguous()
    groups = max(1, torch.get_num_threads())
    rows = door.core.Rows(lengths.data_ptr(), lengths.numel(), reverse=reverse, groups=groups)
    return Scan(name, rows, hidden.size(-1), stacked=len(inputs) < KINDS[name])


def scan_forward(
    scan: Scan, inputs: tuple[Tensor, ...], hidden: Tensor, recurrent: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Outputs ``[N, H]`` and final states ``[B, H]``; all contiguous float32 on the CPU."""
    outputs = hidden.new_empty(scan.rows.total, scan.hidden_size)
    final = torch.empty_like(hidden)
    door.core.scan_forward(
        scan.rows,
        scan.kind,
        hidden_size=scan.hidden_size,
        stride=scan.stride,
        threads=torch.get_num_threads(),
        inputs=scan.addresses(inputs),
        recurrent=address(recurrent),
        hidden=hidden.data_ptr(),
        outputs=outputs.data_ptr(),
        final_hidden=final.data_ptr(),
    )
    return outputs, final


def scan_backward(
    scan: Scan,
    inputs: tuple[Tensor, ...],
    hidden: Tensor,
    recurrent: Tensor | None,
    outputs: Tensor,
    d_results: tuple[Tensor | None, Tensor | None],
) -> ScanGradients:
    """Run back through time; of outputs and final states, None counts as zeros."""
    d_inputs = tuple(torch.empty_like(block) for block in inputs)
    d_hidden = torch.empty_like(hidden)
    d_recurrent = None if recurrent is None else torch.empty_like(recurrent)
    door.core.scan_backward(
        scan.rows,
        scan.kind,
        hidden_size=scan.hidden_size,
        stride=scan.stride,
        threads=torch.get_num_threads(),
        inputs=scan.addresses(inputs),
        recurrent=address(recurrent),
        hidden=hidden.data_ptr(),
        outputs=outputs.data_ptr(),
        d_outputs=address(d_results[0]),
        d_final_hidden=address(d_results[1]),
        d_inputs=scan.addresses(d_inputs),
        d_hidden=d_hidden.data_ptr(),
        d_recurrent=address(d_recurrent),
    )
    return ScanGradients(d_inputs, d_hidden, d_recurrent)
