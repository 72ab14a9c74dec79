"""Layers whose state is the hidden state alone: what `RNN` and `GRU` do when they are called."""

from __future__ import annotations

from typing import Literal, overload

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from vartai.nn.layers import RecurrentLayers
from vartai.nn.layouts import Sequences
from vartai.nn.trace import LayerTrace


class HiddenLayers(RecurrentLayers):
    """Recurrent layers with one part of a state. Use `RNN` or `GRU`."""

    @overload
    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: Literal[False] = False,
    ) -> tuple[Sequences, Tensor]: ...

    @overload
    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: Literal[True],
    ) -> tuple[Sequences, Tensor, dict[str, LayerTrace[Sequences]]]: ...

    def forward(
        self,
        inputs: Sequences,
        hx: Tensor | None = None,
        *,
        lengths: Tensor | None = None,
        reset: Tensor | PackedSequence | None = None,
        trace: bool = False,
    ) -> tuple[Sequences, Tensor] | tuple[Sequences, Tensor, dict[str, LayerTrace[Sequences]]]:
        """Run all layers.

        Args:
            inputs: ``[T, B, D]`` (``[B, T, D]`` if `batch_first`), ``[T, D]``, a nested tensor of
                the jagged layout ``[B, j, D]``, `PackedSequence` or `SequenceBatch`.
            hx: ``[layers·directions, B, H]``, ``[layers·directions, H]`` without a batch. Initial
                state; if not given, zeros or what has been learned.
            lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
            reset: bool, in the form of `inputs` without their last dimension; ``[N]`` for a
                `SequenceBatch`. Where true, the state restarts before this step, from zeros or from
                what has been learned; a reverse direction knows nothing of it from later steps.
            trace: whether to return what was computed, too.

        Returns:
            outputs in the form of `inputs` with rows of ``H·directions``; the state after each
            sequence's own last step, shaped as `hx`; with `trace`, a mapping from ``l0``,
            ``l0_reverse``, ``l1``, … to each direction's `LayerTrace`.

        Raises:
            ValueError: a shape or type that does not fit, with what was expected and what came.
        """
        state = None if hx is None else (hx,)
        outputs, final, traces = self.run_any(
            inputs, state, lengths=lengths, reset=reset, keep=trace
        )
        return (outputs, final[0], traces) if trace else (outputs, final[0])
