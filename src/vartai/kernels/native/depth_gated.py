"""Depth-gated LSTM layers of the compiled core, as functions of tensors: an LSTM that is let in to.

As `vartai.kernels.native.forms`. The sums of the depth gate come whole but for its peephole, and
the cells below beside them; without both it is an LSTM whose cells have gradients of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape

# Of RowCell and of `lstm_gates` in csrc/row_recurrence.h.
_LSTM, _ALL_GATES = 1, 7


@dataclass(frozen=True, eq=False)
class DepthGatedTensors:
    """What a direction computes with; contiguous float32 on the CPU.

    Args:
        inputs: ``[N, 4·H]``. ``W x``.
        depth: ``[N, H]``. Sums of the depth gate without its peephole; None in the first layer.
        below: ``[N, H]``. The cells that it lets in, likewise.
        hidden: ``[B, H]``.
        cell: ``[B, H]``.
        recurrent: ``[4·H, H]``.
        bias: ``[4·H]``, or None.
        peephole: ``[3·H]``, or None.
        depth_peephole: ``[H]``, of the layer's own cell; None in the first layer.
    """

    inputs: Tensor
    depth: Tensor | None
    below: Tensor | None
    hidden: Tensor
    cell: Tensor
    recurrent: Tensor
    bias: Tensor | None
    peephole: Tensor | None
    depth_peephole: Tensor | None

    def require_fit(self, rows: int) -> None:
        """Refuse what the core would read past.

        Raises:
            ValueError: names the tensor, with what its shape should be.
        """
        count, size = self.hidden.shape
        wanted = {
            "inputs": (rows, 4 * size),
            "depth": (rows, size),
            "below": (rows, size),
            "cell": (count, size),
            "recurrent": (4 * size, size),
            "bias": (4 * size,),
            "peephole": (3 * size,),
            "depth_peephole": (size,),
        }
        for name, shape in wanted.items():
            tensor = getattr(self, name)
            if tensor is not None:
                require_shape("depth-gated lstm", name, tensor, shape)

    def form(self) -> door.core.RowForm:
        """As the core takes it."""
        return door.core.RowForm(
            _LSTM,
            gates=_ALL_GATES,
            activation=0,
            shown_activation=0,
            input_gain=0,
            input_bias=0,
            bias=address(self.bias),
            gain=0,
            peephole=address(self.peephole),
            cell_gain=0,
            cell_bias=0,
            recurrent=0,
            zoneout_hidden=0,
            zoneout_cell=0,
            zoneout_hidden_stride=0,
            zoneout_cell_stride=0,
            depth_peephole=address(self.depth_peephole),
        )


@dataclass(frozen=True, eq=False)
class DepthGatedTape:
    """What a forward pass computed: outputs and cells ``[N, H]``, final states ``[B, H]`` each.

    Gates ``[N, 4·H]`` where they were to be kept; the depth gate ``[N, H]`` where there is one.
    """

    outputs: Tensor
    cells: Tensor
    final: tuple[Tensor, Tensor]
    gates: Tensor | None
    depth: Tensor | None


def forward_depth_gated(
    rows: door.core.Rows, given: DepthGatedTensors, *, keep: bool
) -> DepthGatedTape:
    """Run.

    Args:
        rows: of the batch.
        given: what to compute with.
        keep: whether the tape is to be whole.
    """
    given.require_fit(rows.total)
    size = given.hidden.size(1)
    outputs = given.inputs.new_empty(rows.total, size)
    cells = torch.empty_like(outputs)
    gates = given.inputs.new_empty(rows.total, 4 * size) if keep else None
    depth = None if given.depth is None else given.depth.clone()  # the gate takes its place
    final = torch.empty_like(given.hidden), torch.empty_like(given.cell)
    door.core.row_forward(
        rows,
        given.form(),
        hidden_size=size,
        state_size=size,
        threads=torch.get_num_threads(),
        inputs=given.inputs.data_ptr(),
        weights=given.recurrent.data_ptr(),
        after=0,
        hidden=given.hidden.data_ptr(),
        cell=given.cell.data_ptr(),
        outputs=outputs.data_ptr(),
        gates=address(gates),
        sums=0,
        cells=cells.data_ptr(),
        final_hidden=final[0].data_ptr(),
        final_cell=final[1].data_ptr(),
        depth=address(depth),
        below=address(given.below),
    )
    return DepthGatedTape(outputs, cells, final, gates, depth)


def backward_depth_gated(
    rows: door.core.Rows,
    tape: DepthGatedTape,
    given: DepthGatedTensors,
    d_results: tuple[Tensor | None, ...],
) -> DepthGatedTensors:
    """Run back through time.

    Args:
        rows: as in `forward_depth_gated`.
        tape: what it kept; final states are not read.
        given: as there.
        d_results: of outputs, cells, final hidden and final cell, contiguous; None counts as zeros.

    Returns:
        The gradients of what was given.
    """
    size = given.hidden.size(1)
    d, d_parts = _memory(given)
    d_outputs, d_cells, d_final_hidden, d_final_cell = d_results
    door.core.row_backward(
        rows,
        given.form(),
        hidden_size=size,
        state_size=size,
        threads=torch.get_num_threads(),
        inputs=given.inputs.data_ptr(),
        weights=given.recurrent.data_ptr(),
        after=0,
        hidden=given.hidden.data_ptr(),
        cell=given.cell.data_ptr(),
        outputs=tape.outputs.data_ptr(),
        gates=address(tape.gates),
        sums=0,
        cells=tape.cells.data_ptr(),
        d_outputs=address(d_outputs),
        d_final_hidden=address(d_final_hidden),
        d_final_cell=address(d_final_cell),
        d_inputs=d.inputs.data_ptr(),
        d_hidden=d.hidden.data_ptr(),
        d_cell=d.cell.data_ptr(),
        d_weights=d.recurrent.data_ptr(),
        d_after=0,
        d_parts=d_parts.data_ptr(),
        depth=address(tape.depth),
        below=address(given.below),
        d_cells=address(d_cells),
        d_depth=address(d.depth),
        d_below=address(d.below),
    )
    return d


def _memory(given: DepthGatedTensors) -> tuple[DepthGatedTensors, Tensor]:
    """Memory for all gradients, and the run of floats in which those of the parts stand."""
    size = given.hidden.size(1)
    parts = given.inputs.new_empty((4 * 4 + 6) * size)
    blocks = torch.split(parts, [size * n for n in (8, 4, 4, 3, 2, 1)])
    gradients = DepthGatedTensors(
        torch.empty_like(given.inputs),
        None if given.depth is None else torch.empty_like(given.depth),
        None if given.below is None else torch.empty_like(given.below),
        torch.empty_like(given.hidden),
        torch.empty_like(given.cell),
        torch.empty_like(given.recurrent),
        None if given.bias is None else blocks[1],
        None if given.peephole is None else blocks[3],
        None if given.depth_peephole is None else blocks[5],
    )
    return gradients, parts
