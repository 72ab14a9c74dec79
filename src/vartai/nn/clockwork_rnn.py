"""Clockwork RNN layers: modules that tick at different rates."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from vartai.errors import OptionError, require_range, unknown_name
from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.clockwork import cycle, run_clockwork
from vartai.kernels.direction import Result, State
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.clockwork import GATES, TRACED, ClockworkWeights, module_sizes
from vartai.nn.layer_stack import LayerStack

PERIODS = (1, 2, 4, 8, 16, 32, 64, 128)
"""Of eight modules: powers of two, as in the paper."""

_LONGEST_CYCLE = 2**24  # as far as float32 counts


class ClockworkState(NamedTuple):
    """``hidden [layers·directions, B, H]``, and ``clock [layers·directions, B, 1]``.

    The clock is the number of the next step of each sequence, modulo the least common multiple of
    the periods: who goes on from a state goes on counting.
    """

    hidden: Tensor
    clock: Tensor


class ClockworkRNN(LayerStack):
    """Clockwork RNN layers (Koutnik et al. 2014, arXiv 1402.3511); `…kernels.reference.clockwork`.

    The units are divided into modules, as many as there are periods. A module is updated where its
    period divides the number of the step, which counts from 0 at the start of a sequence, and keeps
    its state elsewhere. It reads itself and the slower modules. Inputs and outputs are those of
    `vartai.nn.RNN`; parameters are ``weight_ih [H, D]``, ``bias_ih [H]`` and, of module i,
    ``weight_hh_i [units of i, units of i and of all slower ones]``.

    A reverse direction counts from the last step of a sequence. A trace's ``candidate`` is computed
    at every step; its ``clock`` is 1 where the candidate was taken.

    Args:
        input_size: D.
        hidden_size: H, at least one for each module; what the number of modules leaves over of it
            goes to the fastest ones.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there is a ``bias_ih``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        periods: of the modules, ascending; powers of two in the paper.
        nonlinearity: a name of `vartai.kernels.activations.ACTIVATIONS`; the paper's is tanh.

    Raises:
        OptionError: a number out of bounds, an unknown nonlinearity, or periods that do not ascend.

    Example:
        >>> import torch
        >>> layer = ClockworkRNN(3, 8, periods=(1, 2, 4, 8))
        >>> outputs, state = layer(torch.zeros(7, 2, 3))
        >>> outputs.shape, state.clock[0, :, 0].tolist(), layer.weight_hh_2_l0.shape
        (torch.Size([7, 2, 8]), [7.0, 7.0], torch.Size([2, 4]))
    """

    gate_names = GATES
    traced = TRACED
    state_names = ClockworkState._fields
    state_parts = len(ClockworkState._fields)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        periods: tuple[int, ...] = PERIODS,
        nonlinearity: str = "tanh",
    ) -> None:
        if nonlinearity not in ACTIVATIONS:
            raise unknown_name("nonlinearity", nonlinearity, ACTIVATIONS)
        _require_periods(periods)
        require_range("hidden_size", hidden_size, at_least=len(periods))
        self.periods = tuple(periods)
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """See `LayerStack.state_sizes`."""
        return self.hidden_size, 1

    def parameter_shapes(self, below: int) -> dict[str, tuple[int, ...]]:
        """See `LayerStack.parameter_shapes`."""
        shapes, read = super().parameter_shapes(below), self.hidden_size
        for number, size in enumerate(module_sizes(self.hidden_size, len(self.periods))):
            shapes[f"weight_hh_{number}"] = (size, read)
            read -= size
        return shapes

    def direction_weights(self, suffix: str) -> ClockworkWeights:
        """Those of a direction such as ``l0_reverse``."""
        modules = range(len(self.periods))
        recurrent = tuple(self.parameter(f"weight_hh_{number}", suffix) for number in modules)
        return ClockworkWeights(*self.input_weights(suffix), recurrent)

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """See `LayerStack.run_direction`."""
        hidden, clock = state
        return run_clockwork(
            batch,
            (hidden, clock),
            self.direction_weights(suffix),
            periods=self.periods,
            activation=self.nonlinearity,
            reverse=reverse,
            keep=keep,
        )

    def shown(self, state: State) -> ClockworkState:
        """See `SequenceLayers.shown`."""
        return ClockworkState(*state)


def _require_periods(periods: tuple[int, ...]) -> None:
    """Refuse periods that are not whole numbers from 1 on, ascending, or count too far."""
    whole = periods and all(isinstance(period, int) and period >= 1 for period in periods)
    if not whole or list(periods) != sorted(set(periods)):
        raise OptionError(f"periods must be whole numbers from 1 on, ascending, were {periods}")
    if cycle(periods) > _LONGEST_CYCLE:
        raise OptionError(
            f"periods must be due together every {_LONGEST_CYCLE:,} steps at most, were {periods}"
        )
