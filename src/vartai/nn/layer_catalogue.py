"""Layers of any cell by its name: what models build their recurrent layers with.

>>> layers = build_layers("min-gru", LayerSizes(input_size=3, hidden_size=5, layers=2))
>>> layers
MinGRU(3, 5, num_layers=2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from vartai.kernels.cell_names import require_cell
from vartai.nn.both_ways import BothWays
from vartai.nn.clockwork_rnn import ClockworkRNN
from vartai.nn.depth_gated_lstm import DepthGatedLSTM
from vartai.nn.first_weights import begin_well
from vartai.nn.gate_recurrent_lstm import GateRecurrentLSTM
from vartai.nn.grid_lstm import GridLSTM
from vartai.nn.gru import GRU
from vartai.nn.ind_rnn import IndRNN
from vartai.nn.lstm import LSTM
from vartai.nn.min_gru import MinGRU
from vartai.nn.min_lstm import MinLSTM
from vartai.nn.rnn import RNN
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.slstm import SLSTM


@dataclass(frozen=True, kw_only=True)
class LayerSizes:
    """What layers are to be, whatever their cell.

    Args:
        input_size: D.
        hidden_size: H.
        layers: how many, each reading the outputs of the one below.
        dropout: share of outputs dropped between layers, in training.
        bidirectional: a second direction reads from the end to the start.
        recurrent_dropout: share of hidden units dropped on their way to the next step.
    """

    input_size: int
    hidden_size: int
    layers: int = 1
    dropout: float = 0.0
    bidirectional: bool = False
    recurrent_dropout: float = 0.0


Build = Callable[[LayerSizes], SequenceLayers]
# Any: classes whose constructors agree in the arguments that are given here.
Kind = Callable[..., Any]


def _of_a_form(kind: Kind) -> Build:
    """Layers of a `Form`, which can drop what they hand to the next step."""

    def build(sizes: LayerSizes) -> SequenceLayers:
        made: SequenceLayers = kind(
            sizes.input_size,
            sizes.hidden_size,
            num_layers=sizes.layers,
            dropout=_dropout(sizes),
            bidirectional=sizes.bidirectional,
            recurrent_dropout=sizes.recurrent_dropout,
        )
        return made

    return build


def _stack(kind: Kind) -> Build:
    """Layers of two directions that have no noise of their own."""

    def build(sizes: LayerSizes) -> SequenceLayers:
        made: SequenceLayers = kind(
            sizes.input_size,
            sizes.hidden_size,
            num_layers=sizes.layers,
            dropout=_dropout(sizes),
            bidirectional=sizes.bidirectional,
        )
        return made

    return build


def _one_way(kind: Kind) -> Build:
    """Layers of one direction, and two stacks of them side by side for both."""

    def build(sizes: LayerSizes) -> SequenceLayers:
        def made() -> SequenceLayers:
            layers: SequenceLayers = kind(
                sizes.input_size,
                sizes.hidden_size,
                num_layers=sizes.layers,
                dropout=_dropout(sizes),
            )
            begin_well(layers)
            return layers

        return BothWays(made(), made()) if sizes.bidirectional else made()

    return build


def _dropout(sizes: LayerSizes) -> float:
    return sizes.dropout if sizes.layers > 1 else 0.0


_HOW: Final[dict[str, Build]] = {
    "rnn": _of_a_form(RNN),
    "lstm": _of_a_form(LSTM),
    "gru": _of_a_form(GRU),
    "lstm-peephole": _of_a_form(partial(LSTM, peepholes=True)),
    "lstm-no-input-gate": _of_a_form(partial(LSTM, peepholes=True, without=("input",))),
    "lstm-no-forget-gate": _of_a_form(partial(LSTM, peepholes=True, without=("forget",))),
    "lstm-no-output-gate": _of_a_form(partial(LSTM, peepholes=True, without=("output",))),
    "lstm-no-input-activation": _of_a_form(
        partial(LSTM, peepholes=True, candidate_activation="identity")
    ),
    "lstm-no-output-activation": _of_a_form(
        partial(LSTM, peepholes=True, output_activation="identity")
    ),
    "lstm-coupled": _of_a_form(partial(LSTM, peepholes=True, coupled=True)),
    "lstm-gate-recurrence": _of_a_form(partial(GateRecurrentLSTM, peepholes=True)),
    "lstm-layer-norm": _of_a_form(partial(LSTM, layer_norm=True)),
    "gru-reset-before": _of_a_form(partial(GRU, reset_after=False)),
    "gru-layer-norm": _of_a_form(partial(GRU, layer_norm=True)),
    "lstm-depth-gated": _stack(DepthGatedLSTM),
    "clockwork-rnn": _stack(ClockworkRNN),
    "ind-rnn": _stack(IndRNN),
    "min-gru": _stack(MinGRU),
    "min-lstm": _stack(MinLSTM),
    "slstm": _stack(SLSTM),
    "grid-lstm": _one_way(GridLSTM),
    "grid-lstm-tied": _one_way(partial(GridLSTM, tied=True)),
}


def build_layers(cell: str, sizes: LayerSizes) -> SequenceLayers:
    """Layers with fresh weights that learn well; see `begin_well`.

    Args:
        cell: a name of `vartai.kernels.cell_names.CELLS`.
        sizes: and options.

    Raises:
        OptionError: there is no such cell, or it cannot do what is asked of it.
    """
    require_cell(cell, recurrent_dropout=sizes.recurrent_dropout)
    layers = _HOW[cell](sizes)
    begin_well(layers)
    return layers
