"""LSTM layers whose gates see the gates of the step before."""

from __future__ import annotations

from typing import Literal, NamedTuple, overload

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from vartai.errors import require_range
from vartai.kernels.direction import State
from vartai.kernels.forms import Form
from vartai.nn.layers import RecurrentLayers
from vartai.nn.layouts import Sequences
from vartai.nn.trace import LayerTrace


class GateState(NamedTuple):
    """``hidden`` and ``cell [layers·directions, B, H]``, and ``gates [layers·directions, B, S·H]``.

    The S gates stand side by side, input, forget, output, without those that the layers do not have
    or that are made of another.
    """

    hidden: Tensor
    cell: Tensor
    gates: Tensor


class GateRecurrentLSTM(RecurrentLayers):
    """LSTM layers with full gate recurrence: FGR of Greff et al. 2017 (arXiv 1503.04069).

    Input, forget and output gate add what all three gates of the step before say, through nine
    matrices ``[H, H]``; they are the blocks of ``weight_gg_l0 [3H, 3H]``. So gates are a third part
    of the state. The paper's variant has peepholes too. `vartai.kernels.reference.lstm` defines it.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        device: of the parameters.
        dtype: of the parameters.
        peepholes: as `vartai.nn.LSTM` has them.
        coupled: likewise; then two gates are recurrent, input and output.
        activation: likewise.
        candidate_activation: likewise.
        output_activation: likewise.
        without: likewise; a gate that is not there is not recurrent.
        recurrent_dropout: likewise; of the hidden state, not of the gates.
        zoneout: likewise; of hidden state and cell, not of the gates.
        learned_state: likewise.

    Raises:
        OptionError: a name that is not known, a number out of bounds, or options that contradict
            each other.

    Example:
        >>> lstm = GateRecurrentLSTM(3, 5, peepholes=True)
        >>> outputs, state = lstm(torch.zeros(7, 2, 3))
        >>> state.gates.shape
        torch.Size([1, 2, 15])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        peepholes: bool = False,
        coupled: bool = False,
        activation: str = "tanh",
        candidate_activation: str | None = None,
        output_activation: str | None = None,
        without: tuple[str, ...] = (),
        recurrent_dropout: float = 0.0,
        zoneout: float | tuple[float, float] = 0.0,
        learned_state: bool = False,
    ) -> None:
        require_range("hidden_size", hidden_size, at_least=1)
        form = Form(
            "lstm",
            candidate_activation or activation,
            output_activation=output_activation or activation,
            peepholes=peepholes,
            coupled=coupled,
            without=without,
            gate_recurrence=True,
        )
        super().__init__(
            form,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device,
            dtype,
            recurrent_dropout=recurrent_dropout,
            zoneout=zoneout,
            learned_state=learned_state,
        )
        self.peepholes = peepholes
        self.coupled = coupled
        self.activation = activation
        self.candidate_activation = candidate_activation
        self.output_activation = output_activation
        self.without = form.without

    @overload
    def forward(
        self,
        inputs: Sequences,
        hx: GateState | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: Literal[False] = False,
    ) -> tuple[Sequences, GateState]: ...

    @overload
    def forward(
        self,
        inputs: Sequences,
        hx: GateState | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: Literal[True],
    ) -> tuple[Sequences, GateState, dict[str, LayerTrace[Sequences]]]: ...

    def forward(
        self,
        inputs: Sequences,
        hx: GateState | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: bool = False,
    ) -> (
        tuple[Sequences, GateState] | tuple[Sequences, GateState, dict[str, LayerTrace[Sequences]]]
    ):
        """Run all layers; as `vartai.nn.LSTM.forward`, with the three parts of `GateState`.

        Args:
            inputs: in any form that `vartai.nn.RNN` takes.
            hx: the state before the first step, zeros if not given.
            lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
            reset: where the state restarts.
            trace: whether to return what was computed, too.

        Returns:
            outputs with rows of ``H·directions``; the state after each sequence's own last step;
            with `trace`, the `LayerTrace` of each direction by name.

        Raises:
            ValueError: a shape or type that does not fit, with what was expected and what came.
        """
        given: State | None = hx
        outputs, final, traces = self.run_any(
            inputs, given, lengths=lengths, reset=reset, keep=trace
        )
        state = GateState(*final)
        return (outputs, state, traces) if trace else (outputs, state)
