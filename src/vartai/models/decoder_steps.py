"""A trained encoder–decoder that writes: one token of every row at a time, without gradients.

Several rows may write for one source sequence; its annotations are kept once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.models.encoder_decoder import UNKNOWN_ID, EncoderDecoder, Stepper
from vartai.nn.attention import Memory
from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class DecoderState:
    """What was read so far, of R rows.

    Args:
        state: of the decoder's layers, ``[layers, R, H]`` each.
        made: ``[R, E]``, the last attentional vectors.
        memory: of the B source sequences that rows write for; None without attention.
        sequence: ``[R]``, int64, CPU, rising: which of them each row writes for.
        weights: ``[R, S]``, attention when the last token was read; None if there is none.
    """

    state: State
    made: Tensor
    memory: Memory | None
    sequence: Tensor
    weights: Tensor | None

    def select(self, rows: Tensor) -> DecoderState:
        """Of some rows; see `vartai.decoding.step`. Source sequences must stay in order."""
        there = rows.to(self.made.device)
        sequence = self.sequence[rows]
        present, renumbered = torch.unique_consecutive(sequence, return_inverse=True)
        memory = self.memory
        if memory is not None and len(present) < len(memory.valid):
            memory = memory.select(present.to(there.device))
        return DecoderState(
            tuple(part.index_select(1, there) for part in self.state),
            self.made.index_select(0, there),
            memory,
            renumbered,
            None,
        )


class DecoderSteps:
    """The step of a model, with its weights packed once.

    Args:
        model: in evaluation mode. Training it further does not change what is packed here.
    """

    def __init__(self, model: EncoderDecoder) -> None:
        self._model = model
        self._stepper = Stepper(model.decoder, packed=True)
        self._vectors = model.decoder.vectors.embedding.weight.detach()
        self._output = model.output_weight.detach().T
        bias = model.bias.detach().clone()
        bias[UNKNOWN_ID] = -torch.inf  # a token of no text
        self._bias = bias

    @torch.inference_mode()
    def begin(self, source: SequenceBatch) -> DecoderState:
        """Read source ids ``[N]``: one row for each sequence."""
        encoded = self._model.encode(source)
        made = self._vectors.new_zeros(len(source), self._vectors.size(1))
        return DecoderState(encoded.state, made, encoded.memory, torch.arange(len(source)), None)

    @torch.inference_mode()
    def __call__(self, ids: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Read one token of every row, ``[R]``; see `vartai.decoding.step`."""
        vectors = self._vectors.index_select(0, ids)
        made, after, weights = self._stepper.step(
            vectors, state.made, state.state, state.memory, state.sequence
        )
        scores = torch.addmm(self._bias, made, self._output)
        read = replace(state, state=after, made=made, weights=weights)
        return torch.log_softmax(scores, 1), read
