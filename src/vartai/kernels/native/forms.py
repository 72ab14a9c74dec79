"""Cells that take whole rows, for the forms that `torch.nn` has not, as functions of tensors.

The core is given the product ``W_ih x`` of all rows, which `product` forms. Rules as in
`vartai.kernels.native.layer`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from vartai.kernels.direction import Noise, State
from vartai.kernels.forms import GATES, REMOVABLE, Form
from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape
from vartai.kernels.native.layer import cell_address, rows_of
from vartai.sequences import SequenceBatch

# In the order of RowCell and Activation in csrc/row_recurrence.h.
_CELLS = ("rnn", "lstm", "gru", "gru_before")
_ACTIVATIONS = (
    "tanh",
    "relu",
    "elu",
    "hardtanh",
    "identity",
    "leaky_relu",
    "sigmoid",
    "softsign",
    "softplus",
)


@dataclass(frozen=True, eq=False)
class Parts:
    """What a form adds to its cell, None where it has none; also the gradients of the same.

    Args:
        input_gain: ``[G·H]``. Layer normalisation of ``W_ih x``.
        input_bias: ``[G·H]``. A GRU's, added to that.
        bias: ``[G·H]``. Added to ``W_hh h``; of an RNN and an LSTM both biases together.
        gain: ``[G·H]``. Layer normalisation of ``W_hh h``, of an RNN's sums.
        peephole: ``[S·H]``, of the gates of `Form.sigmoids`.
        cell_gain: ``[H]``. Layer normalisation of the cell as it is shown.
        cell_bias: ``[H]``. Added to that.
    """

    input_gain: Tensor | None
    input_bias: Tensor | None
    bias: Tensor | None
    gain: Tensor | None
    peephole: Tensor | None
    cell_gain: Tensor | None
    cell_bias: Tensor | None

    @classmethod
    def of(cls, tensors: tuple[Tensor | None, ...]) -> Parts:
        """From a tuple in the order of the names."""
        return cls(*tensors)

    @property
    def all(self) -> tuple[Tensor | None, ...]:
        """In the order of the names."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, eq=False)
class FormDirection:
    """One form over one batch in one direction: which row each step takes, and what is forgotten.

    Args:
        form: of the cell.
        rows: of the batch.
        hidden_size: H.
        state_size: P, H unless an LSTM projects its hidden state, or carries its gates behind it.
        noise: its tensors contiguous; kept here because the core is given their addresses.
    """

    form: Form
    rows: door.core.Rows
    hidden_size: int
    state_size: int
    noise: Noise

    @property
    def stacked(self) -> int:
        """G·H."""
        return len(self.form.gates) * self.hidden_size

    def with_parts(self, parts: Parts) -> door.core.RowForm:
        """As the core takes it."""
        cell = "gru_before" if self.form.reset_before else self.form.cell
        hidden, of_cell = self.noise.zoneout
        return door.core.RowForm(
            _CELLS.index(cell),
            gates=_bits(self.form),
            activation=_ACTIVATIONS.index(self.form.activation),
            shown_activation=_ACTIVATIONS.index(self.form.shown_activation),
            input_gain=address(parts.input_gain),
            input_bias=address(parts.input_bias),
            bias=address(parts.bias),
            gain=address(parts.gain),
            peephole=address(parts.peephole),
            cell_gain=address(parts.cell_gain),
            cell_bias=address(parts.cell_bias),
            recurrent=address(self.noise.recurrent),
            zoneout_hidden=_address_of_share(hidden),
            zoneout_cell=_address_of_share(of_cell),
            zoneout_hidden_stride=_stride(hidden),
            zoneout_cell_stride=_stride(of_cell),
        )


def _bits(form: Form) -> int:
    """As `lstm_gates` of csrc/row_recurrence.h reads them."""
    there = [gate in form.sigmoids for gate in REMOVABLE] + [form.coupled, form.gate_recurrence]
    return sum(1 << place for place, bit in enumerate(there) if bit)


def _address_of_share(zoneout: Tensor | float) -> int:
    return address(zoneout) if isinstance(zoneout, Tensor) else 0


def _stride(zoneout: Tensor | float) -> int:
    """Floats from one row to the next: none where one row serves all."""
    return zoneout.stride(0) if isinstance(zoneout, Tensor) else 0


def plan_form(
    form: Form, batch: SequenceBatch, hidden_size: int, noise: Noise, *, reverse: bool
) -> FormDirection:
    """Check what the core will read besides weights, and lay out who takes which step.

    Raises:
        ValueError: names the tensor whose shape does not fit, with what it should be.
    """
    rows = rows_of(batch, reverse=reverse)
    require_shape(form.cell, "data", batch.data, (rows.total, batch.data.size(-1)))
    sizes, recurrent = form.state_sizes(hidden_size), noise.recurrent
    state_size = sizes[0] + sum(sizes[2:])
    if recurrent is not None:
        require_shape(form.cell, "noise.recurrent", recurrent, (len(batch), sizes[0]))
        # Gates that stand behind the hidden state are not dropped.
        recurrent = functional.pad(recurrent, (0, state_size - sizes[0]), value=1.0).contiguous()
    like, shape = batch.data, (rows.total, hidden_size)
    of_state = (rows.total, sizes[0])
    hidden = _rows_of_share(form, "noise.zoneout_hidden", noise.zoneout_hidden, like, of_state)
    cell = _rows_of_share(form, "noise.zoneout_cell", noise.zoneout_cell, like, shape)
    return FormDirection(form, rows, hidden_size, state_size, Noise(recurrent, hidden, cell))


def _rows_of_share(
    form: Form, name: str, zoneout: Tensor | float, like: Tensor, shape: tuple[int, int]
) -> Tensor | float:
    """Rows of zoneout; a share is one row that stands for all, 0.0 stays as it is."""
    if isinstance(zoneout, Tensor):
        require_shape(form.cell, name, zoneout, shape)
        return zoneout.contiguous()
    return like.new_full((shape[1],), zoneout).expand(shape) if zoneout else 0.0


@dataclass(frozen=True, eq=False)
class Matrices:
    """``W_hh [G·H, P]`` and an LSTM's projection ``W_hr [P, H]``; also the gradients of both."""

    recurrent: Tensor
    projection: Tensor | None

    def address_after(self, direction: FormDirection) -> int:
        """Of the second product (csrc/row_recurrence.h), a GRU's ``W_hn`` if it is reset before."""
        if direction.form.reset_before:
            return self.recurrent[2 * direction.hidden_size :].data_ptr()
        return address(self.projection)

    def empty_like(self) -> Matrices:
        """Memory for their gradients."""
        projection = None if self.projection is None else torch.empty_like(self.projection)
        return Matrices(torch.empty_like(self.recurrent), projection)


@dataclass(frozen=True, eq=False)
class FormTape:
    """What a forward pass computed: outputs ``[N, P]``, final states ``[B, P]`` and ``[B, H]``.

    Where it was asked to keep them: activated gates ``[N, A·H]`` of `GATES`, an LSTM's cells
    ``[N, H]``, and the sums ``[N, G·H]`` that are normalised, or a GRU's ``W_hh h``.
    """

    outputs: Tensor
    final: State
    gates: Tensor | None
    sums: Tensor | None
    cells: Tensor | None


@dataclass(frozen=True, eq=False)
class FormGradients:
    """What a backward pass computed."""

    inputs: Tensor
    state: State
    matrices: Matrices
    parts: Parts


def product(left: Tensor, weight: Tensor) -> Tensor:
    """``left [N, D] · weight [G·H, D]^T``; a row is the same whatever rows are beside it."""
    require_shape("product", "weight", weight, (weight.size(0), left.size(1)))
    out = left.new_empty(left.size(0), weight.size(0))
    door.core.product(
        left.data_ptr(),
        weight.data_ptr(),
        out.data_ptr(),
        rows=left.size(0),
        depth=left.size(1),
        columns=weight.size(0),
        threads=torch.get_num_threads(),
    )
    return out


def forward_form(
    direction: FormDirection,
    inputs: Tensor,
    state: State,
    matrices: Matrices,
    parts: Parts,
    *,
    keep: bool,
) -> FormTape:
    """Run. All tensors contiguous float32 on the CPU.

    Args:
        direction: from `plan_form`.
        inputs: ``[N, G·H]``. ``W_ih x``.
        state: ``[B, P]``, and of an LSTM ``[B, H]``.
        matrices: of the state.
        parts: what the form adds.
        keep: whether the tape is to be whole.
    """
    form, size = direction.form, direction.hidden_size
    rows = direction.rows.total
    require_shape(form.cell, "inputs", inputs, (rows, direction.stacked))
    outputs = inputs.new_empty(rows, direction.state_size)
    gates = inputs.new_empty(rows, len(GATES[form.cell]) * size) if keep else None
    normalised = parts.gain is not None or form.cell == "gru"
    sums = inputs.new_empty(rows, direction.stacked) if keep and normalised else None
    cells = inputs.new_empty(rows, size) if keep and form.cell == "lstm" else None
    final = tuple(torch.empty_like(part) for part in state)
    door.core.row_forward(
        direction.rows,
        direction.with_parts(parts),
        hidden_size=size,
        state_size=direction.state_size,
        threads=torch.get_num_threads(),
        inputs=inputs.data_ptr(),
        weights=matrices.recurrent.data_ptr(),
        after=matrices.address_after(direction),
        hidden=state[0].data_ptr(),
        cell=cell_address(state),
        outputs=outputs.data_ptr(),
        gates=address(gates),
        sums=address(sums),
        cells=address(cells),
        final_hidden=final[0].data_ptr(),
        final_cell=cell_address(final),
    )
    return FormTape(outputs, final, gates, sums, cells)


def backward_form(
    direction: FormDirection,
    tape: FormTape,
    inputs: Tensor,
    state: State,
    matrices: Matrices,
    parts: Parts,
    d_results: tuple[Tensor | None, ...],
) -> FormGradients:
    """Run back through time.

    Args:
        direction: as in `forward_form`.
        tape: what `forward_form` kept; its final states are not read.
        inputs: as in `forward_form`.
        state: as in `forward_form`.
        matrices: likewise.
        parts: likewise.
        d_results: of outputs and of each final state; None counts as zeros.
    """
    size = direction.hidden_size
    d_inputs = inputs.new_empty(direction.rows.total, direction.stacked)
    d_state = tuple(torch.empty_like(part) for part in state)
    d_matrices = matrices.empty_like()
    d_parts = inputs.new_empty(4 * direction.stacked + 6 * size)
    door.core.row_backward(
        direction.rows,
        direction.with_parts(parts),
        hidden_size=size,
        state_size=direction.state_size,
        threads=torch.get_num_threads(),
        inputs=inputs.data_ptr(),
        weights=matrices.recurrent.data_ptr(),
        after=matrices.address_after(direction),
        hidden=state[0].data_ptr(),
        cell=cell_address(state),
        outputs=tape.outputs.data_ptr(),
        gates=address(tape.gates),
        sums=address(tape.sums),
        cells=address(tape.cells),
        d_outputs=address(d_results[0]),
        d_final_hidden=address(d_results[1]),
        d_final_cell=cell_address(d_results[1:]),
        d_inputs=d_inputs.data_ptr(),
        d_hidden=d_state[0].data_ptr(),
        d_cell=cell_address(d_state),
        d_weights=d_matrices.recurrent.data_ptr(),
        d_after=d_matrices.address_after(direction),
        d_parts=d_parts.data_ptr(),
    )
    return FormGradients(d_inputs, d_state, d_matrices, _cut(d_parts, direction, parts))


def _cut(d_parts: Tensor, direction: FormDirection, parts: Parts) -> Parts:
    """The gradients of the parts there are, from where the core leaves them."""
    stacked, size = direction.stacked, direction.hidden_size
    # The last of them is that of a depth gate, which no form has: see native/depth_gated.py.
    *blocks, _ = torch.split(d_parts, [*[stacked] * 4, 3 * size, size, size, size])
    pairs = zip(blocks, parts.all, strict=True)
    return Parts.of(tuple(None if p is None else d[: p.numel()] for d, p in pairs))
