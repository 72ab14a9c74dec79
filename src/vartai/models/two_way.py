"""A language model that reads both ways: what a text reader can learn from texts without labels.

One recurrent layer reads forwards and one backwards, each knowing only what it has read. The first
has to say which token comes next, the second which one came before. Both share the vectors of the
tokens and the softmax, so both teach them.

Source: Dai & Le 2015 for beginning a classifier with a language model; Peters et al. 2018 for the
two directions with a shared softmax.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from vartai.nn.sampled_softmax import SampledSoftmax
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch


class TwoWayLanguageModel(nn.Module):
    """Sequences to the nats of every token's neighbour.

    Args:
        vectors: a batch as the encoder's task reads it to vectors ``[N, D]`` of its tokens.
        encoder: recurrent layers over the vectors; one layer if in two directions that meet above
            it, since what stands on both would see the token that is to be said.
        output_dropout: share of the encoder's outputs dropped, in training.
        output: H features to tokens.
    """

    def __init__(
        self,
        *,
        vectors: nn.Module,
        encoder: SequenceLayers,
        output_dropout: float,
        output: SampledSoftmax,
    ) -> None:
        super().__init__()
        if encoder.bidirectional and encoder.num_layers > 1 and not encoder.directions_apart:
            raise ValueError(
                f"two directions in {encoder.num_layers} layers see what they must say"
            )
        self.vectors = vectors
        self.encoder = encoder
        self.output_dropout = nn.Dropout(output_dropout)
        self.output = output

    def forward(self, batch: Any, tokens: SequenceBatch) -> Tensor:
        """Nats of each neighbour ``[M]``, among a sample of the tokens.

        Args:
            batch: as `vectors` reads it.
            tokens: its ids ``[N]``, int64.
        """
        nats: Tensor = self.output(*self._questions(batch, tokens))
        return nats

    def exact(self, batch: Any, tokens: SequenceBatch) -> Tensor:
        """Nats of each neighbour ``[M]``, among all tokens; arguments as those of `forward`."""
        return self.output.exact(*self._questions(batch, tokens))

    def _questions(self, batch: Any, tokens: SequenceBatch) -> tuple[Tensor, Tensor]:
        """Features ``[M, H]`` and the token ``[M]`` that each has to tell.

        M is the number of pairs of neighbours within a sequence, once for each direction.
        """
        outputs, _ = self.encoder.read(self.vectors(batch))
        rows = self.output_dropout(outputs.data)
        ids = tokens.data
        follows = torch.ones(len(ids), dtype=torch.bool, device=ids.device)
        follows[tokens.first_rows()[tokens.lengths > 0]] = False
        second = follows.nonzero().squeeze(1)
        first = second - 1
        if not self.encoder.bidirectional:
            return rows.index_select(0, first), ids[second]
        forwards, backwards = rows.chunk(2, dim=1)
        features = [forwards.index_select(0, first), backwards.index_select(0, second)]
        return torch.cat(features), torch.cat([ids[second], ids[first]])
