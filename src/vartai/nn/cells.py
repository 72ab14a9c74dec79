"""One step at a time: `RNNCell`, `LSTMCell` and `GRUCell`, as in `torch.nn`."""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import Tensor, nn

from vartai.errors import require_range, unknown_name
from vartai.kernels.direction import State
from vartai.kernels.forms import STANDARD, Form
from vartai.kernels.ops import run_direction
from vartai.kernels.step import run_step
from vartai.nn.states import require_rows
from vartai.nn.trace import Recorder, lay_out_all
from vartai.sequences import SequenceBatch

_NAMES: Final = ("hidden", "cell")


class RecurrentCell(nn.Module):
    """One step of a standard form. Use `RNNCell`, `LSTMCell` or `GRUCell`.

    Args:
        form: of the cell.
        input_size: D.
        hidden_size: H.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        device: of the parameters.
        dtype: of the parameters.
    """

    def __init__(
        self,
        form: Form,
        input_size: int,
        hidden_size: int,
        bias: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        require_range("input_size", input_size, at_least=1)
        require_range("hidden_size", hidden_size, at_least=1)
        self.form = form
        self._operator = form.operator
        self._weight_names = form.weight_names(bias=bias)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        for name in form.weight_names(bias=True):
            self.register_parameter(name, None)
        for name, shape in form.weight_shapes(input_size, hidden_size, bias=bias).items():
            weight = torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(weight))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within ±1/√H, as `torch.nn` does."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    recorder: Recorder | None = None  # told of every step while somebody watches

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor
    bias_hh: Tensor

    def _advance(self, inputs: Tensor, state: State | None) -> State:
        if state is not None and inputs.dim() == 2 and self.recorder is None:
            return run_step(self._operator, inputs, state, self.weights())
        if inputs.dim() not in (1, 2):
            raise ValueError(f"inputs must be [B, D] or [D], was {list(inputs.shape)}")
        batched = inputs.dim() == 2
        rows = inputs if batched else inputs.unsqueeze(0)
        require_rows(rows, self.input_size, self.weight_ih.dtype)
        shape = (*inputs.shape[:-1], self.hidden_size)
        if state is None:
            state = tuple(rows.new_zeros(shape) for _ in self.form.state_sizes(1))
        self._require_state(state, shape)
        before = state if batched else tuple(part.unsqueeze(0) for part in state)
        if self.recorder is not None:
            after = self._recorded(rows, before, batched=batched)
        else:
            after = run_step(self._operator, rows, before, self.weights())
        return after if batched else tuple(part.squeeze(0) for part in after)

    def _recorded(self, rows: Tensor, before: State, *, batched: bool) -> State:
        """A step that tells the recorder what it computed."""
        batch = SequenceBatch(rows, torch.ones(len(rows), dtype=torch.int64))
        result = run_direction(self.form, batch, before, self.weights(), keep=True)
        if result.trace is not None and self.recorder is not None:
            traces = {"l0": result.trace}
            self.recorder(lay_out_all(traces, lambda own: own if batched else own.squeeze(0)))
        return result.final

    def weights(self) -> tuple[Tensor, ...]:
        """``W_ih, W_hh`` and, with bias, ``b_ih, b_hh``."""
        # Through the attributes a look-up takes longer than all arithmetic of a small step.
        own: dict[str, Any] = self._parameters
        try:
            return tuple([own[name] for name in self._weight_names])
        except KeyError:  # a parametrization stands in its place
            return tuple([getattr(self, name) for name in self._weight_names])

    def _require_state(self, state: State, shape: tuple[int, ...]) -> None:
        count = len(self.form.state_sizes(1))
        if len(state) != count:
            raise ValueError(f"hx must have {count} parts, had {len(state)}")
        for name, part in zip(_NAMES, state, strict=False):
            if part.shape != shape:
                raise ValueError(f"hx: {name} must be {list(shape)}, was {list(part.shape)}")

    def extra_repr(self) -> str:
        """Both sizes, and whether there are no biases."""
        sizes = f"{self.input_size}, {self.hidden_size}"
        return sizes if self.bias else f"{sizes}, bias=False"


class RNNCell(RecurrentCell):
    """One step of a simple recurrent cell; the arguments are those of `torch.nn.RNNCell`.

    Raises:
        OptionError: the nonlinearity is neither tanh nor relu.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise unknown_name("nonlinearity", nonlinearity, ("tanh", "relu"))
        form = STANDARD[f"rnn_{nonlinearity}"]
        super().__init__(form, input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, inputs: Tensor, hx: Tensor | None = None) -> Tensor:
        """Advance one step.

        Args:
            inputs: ``[B, D]`` or ``[D]``.
            hx: ``[B, H]`` or ``[H]``. Hidden state before the step, zeros if not given.

        Returns:
            The hidden state after the step.
        """
        return self._advance(inputs, None if hx is None else (hx,))[0]

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        said = super().extra_repr()
        return said if self.nonlinearity == "tanh" else f"{said}, nonlinearity='relu'"


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit; the arguments are those of `torch.nn.GRUCell`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(STANDARD["gru"], input_size, hidden_size, bias, device, dtype)

    def forward(self, inputs: Tensor, hx: Tensor | None = None) -> Tensor:
        """Advance one step; arguments and results as `RNNCell.forward`."""
        return self._advance(inputs, None if hx is None else (hx,))[0]


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory; the arguments are those of `torch.nn.LSTMCell`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(STANDARD["lstm"], input_size, hidden_size, bias, device, dtype)

    def forward(
        self, inputs: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Advance one step; as `RNNCell.forward`, with the pair of hidden and cell for a state."""
        hidden, cell = self._advance(inputs, hx)
        return hidden, cell
