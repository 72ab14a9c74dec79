"""Layers of one cell above one another, in one direction or two: what such modules share."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Literal, overload

import torch
from torch import Tensor, nn

from vartai.errors import OptionError, require_range
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.padded import AnyBatch
from vartai.nn.autocast import autocasts, converted
from vartai.nn.layouts import Sequences
from vartai.nn.stack_run import StackRun
from vartai.nn.trace import LayerTrace, Recorder, lay_out_all
from vartai.nn.traced_layout import read_inputs
from vartai.sequences import SequenceBatch


class LayerStack(nn.Module):
    """Layers, each reading the outputs of the one below. Use `MinGRU` or another cell by name.

    A cell says what parameters a direction has, what its state is made of, and how to run one.
    Parameters are named as in `torch.nn`: ``weight_ih_l0``, ``bias_ih_l0_reverse`` and so on.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers.
        bias: whether a bias is added to the products with inputs.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
    """

    gates: int  # blocks of H rows in weight_ih
    state_parts = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__()
        require_range("input_size", input_size, at_least=1)
        require_range("hidden_size", hidden_size, at_least=1)
        require_range("num_layers", num_layers, at_least=1)
        require_range("dropout", dropout, at_least=0, below=1)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        for layer in range(num_layers):
            below = input_size if layer == 0 else hidden_size * self.directions
            for suffix in self.suffixes(layer):
                for name, shape in self.layer_shapes(layer, below).items():
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(torch.empty(shape)))
        self.reset_parameters()

    recorder: Recorder | None = None  # told of every run while somebody watches

    @abstractmethod
    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """Run one layer in one direction.

        Args:
            batch: data ``[N, D]``, D that of the layer.
            state: ``[B, H]`` each. State before the first step taken.
            suffix: of the direction's parameters, such as ``l0_reverse``.
            reverse: take the steps from each sequence's last to its first.
            keep: whether a trace is wanted.

        Returns:
            outputs ``[N, H]``, the state ``[B, H]`` each after the last step taken, and the trace.
        """

    def parameter_shapes(self, below: int) -> dict[str, tuple[int, ...]]:
        """Names, without their suffix, and shapes of a direction that reads `below` features."""
        stacked = self.gates * self.hidden_size
        return {"weight_ih": (stacked, below)} | ({"bias_ih": (stacked,)} if self.bias else {})

    def layer_shapes(self, layer: int, below: int) -> dict[str, tuple[int, ...]]:  # noqa: ARG002
        """The same of a direction of one layer; for cells whose layers differ."""
        return self.parameter_shapes(below)

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within ±1/√H, as `torch.nn` does."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Numbers a sequence in each part of a layer's state."""
        return (self.hidden_size,) * self.state_parts

    def suffixes(self, layer: int) -> list[str]:
        """What the names of a layer's parameters end in, one a direction."""
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def parameter(self, name: str, suffix: str) -> Tensor:
        """Such as ``weight_ih`` of ``l0_reverse``."""
        # `torch.func.functional_call` puts plain tensors in the place of parameters.
        found: Tensor = getattr(self, f"{name}_{suffix}")
        return found

    def input_weights(self, suffix: str) -> tuple[Tensor, Tensor | None]:
        """``weight_ih`` and ``bias_ih``, None without bias."""
        weight = self.parameter("weight_ih", suffix)
        return weight, self.parameter("bias_ih", suffix) if self.bias else None

    def zero_state(self, batch: AnyBatch) -> State:
        """The state that stands in for one not given: zeros ``[layers·directions, B, …]`` each."""
        stacked = self.num_layers * self.directions
        return tuple(batch.data.new_zeros(stacked, batch.count, size) for size in self.state_sizes)

    def run(self, batch: AnyBatch, state: State | None, *, keep: bool = False) -> StackRun:
        """Run all layers.

        Args:
            batch: data ``[N, D]``.
            state: ``[layers·directions, B, H]`` each, or None for zeros.
            keep: whether traces are wanted.

        Returns:
            outputs of the last layer ``[N, H·directions]`` and the final state, shaped as `state`.

        Raises:
            ValueError: inputs or a state of another shape.
        """
        state = self.zero_state(batch) if state is None else state
        self.require_shapes(batch, state)
        finals: list[State] = []
        traces: dict[str, Trace] = {}
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout > 0.0:
                batch = batch.with_data(nn.functional.dropout(batch.data, self.dropout))
            outputs = []
            for direction, suffix in enumerate(self.suffixes(layer)):
                start = tuple(part[layer * self.directions + direction] for part in state)
                reverse = direction == 1
                result = self.run_direction(batch, start, suffix, reverse=reverse, keep=keep)
                outputs.append(result.outputs)
                finals.append(result.final)
                if result.trace is not None:
                    traces[suffix] = result.trace
            batch = batch.with_data(torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0])
        final = tuple(torch.stack(parts) for parts in zip(*finals, strict=True))
        return StackRun(batch.data, final, traces)

    def require_shapes(self, batch: AnyBatch, state: State) -> None:
        """Refuse inputs and states that do not fit the layers.

        Raises:
            ValueError: says what was expected and what came.
        """
        cell = type(self).__name__
        if batch.data.size(-1) != self.input_size:
            raise ValueError(
                f"{cell}: inputs must have {self.input_size} features, was "
                f"{list(batch.data.shape[-1:])}"
            )
        if len(state) != self.state_parts:
            raise ValueError(f"{cell}: expected {self.state_parts} states, got {len(state)}")
        for part, size in zip(state, self.state_sizes, strict=True):
            shape = [self.num_layers * self.directions, batch.count, size]
            if list(part.shape) != shape:
                raise ValueError(f"{cell}: a state must be {shape}, was {list(part.shape)}")

    def run_any(
        self, inputs: Sequences, state: State | None, lengths: Tensor | None, *, keep: bool
    ) -> tuple[Sequences, State, dict[str, LayerTrace[Sequences]]]:
        """Run on sequences in any form of `vartai.nn.layouts`; outputs come in the same one.

        So do the traces of each direction by name, if they are wanted.
        """
        weight = self.parameter("weight_ih", "l0")
        if autocasts(weight):
            inputs, state = converted(inputs, state, weight)
            with torch.autocast("cpu", enabled=False):
                return self.run_any(inputs, state, lengths, keep=keep)
        layout = read_inputs(inputs, lengths, batch_first=self.batch_first)
        if state is not None and not layout.batched:
            state = tuple(part.unsqueeze(1) for part in state)
        found = self.run(layout.batch, state, keep=keep or self.recorder is not None)
        final = found.state if layout.batched else tuple(part.squeeze(1) for part in found.state)
        traces = lay_out_all(found.traces, layout.restore)
        if self.recorder is not None:
            self.recorder(traces)
        return layout.restore(found.rows), final, traces

    def run_step(self, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
        """One step of every sequence: ``[B, D]`` to ``[B, H]``, and the state after it.

        Raises:
            OptionError: the layers are bidirectional, so they need the whole sequence.
        """
        if self.bidirectional:
            raise OptionError("a bidirectional layer cannot be fed step by step")
        batch = SequenceBatch(inputs, torch.ones(len(inputs), dtype=torch.int64))
        found = self.run(batch, state, keep=self.recorder is not None)
        if self.recorder is not None:
            self.recorder(lay_out_all(found.traces, lambda rows: rows))
        return found.rows, found.state

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        said = [f"{self.input_size}, {self.hidden_size}"]
        usual = {
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        } | self.own_options()
        said += [
            f"{name}={getattr(self, name)!r}"
            for name, value in usual.items()
            if getattr(self, name) != value
        ]
        return ", ".join(said)

    def own_options(self) -> dict[str, object]:
        """Options of this cell alone, with their defaults."""
        return {}


class OneStateStack(LayerStack):
    """A `LayerStack` whose state is the hidden state alone, given and returned as one tensor."""

    @overload
    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | None = None,
        *,
        lengths: Tensor | None = None,
        trace: Literal[False] = False,
    ) -> tuple[Sequences, Tensor]: ...

    @overload
    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | None = None,
        *,
        lengths: Tensor | None = None,
        trace: Literal[True],
    ) -> tuple[Sequences, Tensor, dict[str, LayerTrace[Sequences]]]: ...

    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | None = None,
        *,
        lengths: Tensor | None = None,
        trace: bool = False,
    ) -> tuple[Sequences, Tensor] | tuple[Sequences, Tensor, dict[str, LayerTrace[Sequences]]]:
        """Run.

        Args:
            inputs: ``[T, B, D]`` (``[B, T, D]`` if `batch_first`), ``[T, D]``, `PackedSequence` or
                `SequenceBatch`.
            hx: ``[layers·directions, B, H]``. Initial state, zeros if not given.
            lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
            trace: whether to return what was computed, too.

        Returns:
            outputs in the form of `inputs` with rows of ``H·directions``, and the state after each
            sequence's own last step; with `trace`, the `LayerTrace` of each direction by name.

        Raises:
            ValueError: inputs, lengths or a state of another shape.
        """
        start = None if hx is None else (hx,)
        outputs, state, traces = self.run_any(inputs, start, lengths, keep=trace)
        return (outputs, state[0], traces) if trace else (outputs, state[0])

    def step(self, inputs: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """One step of every sequence, as a stream takes it.

        Args:
            inputs: ``[B, D]``.
            hx: ``[layers, B, H]``. What the step before returned; zeros if not given.

        Returns:
            outputs ``[B, H]`` of the last layer, and the state after the step.

        Raises:
            OptionError: the layers are bidirectional, so they need the whole sequence.
        """
        outputs, state = self.run_step(inputs, None if hx is None else (hx,))
        return outputs, state[0]
