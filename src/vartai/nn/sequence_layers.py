"""Layers above one another over sequences, whatever their cell: what anyone may ask of them.

Models, streams, the inspector and the exchange know recurrent layers by this class and by nothing
more special, unless they need the weights of a certain cell.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from vartai.errors import OptionError, require_range
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.nn.autocast import autocasts, converted
from vartai.nn.layouts import Sequences
from vartai.nn.resets import Pieces, read_resets
from vartai.nn.stack_run import StackRun, stack_states
from vartai.nn.states import read_state, require_rows
from vartai.nn.trace import LayerTrace, Recorder, lay_out_all
from vartai.nn.traced_layout import read_inputs
from vartai.sequences import SequenceBatch


class SequenceLayers(nn.Module):
    """Layers over sequences, each reading the outputs of the one below. Use a cell by name.

    A cell says what its state is made of and how one layer runs in one direction; a kind of layers
    that are not run one after the other says how all of them run.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
    """

    gate_names: tuple[str, ...] = ()
    """Of the blocks of H rows in the weights of the inputs, in their order."""
    traced: tuple[str, ...] = ()
    """Names of the gates in a trace; none where layers keep no trace."""
    state_names: tuple[str, ...] = ("hidden", "cell", "normaliser", "stabiliser")
    """Of the parts of a state, as many of them as it has."""
    shows_hidden = True
    """Whether the outputs of the last layer are the hidden part of its state."""
    directions_apart = False
    """Whether each of two directions reads its own outputs alone, in all layers."""
    recorder: Recorder | None = None  # told of every run while somebody watches

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        *,
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
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional

    @property
    @abstractmethod
    def state_sizes(self) -> tuple[int, ...]:
        """Numbers a sequence in each part of a layer's state."""

    @property
    def state_by_name(self) -> dict[str, int]:
        """The same by the names of the parts."""
        return dict(zip(self.state_names, self.state_sizes, strict=False))

    @property
    @abstractmethod
    def first_weight(self) -> Tensor:
        """A weight: its type and device are those of the layers."""

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """Run one layer in one direction.

        Args:
            batch: data ``[N, D]``, D that of the layer.
            state: ``[B, …]`` each. State before the first step taken.
            suffix: of the direction's parameters, such as ``l0_reverse``.
            reverse: take the steps from each sequence's last to its first.
            keep: whether a trace is wanted.

        Returns:
            outputs ``[N, …]``, the state ``[B, …]`` each after the last step taken, and the trace.

        Raises:
            NotImplementedError: these layers do not run one after the other; see `run`.
        """
        raise NotImplementedError(f"no layer of {type(self).__name__} runs by itself")

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """F: numbers in each row of the outputs, of both directions together."""
        return self.directions * self.state_sizes[0]

    def suffixes(self, layer: int) -> list[str]:
        """What the names of a layer's parameters end in, one a direction."""
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def names(self) -> list[str]:
        """Of the directions of all layers, as traces have them: ``l0``, ``l0_reverse``, ``l1``."""
        return [suffix for layer in range(self.num_layers) for suffix in self.suffixes(layer)]

    def trace_names(self) -> list[str]:
        """Of the traces of all layers, in their order."""
        return self.names()

    def fresh_state(self, suffix: str) -> State:
        """``[size]`` each: what a direction begins with where no state is given."""
        del suffix
        weight = self.first_weight
        return tuple(weight.new_zeros(size) for size in self.state_sizes)

    def _fresh_states(self, suffix: str, batch: AnyBatch) -> State:
        del suffix
        return tuple([batch.data.new_zeros(batch.count, size) for size in self.state_sizes])

    def start_state(self, count: int) -> State:
        """What so many sequences begin with: ``[layers·directions, count, …]`` each."""
        fresh = [self.fresh_state(name) for name in self.names()]
        return tuple(
            torch.stack([part.expand(count, -1) for part in parts])
            for parts in zip(*fresh, strict=True)
        )

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
        weight = self.first_weight
        if autocasts(weight):
            batch, state = converted(batch, state, weight)
            with torch.autocast("cpu", enabled=False):
                return self.run(batch, state, pieces=pieces, keep=keep)
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
            for suffix in self.suffixes(layer):
                place = len(finals)
                start = None if state is None else tuple(part[place] for part in state)
                result = self._run_pieces(suffix, batch, start, pieces, keep=keep)
                outputs.append(result.outputs)
                finals.append(result.final)
                if result.trace is not None:
                    traces[suffix] = result.trace
            batch = batch.with_data(torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0])
        return StackRun(batch.data, stack_states(finals), traces)

    def _run_pieces(
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
        if pieces is None:
            return self.run_direction(batch, start, suffix, reverse=reverse, keep=keep)
        start = pieces.start(start, self.fresh_state(suffix), reverse=reverse)
        cut = pieces.batch(batch)
        result = self.run_direction(cut, start, suffix, reverse=reverse, keep=keep)
        final = pieces.final(result.final, reverse=reverse)
        return Result(result.outputs, final, result.trace)

    def _run_cut(
        self, batch: AnyBatch, state: State | None, pieces: Pieces, *, keep: bool
    ) -> StackRun:
        """`_run` over pieces, for layers that do not run one after the other: all are cut alike."""
        whole = self.start_state(batch.count) if state is None else state
        names = self.names()
        starts = [
            pieces.start(start, self.fresh_state(name), reverse=name.endswith("_reverse"))
            for name, start in zip(names, zip(*whole, strict=True), strict=True)
        ]
        cut = pieces.batch(batch)
        found = self._run(cut, stack_states(starts), pieces=None, keep=keep)
        finals = [
            pieces.final(final, reverse=name.endswith("_reverse"))
            for name, final in zip(names, zip(*found.state, strict=True), strict=True)
        ]
        return StackRun(found.rows, stack_states(finals), found.traces)

    def shown(self, state: State) -> Tensor | State:
        """A state as it is shown to who calls the layers: a part that is alone, or all parts."""
        return state[0] if len(state) == 1 else state

    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | State | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: bool = False,
    ) -> tuple[Any, ...]:
        """Run all layers.

        Args:
            inputs: ``[T, B, D]`` (``[B, T, D]`` if `batch_first`), ``[T, D]``, a nested tensor of
                the jagged layout ``[B, j, D]``, `PackedSequence` or `SequenceBatch`.
            hx: initial state: of each part of `state_by_name` ``[layers·directions, B, size]``,
                without the B where the inputs have no batch. A tensor where the hidden state is all
                there is, a tuple elsewhere. If not given, zeros or what has been learned.
            lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
            reset: bool, in the form of `inputs` without their last dimension; ``[N]`` for a
                `SequenceBatch`. Where true, the state restarts before this step, from zeros or from
                what has been learned; a reverse direction knows nothing of it from later steps.
            trace: whether to return what was computed, too.

        Returns:
            outputs in the form of `inputs` with rows of F; the state after each sequence's own last
            step, shaped as `hx`; with `trace`, a mapping from ``l0``, ``l0_reverse``, ``l1``, … to
            each direction's `LayerTrace`.

        Raises:
            ValueError: a shape or type that does not fit, with what was expected and what came.
        """
        given = (hx,) if isinstance(hx, Tensor) else hx
        outputs, final, traces = self.run_any(
            inputs, given, lengths=lengths, reset=reset, keep=trace
        )
        state = self.shown(final)
        return (outputs, state, traces) if trace else (outputs, state)

    def step(self, inputs: Tensor, hx: Tensor | State | None = None) -> tuple[Tensor, Any]:
        """One step of every sequence: `run_step`, with states as `forward` has them."""
        outputs, state = self.run_step(inputs, (hx,) if isinstance(hx, Tensor) else hx)
        return outputs, self.shown(state)

    def read(
        self, batch: SequenceBatch, state: State | None = None, *, reset: Tensor | None = None
    ) -> tuple[SequenceBatch, State]:
        """Run all layers as a model does, whatever the parts of their state are.

        Args:
            batch: data ``[N, D]``.
            state: ``[layers·directions, B, …]`` each; what layers begin with if not given.
            reset: ``[N]``, bool: where the state restarts; nowhere if not given.

        Returns:
            Outputs ``[N, F]``, and the state after each sequence, shaped as `state`.

        Raises:
            ValueError: a shape or type that does not fit, with what was expected and what came.
        """
        outputs, final, _ = self.run_any(batch, state, lengths=None, reset=reset, keep=False)
        return outputs, final

    def run_any(
        self,
        inputs: Sequences,
        state: State | None,
        *,
        lengths: Tensor | None,
        reset: Tensor | PackedSequence | None = None,
        keep: bool,
    ) -> tuple[Sequences, State, dict[str, LayerTrace[Sequences]]]:
        """Run on sequences in any form of `vartai.nn.layouts`; outputs come in the same one.

        So do the traces of each direction by name, if they are wanted.
        """
        weight = self.first_weight
        if autocasts(weight):
            inputs, state = converted(inputs, state, weight)
            with torch.autocast("cpu", enabled=False):
                return self.run_any(inputs, state, lengths=lengths, reset=reset, keep=keep)
        layout = read_inputs(inputs, lengths, batch_first=self.batch_first)
        batch = layout.batch
        require_rows(batch.data, self.input_size, weight.dtype)
        pieces = None
        if reset is not None:
            if isinstance(batch, PaddedBatch):
                raise ValueError("reset: where states restart is not known in a traced graph")
            flat = isinstance(inputs, SequenceBatch) or not layout.batched
            restarts = read_resets(reset, batch, lengths, flat=flat, batch_first=self.batch_first)
            pieces = Pieces(batch.lengths, restarts)
        if state is not None:
            sides = (self.num_layers * self.directions, batch.count if layout.batched else None)
            state = read_state(state, sides, self.state_by_name, batch.data.dtype)
        kept = keep or self.recorder is not None
        found = self._run(batch, state, pieces=pieces, keep=kept)
        final = found.state if layout.batched else tuple(part.squeeze(1) for part in found.state)
        traces = lay_out_all(found.traces, layout.restore)
        if self.recorder is not None:
            self.recorder(traces)
        return layout.restore(found.rows), final, traces

    def run_step(self, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
        """One step of every sequence: ``[B, D]`` to ``[B, F]``, and the state after it.

        Raises:
            OptionError: the layers are bidirectional, so they need the whole sequence.
            ValueError: inputs or a state of another shape.
        """
        if self.bidirectional:
            raise OptionError("a bidirectional layer cannot be fed step by step")
        weight = self.first_weight
        if autocasts(weight):
            inputs, state = converted(inputs, state, weight)
            with torch.autocast("cpu", enabled=False):
                return self.run_step(inputs, state)
        batch = SequenceBatch(inputs, torch.ones(len(inputs), dtype=torch.int64))
        require_rows(inputs, self.input_size, self.first_weight.dtype)
        if state is not None:
            sides = (self.num_layers, len(inputs))
            state = read_state(state, sides, self.state_by_name, inputs.dtype)
        found = self._run(batch, state, pieces=None, keep=self.recorder is not None)
        if self.recorder is not None:
            self.recorder(lay_out_all(found.traces, lambda rows: rows))
        return found.rows, found.state

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        said = [str(self.input_size), str(self.hidden_size)]
        for name, argument in inspect.signature(type(self)).parameters.items():
            if argument.default is not inspect.Parameter.empty and hasattr(self, name):
                value = getattr(self, name)
                if value != argument.default:
                    said.append(f"{name}={value!r}")
        return ", ".join(said)
