"""A language model that reads both ways: what a text reader can learn from texts without labels.

One recurrent layer reads forwards and one backwards, each knowing only what it has read. The first
has to say which token comes next, the second which one came before. Both share the vectors of the
tokens and the softmax, so both teach them.

Source: Dai & Le 2015 for beginning a classifier with a language model; Peters et al. 2018 for the
two directions with a shared softmax.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vartai.models.token_vectors import TokenVectors
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sampled_softmax import SampledSoftmax
from vartai.sequences import SequenceBatch


class TwoWayLanguageModel(nn.Module):
    """Token ids to the nats of every token's neighbour.

    Args:
        vectors: of the tokens.
        encoder: recurrent layers over the vectors; one layer if in two directions, since what
            stands on both would see the token that is to be said.
        output_dropout: share of the encoder's outputs dropped, in training.
        output: H features to tokens.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors,
        encoder: RecurrentLayers,
        output_dropout: float,
        output: SampledSoftmax,
    ) -> None:
        super().__init__()
        if encoder.bidirectional and encoder.num_layers > 1:
            raise ValueError(
                f"two directions in {encoder.num_layers} layers see what they must say"
            )
        self.vectors = vectors
        self.encoder = encoder
        self.output_dropout = nn.Dropout(output_dropout)
        self.output = output

    def forward(self, ids: SequenceBatch) -> Tensor:
        """Nats of each neighbour ``[M]``, among a sample of the tokens; ids as `TokenVectors`."""
        nats: Tensor = self.output(*self._questions(ids))
        return nats

    def exact(self, ids: SequenceBatch) -> Tensor:
        """Nats of each neighbour ``[M]``, among all tokens."""
        return self.output.exact(*self._questions(ids))

    def _questions(self, ids: SequenceBatch) -> tuple[Tensor, Tensor]:
        """Features ``[M, H]`` and the token ``[M]`` that each has to tell.

        M is the number of pairs of neighbours within a sequence, once for each direction.
        """
        outputs, _ = self.encoder(self.vectors(ids))
        rows = self.output_dropout(outputs.data)
        tokens = ids.data if ids.data.dim() == 1 else ids.data[:, 0]
        follows = torch.ones(len(tokens), dtype=torch.bool, device=tokens.device)
        follows[ids.first_rows()[ids.lengths > 0]] = False
        second = follows.nonzero().squeeze(1)
        first = second - 1
        if not self.encoder.bidirectional:
            return rows.index_select(0, first), tokens[second]
        forwards, backwards = rows.chunk(2, dim=1)
        features = [forwards.index_select(0, first), backwards.index_select(0, second)]
        return torch.cat(features), torch.cat([tokens[second], tokens[first]])
