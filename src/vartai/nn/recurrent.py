"""Recurrent layers: names, shapes, order and defaults of `torch.nn`; ragged batches besides.

`RNN`, `LSTM` and `GRU` take what their namesakes in `torch.nn` take: a padded tensor, a
`PackedSequence`; and also a `SequenceBatch`, or a padded tensor with ``lengths=``. What comes out
has the form of what went in. They do not subclass `torch.nn.RNN` and its kin, on which compilers
break; parameter names and `state_dict` are theirs.
"""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from vartai.errors import require_range, unknown_name
from vartai.kernels.ops import State, run_direction
from vartai.sequences import SequenceBatch

Sequences = TypeVar("Sequences", Tensor, PackedSequence, SequenceBatch)


class RecurrentLayers(nn.Module):
    """One or more layers of a cell, in one direction or two. Use `RNN`, `LSTM` or `GRU`.

    Args:
        cell: a name of `vartai.kernels.ops.CELLS`.
        gates: blocks in each weight: 4 for an LSTM, 3 for a GRU, 1 for a simple RNN.
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there are ``b_ih`` and ``b_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
    """

    def __init__(
        self,
        cell: str,
        gates: int,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__()
        require_range("hidden_size", hidden_size, at_least=1)
        require_range("num_layers", num_layers, at_least=1)
        require_range("dropout", dropout, at_least=0, below=1)
        self.cell = cell
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        for layer in range(num_layers):
            below = input_size if layer == 0 else hidden_size * self.directions
            for suffix in self._suffixes(layer):
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (gates * hidden_size, below),
                    "weight_hh": (gates * hidden_size, hidden_size),
                }
                if bias:
                    shapes |= {"bias_ih": (gates * hidden_size,), "bias_hh": (gates * hidden_size,)}
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(torch.empty(shape)))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within ±1/√H, as `torch.nn` does."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing: kept so that code written for `torch.nn` runs."""

    def weights(self, suffix: str) -> tuple[Tensor, ...]:
        """``W_ih, W_hh`` and, with bias, ``b_ih, b_hh`` of a direction such as ``l0_reverse``."""
        names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if self.bias else [])
        return tuple(self.get_parameter(f"{name}_{suffix}") for name in names)

    def run(self, batch: SequenceBatch, state: State) -> tuple[SequenceBatch, State]:
        """Run all layers.

        Args:
            batch: data ``[N, D]``.
            state: ``[layers·directions, B, H]`` each, in the order of `torch.nn`.

        Returns:
            outputs of the last layer ``[N, H·directions]`` and the final state, shaped as `state`.
        """
        finals: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout > 0.0:
                batch = batch.with_data(nn.functional.dropout(batch.data, self.dropout))
            outputs = []
            for direction, suffix in enumerate(self._suffixes(layer)):
                start = tuple(part[layer * self.directions + direction] for part in state)
                rows, final = run_direction(
                    self.cell, batch, start, self.weights(suffix), reverse=direction == 1
                )
                outputs.append(rows)
                finals.append(final)
            batch = batch.with_data(torch.cat(outputs, 1) if len(outputs) > 1 else outputs[0])
        return batch, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))

    def zero_state(self, batch: SequenceBatch) -> State:
        """The state that stands in for one not given: zeros ``[layers·directions, B, H]`` each."""
        shape = (self.num_layers * self.directions, len(batch), self.hidden_size)
        parts = 2 if self.cell == "lstm" else 1
        return tuple(batch.data.new_zeros(shape) for _ in range(parts))

    def _forward(
        self, inputs: Sequences, state: State | None, lengths: Tensor | None
    ) -> tuple[Sequences, State]:
        if isinstance(inputs, SequenceBatch):
            return self.run(inputs, self.zero_state(inputs) if state is None else state)
        if isinstance(inputs, PackedSequence):
            batch = SequenceBatch.from_packed(inputs)
            rows, final = self.run(batch, self.zero_state(batch) if state is None else state)
            return rows.packed(), final
        if inputs.dim() == 2:
            return self._forward_unbatched(inputs, state)
        count, steps = inputs.shape[:2] if self.batch_first else inputs.shape[1::-1]
        if lengths is None:
            lengths = torch.full((count,), steps)
        batch = SequenceBatch.from_padded(inputs, lengths, batch_first=self.batch_first)
        rows, final = self.run(batch, self.zero_state(batch) if state is None else state)
        padded = rows.padded(batch_first=True)
        padded = nn.functional.pad(padded, (0, 0, 0, steps - rows.steps))
        return padded if self.batch_first else padded.transpose(0, 1), final

    def _forward_unbatched(self, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
        batch = SequenceBatch.from_sequences([inputs])
        start = None if state is None else tuple(part.unsqueeze(1) for part in state)
        rows, final = self.run(batch, self.zero_state(batch) if start is None else start)
        return rows.data, tuple(part.squeeze(1) for part in final)

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        said = f"{self.input_size}, {self.hidden_size}"
        if self.num_layers != 1:
            said += f", num_layers={self.num_layers}"
        for name, usual in (
            ("bias", True),
            ("batch_first", False),
            ("dropout", 0.0),
            ("bidirectional", False),
        ):
            if getattr(self, name) != usual:
                said += f", {name}={getattr(self, name)}"
        return said


class RNN(RecurrentLayers):
    """Simple (Elman) recurrent layers; the arguments are those of `torch.nn.RNN`.

    Example:
        >>> rnn = RNN(3, 5, bidirectional=True)
        >>> outputs, hidden = rnn(torch.zeros(7, 2, 3), lengths=torch.tensor([7, 0]))
        >>> outputs.shape, hidden.shape
        (torch.Size([7, 2, 10]), torch.Size([2, 2, 5]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise unknown_name("nonlinearity", nonlinearity, ("tanh", "relu"))
        super().__init__(
            f"rnn_{nonlinearity}",
            1,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
        )
        self.nonlinearity = nonlinearity

    def forward(
        self, inputs: Sequences, hx: Tensor | None = None, *, lengths: Tensor | None = None
    ) -> tuple[Sequences, Tensor]:
        """Run; see `torch.nn.RNN`.

        Args:
            inputs: ``[T, B, D]`` (``[B, T, D]`` if `batch_first`), ``[T, D]``, `PackedSequence` or
                `SequenceBatch`.
            hx: ``[layers·directions, B, H]``. Initial state, zeros if not given.
            lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.

        Returns:
            outputs in the form of `inputs` with rows of ``H·directions``, and the state after each
            sequence's own last step.
        """
        outputs, state = self._forward(inputs, None if hx is None else (hx,), lengths)
        return outputs, state[0]


class GRU(RecurrentLayers):
    """Gated recurrent layers, reset after; the arguments are those of `torch.nn.GRU`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__(
            "gru", 3, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )

    def forward(
        self, inputs: Sequences, hx: Tensor | None = None, *, lengths: Tensor | None = None
    ) -> tuple[Sequences, Tensor]:
        """Run; arguments and results as `RNN.forward`."""
        outputs, state = self._forward(inputs, None if hx is None else (hx,), lengths)
        return outputs, state[0]


class LSTM(RecurrentLayers):
    """Long short-term memory layers; the arguments are those of `torch.nn.LSTM`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__(
            "lstm",
            4,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
        )

    def forward(
        self,
        inputs: Sequences,
        hx: tuple[Tensor, Tensor] | None = None,
        *,
        lengths: Tensor | None = None,
    ) -> tuple[Sequences, tuple[Tensor, Tensor]]:
        """Run; as `RNN.forward`, with the pair of hidden and cell for a state."""
        outputs, state = self._forward(inputs, hx, lengths)
        return outputs, (state[0], state[1])
