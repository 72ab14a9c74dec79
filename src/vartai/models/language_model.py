"""Token ids to the probability of each token that follows: vectors, recurrent layers, a softmax.

Vectors and layers have the names that `SequenceClassifier` gives to its own, so that what a
language model has learned can be where a classifier begins.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vartai.kernels.direction import State
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.softmax_output import SoftmaxOutput
from vartai.sequences import SequenceBatch


class Read(NamedTuple):
    """What reading gave: features ``[N, F]`` of every step, and the state after each sequence."""

    rows: Tensor
    state: State


class RecurrentLanguageModel(nn.Module):
    """A language model over sequences of token ids.

    Args:
        vectors: of the tokens.
        encoder: recurrent layers over the vectors, in one direction.
        projection: outputs of the layers to the F features that `output` reads, where their sizes
            differ; or None.
        output_dropout: drops features of all a sequence's outputs, in training.
        output: features to the probability of every token.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors,
        encoder: SequenceLayers,
        projection: nn.Linear | None,
        output_dropout: LockedDropout,
        output: SoftmaxOutput,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.encoder = encoder
        self.projection = projection
        self.output_dropout = output_dropout
        self.output = output

    def fresh_state(self, count: int) -> State:
        """Before the first token of so many sequences: ``[layers, count, …]`` each."""
        return self.encoder.start_state(count)

    def read(self, ids: SequenceBatch, state: State, reset: Tensor | None = None) -> Read:
        """Read on.

        Args:
            ids: data ``[N]``, int64.
            state: before the first step of each sequence, as `fresh_state` shapes it.
            reset: ``[N]``, bool: where the state restarts; nowhere if not given.
        """
        batch: SequenceBatch = self.vectors(ids)
        outputs, final = self.encoder.read(batch, state, reset=reset)
        return Read(self.features(outputs).data, final)

    def features(self, outputs: SequenceBatch) -> SequenceBatch:
        """Outputs of the layers to what the softmax reads."""
        if self.projection is not None:
            outputs = outputs.with_data(self.projection(outputs.data))
        dropped: SequenceBatch = self.output_dropout(outputs)
        return dropped

    def forward(
        self, ids: SequenceBatch, targets: Tensor, state: State, reset: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Nats of each target ``[N]``, and the state after each sequence; as `read`."""
        read = self.read(ids, state, reset)
        nats: Tensor = self.output(read.rows, targets)
        return nats, read.state


def detached(state: State) -> State:
    """The same numbers, through which no gradient flows: where truncated backpropagation cuts."""
    return tuple(part.detach() for part in state)


def select_rows(state: State, rows: Tensor) -> State:
    """The states of some sequences, in this order: dimension 1 of ``[layers, B, …]``."""
    return tuple(torch.index_select(part, 1, rows) for part in state)
