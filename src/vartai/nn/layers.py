"""The stack of layers that `RNN`, `LSTM` and `GRU` share: parameters, order, states, directions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from vartai.errors import require_range
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.forms import Form
from vartai.kernels.ops import run_direction
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.nn.autocast import autocasts, converted
from vartai.nn.layouts import Sequences
from vartai.nn.noise import NoiseShares
from vartai.nn.resets import Pieces, read_resets
from vartai.nn.stack_run import StackRun
from vartai.nn.states import read_state, require_rows
from vartai.nn.trace import LayerTrace, Recorder, lay_out_all
from vartai.nn.traced_layout import read_inputs

_PARTS = ("hidden", "cell", "gates")


class RecurrentLayers(nn.Module):
    """One or more layers of a cell, in one direction or two. Use `RNN`, `LSTM` or `GRU`.

    Args:
        form: of the cell.
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        device: of the parameters.
        dtype: of the parameters.
        recurrent_dropout: as `NoiseShares` has it.
        zoneout: one share, or those of hidden and cell, as `NoiseShares` has them.
        learned_state: whether initial states that are not given are parameters, not zeros.
    """

    def __init__(
        self,
        form: Form,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        *,
        recurrent_dropout: float,
        zoneout: float | tuple[float, float],
        learned_state: bool,
    ) -> None:
        super().__init__()
        require_range("input_size", input_size, at_least=1)
        require_range("hidden_size", hidden_size, at_least=1)
        require_range("num_layers", num_layers, at_least=1)
        require_range("dropout", dropout, at_least=0, below=1)
        self.form = form
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.proj_size = form.projection
        self.layer_norm = form.layer_norm
        self.recurrent_dropout = recurrent_dropout
        self.zoneout = zoneout
        self._noise = NoiseShares.of(recurrent_dropout, zoneout)
        self.learned_state = learned_state
        self._weight_names = form.weight_names(bias=bias)
        for layer in range(num_layers):
            below = input_size if layer == 0 else self.output_size
            for suffix in self._suffixes(layer):
                for name, shape in self._shapes(below).items():
                    weight = torch.empty(shape, device=device, dtype=dtype)
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(weight))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Numbers a sequence in each part of a layer's state; see `Form.state_sizes`."""
        return self.form.state_sizes(self.hidden_size)

    @property
    def output_size(self) -> int:
        """F: numbers in each row of the outputs, of both directions together."""
        return self.directions * self.state_sizes[0]

    def _suffixes(self, layer: int) -> list[str]:
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter of a direction by name."""
        shapes = self.form.weight_shapes(input_size, self.hidden_size, bias=self.bias)
        if self.learned_state:
            names = (f"initial_{part}" for part in _PARTS)
            shapes |= {name: (size,) for name, size in zip(names, self.state_sizes, strict=False)}
        return shapes

    def reset_parameters(self) -> None:
        """Draw weights uniformly within ±1/√H, as `torch.nn` does.

        Gains begin at 1; the bias of a normalised cell and learned initial states begin at 0.
        """
        bound = 1.0 / math.sqrt(self.hidden_size)
        for name, parameter in self.named_parameters():
            if name.startswith("gain"):
                nn.init.ones_(parameter)
            elif name.startswith(("bias_cell", "initial")):
                nn.init.zeros_(parameter)
            else:
                nn.init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing: kept so that code written for `torch.nn` runs."""

    def weights(self, suffix: str) -> tuple[Tensor, ...]:
        """The weights of a direction such as ``l0_reverse``, in the order of its form."""
        return tuple([getattr(self, f"{name}_{suffix}") for name in self._weight_names])

    def fresh_state(self, suffix: str) -> State:
        """``[P]`` and an LSTM's ``[H]``: what a direction begins with where no state is given."""
        if self.learned_state:
            parts = _PARTS[: len(self.state_sizes)]
            return tuple(getattr(self, f"initial_{part}_{suffix}") for part in parts)
        weight = self.weights(suffix)[1]
        return tuple(weight.new_zeros(size) for size in self.state_sizes)

    def _fresh_states(self, suffix: str, batch: AnyBatch) -> State:
        if not self.learned_state:
            return tuple([batch.data.new_zeros(batch.count, size) for size in self.state_sizes])
        return tuple(part.expand(batch.count, -1) for part in self.fresh_state(suffix))

    recorder: Recorder | None = None  # told of every run while somebody watches

    def run(
        self,
        batch: AnyBatch,
        state: State | None = None,
        *,
        pieces: Pieces | None = None,
        keep: bool = False,
    ) -> StackRun:
        """Run all layers.

        Args:
            batch: data ``[N, D]``.
            state: ``[layers·directions, B, …]`` each, in the order of `torch.nn`.
            pieces: of the sequences of the batch, where states restart.
            keep: whether traces are wanted.

        Returns:
            Rows in the order of the batch, and the final state, shaped as `state`.
        """
        if self.recorder is None:
            return self._run(batch, state, pieces=pieces, keep=keep)
        found = self._run(batch, state, pieces=pieces, keep=True)
        restore: Callable[[Tensor], Any] = batch.with_data
        self.recorder(lay_out_all(found.traces, restore))
        return found

    def _run(
        self, batch: AnyBatch, state: State | None, *, pieces: Pieces | None, keep: bool
    ) -> StackRun:
        finals: list[State] = []
        traces: dict[str, Trace] = {}
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout > 0.0:
                batch = batch.with_data(nn.functional.dropout(batch.data, self.dropout))
            outputs = []
            for suffix in self._suffixes(layer):
                place = len(finals)
                start = None if state is None else tuple(part[place] for part in state)
                result = self._run_direction(suffix, batch, start, pieces, keep=keep)
                outputs.append(result.outputs)
                finals.append(result.final)
                if result.trace is not None:
                    traces[suffix] = result.trace
            batch = batch.with_data(torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0])
        final = tuple(_stacked(parts) for parts in zip(*finals, strict=True))
        return StackRun(batch.data, final, traces)

    def _run_direction(
        self,
        suffix: str,
        batch: AnyBatch,
        start: State | None,
        pieces: Pieces | None,
        *,
        keep: bool,
    ) -> Result:
        """One direction, in whose result the final states are those of the whole sequences."""
        reverse = suffix.endswith("_reverse")
        if start is None:
            start = self._fresh_states(suffix, batch)
        if pieces is not None:
            fresh = self.fresh_state(suffix)
            batch, start = pieces.batch(batch), pieces.start(start, fresh, reverse=reverse)
        result = run_direction(
            self.form,
            batch,
            start,
            self.weights(suffix),
            reverse=reverse,
            noise=self._noise.draw(batch, self.state_sizes, training=self.training),
            keep=keep,
        )
        if pieces is None:
            return result
        final = pieces.final(result.final, reverse=reverse)
        return Result(result.outputs, final, result.trace)

    def _forward(
        self,
        inputs: Sequences,
        state: State | None,
        *,
        lengths: Tensor | None,
        reset: Tensor | PackedSequence | None,
        keep: bool,
    ) -> tuple[Sequences, State, dict[str, LayerTrace[Sequences]]]:
        weight = self.weights("l0")[0]
        if autocasts(weight):
            inputs, state = converted(inputs, state, weight)
            with torch.autocast("cpu", enabled=False):
                return self._forward(inputs, state, lengths=lengths, reset=reset, keep=keep)
        layout = read_inputs(inputs, lengths, batch_first=self.batch_first)
        batch = layout.batch
        require_rows(batch.data, self.input_size, weight.dtype)
        pieces = None
        if reset is not None:
            if isinstance(batch, PaddedBatch):
                raise ValueError("reset: where states restart is not known in a traced graph")
            restarts = read_resets(reset, batch, lengths, batch_first=self.batch_first)
            pieces = Pieces(batch.lengths, restarts)
        if state is not None:
            sides = (self.num_layers * self.directions, batch.count if layout.batched else None)
            state = read_state(state, sides, self.state_sizes, batch.data.dtype)
        kept = keep or self.recorder is not None
        found = self._run(batch, state, pieces=pieces, keep=kept)
        final = found.state if layout.batched else tuple(part.squeeze(1) for part in found.state)
        traces = lay_out_all(found.traces, layout.restore)
        if self.recorder is not None:
            self.recorder(traces)
        return layout.restore(found.rows), final, traces

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        said = [str(self.input_size), str(self.hidden_size)]
        for name, argument in inspect.signature(type(self)).parameters.items():
            if argument.default is not inspect.Parameter.empty and hasattr(self, name):
                value = getattr(self, name)
                if value != argument.default:
                    said.append(f"{name}={value!r}")
        return ", ".join(said)


def _stacked(parts: tuple[Tensor, ...]) -> Tensor:
    """``[layers·directions, B, …]``; a view where there is one, which is quicker made."""
    return parts[0].unsqueeze(0) if len(parts) == 1 else torch.stack(parts)
