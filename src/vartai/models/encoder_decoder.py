"""One sequence read, another written: an encoder, a decoder, and attention between them.

    encoder   x_1 … x_S    annotations m_1 … m_S, both directions of each step side by side
    start     s_0          from the encoder's final states, by a linear layer
    decoder   h_t  = layer(embedding of y_{t-1}, h_{t-1})
              c_t  = attention(h_t, m)
              u_t  = further layers([h_t, c_t], u_{t-1})
              a_t  = tanh(W [u_t, c_t])                 the attentional vector
              z_t  = E a_t + b                          scores of the vocabulary, E tied or not

Attention is asked by the first layer; the further ones read its context, so they know what has been
translated already without any loop: in training each layer runs over all target rows at once, and
so does attention between them. With input feeding (Luong, Pham & Manning 2015, section 3.3) the
first layer also reads a_{t-1}, which costs that: target rows are then written step by step.

Token 0 of the vocabulary stands before the first token and after the last one of a target.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.kernels.direction import State
from vartai.kernels.regroup import TimeGrid
from vartai.models.token_vectors import TokenVectors
from vartai.nn.attention import Attention, Memory
from vartai.nn.dropout import Dropout
from vartai.nn.layer_steps import LayerSteps
from vartai.nn.layers import RecurrentLayers
from vartai.nn.query_grid import QueryGrid
from vartai.nn.token_loss import TokenLoss, token_loss
from vartai.sequences import PackedOrder, SequenceBatch

BORDER_ID = 0
UNKNOWN_ID = 1  # what word dropout puts in place of a token; never written


@dataclass(frozen=True, eq=False)
class Encoded:
    """What is known of B source sequences.

    Args:
        memory: their annotations; None without attention.
        state: the decoder's first state, hidden and for an LSTM cell, ``[layers, B, H]`` each.
    """

    memory: Memory | None
    state: State


class Encoder(nn.Module):
    """Source ids to annotations and the decoder's first state.

    Args:
        vectors: of the source tokens; None where the decoder's serve both.
        layers: recurrent layers over them.
        decoder_layers: L.
        decoder_size: H.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors | None,
        layers: RecurrentLayers,
        decoder_layers: int,
        decoder_size: int,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.layers = layers
        self.decoder_layers = decoder_layers
        parts = len(layers.state_sizes)
        self.start = nn.Linear(parts * layers.output_size, parts * decoder_layers * decoder_size)

    def forward(self, vectors: SequenceBatch) -> tuple[SequenceBatch, State]:
        """Vectors ``[N, E]`` to annotations ``[N, F]`` and states ``[L, B, H]``."""
        found = self.layers.run(vectors)
        top = [part[-self.layers.directions :] for part in found.state]
        finals = torch.cat([half for part in top for half in part], -1)
        return vectors.with_data(found.rows), self.start_state(finals)

    def start_state(self, finals: Tensor) -> State:
        """The decoder's first state, from the final states of the top layer side by side."""
        parts = len(self.layers.state_sizes)
        drawn = self.start(finals).view(len(finals), parts, self.decoder_layers, -1)
        hidden, *cells = drawn.permute(1, 2, 0, 3).unbind(0)
        return torch.tanh(hidden), *cells


class Decoder(nn.Module):
    """Target ids, read one behind, to attentional vectors.

    Args:
        vectors: of the target tokens.
        first: the layer that asks.
        attention: None for none.
        further: layers above it, or None.
        combine: to the attentional vector.
        dropout: share of the numbers dropped of whatever a layer reads from below.
        feeding: whether the first layer reads the last attentional vector too.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors,
        first: RecurrentLayers,
        attention: Attention | None,
        further: RecurrentLayers | None,
        combine: nn.Linear,
        dropout: float,
        feeding: bool,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.first = first
        self.attention = attention
        self.further = further
        self.combine = combine
        self.dropout = Dropout(dropout)
        self.feeding = feeding

    def at_once(self, vectors: SequenceBatch, encoded: Encoded) -> Tensor:
        """Attentional vectors ``[N, E]`` of all target rows, a layer at a time."""
        lower = tuple(part[:1] for part in encoded.state)
        read = vectors.with_data(self.dropout(self.first.run(vectors, lower).rows))
        context = None
        if self.attention is not None and encoded.memory is not None:
            grid = TimeGrid(read.lengths, steps=read.steps, device=read.data.device)
            queries = grid.spread(read.data).transpose(0, 1)
            contexts, _ = self.attention(queries, encoded.memory)
            context = grid.collect(contexts.transpose(0, 1))
        if self.further is not None:
            upper = tuple(part[1:] for part in encoded.state)
            below = read.with_data(_joined(read.data, context))
            read = read.with_data(self.dropout(self.further.run(below, upper).rows))
        return torch.tanh(self.combine(_joined(read.data, context)))

    def fed(self, vectors: SequenceBatch, encoded: Encoded) -> Tensor:
        """The same with input feeding: a loop over steps, in which ended sequences have no part."""
        lengths, order = torch.sort(vectors.lengths, descending=True)
        sizes = (lengths > torch.arange(vectors.steps)[:, None]).sum(1)
        if not len(sizes):
            return vectors.data.new_zeros(0, self.combine.out_features)
        packed = PackedOrder(sizes, order.argsort())
        loop = Stepper(self, packed=False)
        there = order.to(vectors.data.device)
        state = tuple(part.index_select(1, there) for part in encoded.state)
        memory = None if encoded.memory is None else encoded.memory.select(there)
        made = vectors.data.new_zeros(len(vectors), self.combine.out_features)
        written = []
        for rows in torch.split(packed.packed(vectors.data), sizes.tolist()):
            count = len(rows)
            now = None if memory is None else memory.head(count)
            state = tuple(part[:, :count] for part in state)
            made, state, _ = loop.step(rows, made[:count], state, now, torch.arange(count))
            written.append(made)
        return packed.unpacked(torch.cat(written))

    def forward(self, vectors: SequenceBatch, encoded: Encoded) -> Tensor:
        """Attentional vectors ``[N, E]`` of target rows, each read one behind."""
        return self.fed(vectors, encoded) if self.feeding else self.at_once(vectors, encoded)


class Stepper:
    """A decoder one step at a time.

    Args:
        decoder: of which this is a step.
        packed: pack the weights once, for steps without gradients.
    """

    def __init__(self, decoder: Decoder, *, packed: bool) -> None:
        self._decoder = decoder
        self._first = LayerSteps(decoder.first, packed=packed)
        further = decoder.further
        self._further = None if further is None else LayerSteps(further, packed=packed)

    def step(
        self,
        vectors: Tensor,
        made: Tensor,
        state: State,
        memory: Memory | None,
        sequence: Tensor,
    ) -> tuple[Tensor, State, Tensor | None]:
        """Advance by one step.

        Args:
            vectors: ``[R, E]``, of the tokens read.
            made: ``[R, E]``, the last attentional vectors; read only with input feeding.
            state: ``[layers, R, H]`` each.
            memory: of B sequences.
            sequence: ``[R]``, int64, CPU, rising: which of them each row writes for.

        Returns:
            Attentional vectors ``[R, E]``, the state after, and the weights ``[R, S]`` of
            attention, if there is any.
        """
        own = self._decoder
        inputs = torch.cat([vectors, made], -1) if own.feeding else vectors
        hidden, lower = self._first.step(inputs, tuple(part[:1] for part in state))
        hidden = own.dropout(hidden)
        context = weights = None
        if own.attention is not None and memory is not None:
            context, weights = _asked(own.attention, hidden, memory, sequence)
        if self._further is not None:
            above = tuple(part[1:] for part in state)
            hidden, upper = self._further.step(_joined(hidden, context), above)
            hidden = own.dropout(hidden)
            lower = tuple(torch.cat(both) for both in zip(lower, upper, strict=True))
        return torch.tanh(own.combine(_joined(hidden, context))), lower, weights


class EncoderDecoder(nn.Module):
    """Source ids and target ids to the loss of the target; the parts are given, built.

    Args:
        encoder: reads the source.
        decoder: writes the target.
        output: ``[V, E]``, vectors that attentional vectors are compared with; None for those of
            the decoder's own tokens.
        vocabulary_size: V, of the target.
        output_dropout: share of the numbers of attentional vectors dropped.
    """

    def __init__(
        self,
        *,
        encoder: Encoder,
        decoder: Decoder,
        output: nn.Parameter | None,
        vocabulary_size: int,
        output_dropout: float,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.output: nn.Parameter | None
        self.register_parameter("output", output)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.output_dropout = Dropout(output_dropout)

    @property
    def output_weight(self) -> Tensor:
        """``[V, E]``."""
        return self.decoder.vectors.embedding.weight if self.output is None else self.output

    def encode(self, source: SequenceBatch) -> Encoded:
        """Read source ids ``[N]``."""
        vectors = self.encoder.vectors or self.decoder.vectors
        annotations, state = self.encoder(vectors(source))
        attention = self.decoder.attention
        if attention is None:
            return Encoded(None, state)
        dropped = annotations.with_data(self.decoder.dropout(annotations.data))
        return Encoded(attention.remember(dropped), state)

    def features(self, source: SequenceBatch, target: SequenceBatch) -> Tensor:
        """Attentional vectors ``[N + B, E]``: before each target token, and before its end."""
        encoded = self.encode(source)
        made: Tensor = self.decoder(self.decoder.vectors(begun(target)), encoded)
        return made

    def forward(
        self, source: SequenceBatch, target: SequenceBatch, *, smoothing: float = 0.0
    ) -> TokenLoss:
        """Loss of the target tokens and ends, given the source and all tokens before.

        Args:
            source: ids ``[N]``.
            target: ids ``[M]``, of as many sequences.
            smoothing: of the loss, see `vartai.nn.token_loss`.

        Returns:
            Nats, summed over M tokens and B ends, and how many of them would have been guessed.
        """
        features = self.output_dropout(self.features(source, target))
        return token_loss(
            features, self.output_weight, self.bias, ended(target).data, smoothing=smoothing
        )


def begun(target: SequenceBatch) -> SequenceBatch:
    """Ids with the border before each sequence: what a decoder reads.

    Example:
        >>> begun(SequenceBatch(torch.tensor([5, 6, 7]), torch.tensor([2, 1]))).data.tolist()
        [0, 5, 6, 0, 7]
    """
    return _bordered(target, target.offsets[:-1])


def ended(target: SequenceBatch) -> SequenceBatch:
    """Ids with the border after each sequence: what a decoder writes.

    Example:
        >>> ended(SequenceBatch(torch.tensor([5, 6, 7]), torch.tensor([2, 1]))).data.tolist()
        [5, 6, 0, 7, 0]
    """
    return _bordered(target, target.offsets[1:])


def _bordered(target: SequenceBatch, borders: Tensor) -> SequenceBatch:
    """One more step in each sequence, before the rows of these numbers."""
    count = len(target)
    longer = target.data.new_full((len(target.data) + count,), BORDER_ID)
    inside = torch.ones(len(longer), dtype=torch.bool)
    inside[borders + torch.arange(count)] = False
    longer[inside.to(longer.device)] = target.data
    return SequenceBatch(longer, target.lengths + 1)


def _joined(rows: Tensor, context: Tensor | None) -> Tensor:
    return rows if context is None else torch.cat([rows, context], -1)


def _asked(
    attention: Attention, queries: Tensor, memory: Memory, sequence: Tensor
) -> tuple[Tensor, Tensor]:
    """Contexts ``[R, F]`` and weights ``[R, S]`` of rows, several of which may ask one sequence."""
    count, rows = len(memory.valid), len(queries)
    if rows == count:
        contexts, weights = attention(queries.unsqueeze(1), memory)
        return contexts.squeeze(1), weights.squeeze(1)
    grid = QueryGrid(sequence, count)
    contexts, weights = attention(grid.spread(queries), memory)
    return grid.collect(contexts), grid.collect(weights)
