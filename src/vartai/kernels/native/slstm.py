"""sLSTM layers of the compiled core, as functions of tensors: a cell that takes whole rows.

As `vartai.kernels.native.forms`; carried beside the hidden state are cell, normaliser and
stabiliser, ``[…, 3·H]`` side by side, and the recurrent weights are one matrix ``[4·H, H]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape

# Of RowCell in csrc/row_recurrence.h; what is kept are five numbers a unit, see cells/slstm_row.h.
_SLSTM, _GATES, _KEPT, _CARRIED = 4, 4, 5, 3


@dataclass(frozen=True, eq=False)
class SLSTMTape:
    """What a forward pass computed: outputs ``[N, H]``, final states ``[B, H]`` and ``[B, 3·H]``.

    And, where it was asked to keep them, gates ``[N, 5·H]`` and what is carried ``[N, 3·H]``.
    """

    outputs: Tensor
    final: tuple[Tensor, Tensor]
    gates: Tensor | None
    carried: Tensor | None


def _form(bias: Tensor | None) -> door.core.RowForm:
    return door.core.RowForm(
        _SLSTM,
        gates=0,
        activation=0,
        shown_activation=0,
        input_gain=0,
        input_bias=0,
        bias=address(bias),
        gain=0,
        peephole=0,
        cell_gain=0,
        cell_bias=0,
        recurrent=0,
        zoneout_hidden=0,
        zoneout_cell=0,
        zoneout_hidden_stride=0,
        zoneout_cell_stride=0,
    )


def forward_slstm(
    rows: door.core.Rows,
    inputs: Tensor,
    state: tuple[Tensor, Tensor],
    recurrent: Tensor,
    bias: Tensor | None,
    *,
    keep: bool,
) -> SLSTMTape:
    """Run. All tensors contiguous float32 on the CPU.

    Args:
        rows: of the batch.
        inputs: ``[N, 4·H]``. ``W x``.
        state: hidden ``[B, H]``, and what else is carried ``[B, 3·H]``.
        recurrent: ``[4·H, H]``.
        bias: ``[4·H]``, or None.
        keep: whether the tape is to be whole.
    """
    count, size = state[0].shape
    _require_fit(rows, inputs, state, recurrent, bias)
    outputs = inputs.new_empty(rows.total, size)
    gates = inputs.new_empty(rows.total, _KEPT * size) if keep else None
    carried = inputs.new_empty(rows.total, _CARRIED * size) if keep else None
    final = inputs.new_empty(count, size), inputs.new_empty(count, _CARRIED * size)
    door.core.row_forward(
        rows,
        _form(bias),
        hidden_size=size,
        state_size=size,
        threads=torch.get_num_threads(),
        inputs=inputs.data_ptr(),
        weights=recurrent.data_ptr(),
        after=0,
        hidden=state[0].data_ptr(),
        cell=state[1].data_ptr(),
        outputs=outputs.data_ptr(),
        gates=address(gates),
        sums=0,
        cells=address(carried),
        final_hidden=final[0].data_ptr(),
        final_cell=final[1].data_ptr(),
    )
    return SLSTMTape(outputs, final, gates, carried)


def _require_fit(
    rows: door.core.Rows,
    inputs: Tensor,
    state: tuple[Tensor, Tensor],
    recurrent: Tensor,
    bias: Tensor | None,
) -> None:
    count, size = state[0].shape
    require_shape("slstm", "inputs", inputs, (rows.total, _GATES * size))
    require_shape("slstm", "carried", state[1], (count, _CARRIED * size))
    require_shape("slstm", "recurrent", recurrent, (_GATES * size, size))
    if bias is not None:
        require_shape("slstm", "bias", bias, (_GATES * size,))


def backward_slstm(
    rows: door.core.Rows,
    tape: SLSTMTape,
    inputs: Tensor,
    state: tuple[Tensor, Tensor],
    recurrent: Tensor,
    d_results: tuple[Tensor | None, ...],
) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor, Tensor]:
    """Run back through time.

    Args:
        rows: as in `forward_slstm`.
        tape: what `forward_slstm` kept.
        inputs: as in `forward_slstm`.
        state: likewise.
        recurrent: likewise.
        d_results: of outputs and of each final state, contiguous; None counts as zeros.

    Returns:
        Gradients of inputs, of each part of the state, of the recurrent matrix, of the bias.
    """
    size = state[0].size(1)
    d_inputs, d_recurrent = torch.empty_like(inputs), torch.empty_like(recurrent)
    d_state = torch.empty_like(state[0]), torch.empty_like(state[1])
    d_parts = inputs.new_empty((4 * _GATES + 6) * size)
    d_outputs, d_hidden, d_carried = d_results
    door.core.row_backward(
        rows,
        _form(None),
        hidden_size=size,
        state_size=size,
        threads=torch.get_num_threads(),
        inputs=inputs.data_ptr(),
        weights=recurrent.data_ptr(),
        after=0,
        hidden=state[0].data_ptr(),
        cell=state[1].data_ptr(),
        outputs=tape.outputs.data_ptr(),
        gates=address(tape.gates),
        sums=0,
        cells=address(tape.carried),
        d_outputs=address(d_outputs),
        d_final_hidden=address(d_hidden),
        d_final_cell=address(d_carried),
        d_inputs=d_inputs.data_ptr(),
        d_hidden=d_state[0].data_ptr(),
        d_cell=d_state[1].data_ptr(),
        d_weights=d_recurrent.data_ptr(),
        d_after=0,
        d_parts=d_parts.data_ptr(),
    )
    # In the order of RowParts: input_gain, input_bias, bias.
    return d_inputs, d_state, d_recurrent, d_parts[2 * _GATES * size : 3 * _GATES * size]
