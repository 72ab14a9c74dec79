"""The translator of `vartai.models.encoder_decoder`, written well in plain torch, as a peer.

The same layers with the same weights and the same results; sequences are padded, or packed on their
way through the recurrent layers, attention is one masked `bmm`, the output layer sees valid rows
only, and the optimiser is torch's own, fused. The beam keeps one tensor of sentences times places
from beginning to end, asks attention without repeating the memory, and stops when all have ended.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from vartai.models.encoder_decoder import BORDER_ID, UNKNOWN_ID, EncoderDecoder
from vartai.sequences import SequenceBatch

_LAYERS: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class PlainTranslator(nn.Module):
    """Multiplicative attention, no input feeding, a shared and tied vocabulary.

    Args:
        cell: rnn, gru or lstm.
        vocabulary: V.
        embedding: E.
        hidden: H, of the decoder; half of it of each direction of the encoder.
        dropout: between layers and before the output.
        embedding_dropout: of features, for a whole sentence.
        packed: pack the padded batches on their way through recurrent layers.
    """

    def __init__(
        self,
        cell: str,
        vocabulary: int,
        embedding: int,
        hidden: int,
        *,
        dropout: float,
        embedding_dropout: float,
        packed: bool,
    ) -> None:
        super().__init__()
        layer = _LAYERS[cell]
        self.packed = packed
        self.share = embedding_dropout
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.encoder = layer(embedding, hidden // 2, batch_first=True, bidirectional=True)
        parts = 2 if cell == "lstm" else 1
        self.parts = parts
        self.start = nn.Linear(parts * hidden, parts * 2 * hidden)
        self.first = layer(embedding, hidden, batch_first=True)
        self.key = nn.Linear(hidden, hidden, bias=False)
        self.further = layer(2 * hidden, hidden, batch_first=True)
        self.combine = nn.Linear(2 * hidden, embedding)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.dropout = nn.Dropout(dropout)
        self.output_dropout = nn.Dropout(dropout)

    def take(self, model: EncoderDecoder) -> None:
        """The weights of the translator that this is a copy of."""
        names = {
            "embedding": "decoder.vectors.embedding",
            "encoder": "encoder.layers",
            "start": "encoder.start",
            "first": "decoder.first",
            "key": "decoder.attention.key",
            "further": "decoder.further",
            "combine": "decoder.combine",
        }
        theirs = model.state_dict()
        own = {"bias": theirs["bias"]}
        for name in self.state_dict():
            part, _, rest = name.partition(".")
            if part in names:
                own[name] = theirs[f"{names[part]}.{rest}"]
        self.load_state_dict(own)

    def vectors(self, ids: Tensor) -> Tensor:
        """``[B, T]`` to ``[B, T, E]``."""
        vectors: Tensor = self.embedding(ids)
        if self.training and self.share:
            keep = 1 - self.share
            mask = vectors.new_empty(len(ids), 1, vectors.size(2)).bernoulli_(keep).div_(keep)
            vectors = vectors * mask
        return vectors

    def run(self, layer: nn.RNNBase, rows: Tensor, lengths: Tensor, state: Any) -> Any:
        """A layer over padded rows."""
        if not self.packed:
            return layer(rows, state)
        packed = pack_padded_sequence(rows, lengths, batch_first=True, enforce_sorted=False)
        made, final = layer(packed, state)
        return pad_packed_sequence(made, batch_first=True, total_length=rows.size(1))[0], final

    def encode(self, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor, list[Any]]:
        """Annotations, keys, where there are steps, and the states of both decoder layers."""
        packed = pack_padded_sequence(
            self.vectors(ids), lengths, batch_first=True, enforce_sorted=False
        )
        made, final = self.encoder(packed)
        annotations = pad_packed_sequence(made, batch_first=True)[0]
        finals = final if self.parts == 2 else (final,)
        both = torch.cat([half for part in finals for half in part], -1)
        drawn = self.start(both).view(len(ids), self.parts, 2, -1).permute(1, 2, 0, 3)
        hidden = torch.tanh(drawn[0])
        states: list[Any] = []
        for place in range(2):
            own = hidden[place : place + 1].contiguous()
            if self.parts == 2:
                states.append((own, drawn[1][place : place + 1].contiguous()))
            else:
                states.append(own)
        annotations = self.dropout(annotations)
        valid = torch.arange(annotations.size(1)) < lengths[:, None]
        return annotations, self.key(annotations), valid, states

    def ask(self, queries: Tensor, keys: Tensor, annotations: Tensor, valid: Tensor) -> Tensor:
        """Contexts ``[B, T, H]``."""
        scores = torch.bmm(queries, keys.transpose(1, 2))
        scores = scores.masked_fill(~valid[:, None], -torch.inf)
        return torch.bmm(torch.softmax(scores, -1), annotations)

    def forward(self, source: SequenceBatch, target: SequenceBatch, smoothing: float) -> Tensor:
        """Summed loss of target tokens and ends."""
        annotations, keys, valid, states = self.encode(
            source.padded(batch_first=True), source.lengths
        )
        written = target.padded(batch_first=True, value=BORDER_ID)
        border = written.new_full((len(written), 1), BORDER_ID)
        read, wanted = torch.cat([border, written], 1), torch.cat([written, border], 1)
        lengths = target.lengths + 1
        hidden, _ = self.run(self.first, self.vectors(read), lengths, states[0])
        hidden = self.dropout(hidden)
        context = self.ask(hidden, keys, annotations, valid)
        upper, _ = self.run(self.further, torch.cat([hidden, context], -1), lengths, states[1])
        rows = torch.arange(read.size(1)) < lengths[:, None]
        joined = torch.cat([self.dropout(upper), context], -1)[rows]
        features = self.output_dropout(torch.tanh(self.combine(joined)))
        scores = nn.functional.linear(features, self.embedding.weight, self.bias)
        return nn.functional.cross_entropy(
            scores, wanted[rows], label_smoothing=smoothing, reduction="sum"
        )

    @torch.inference_mode()
    def search(
        self, source: SequenceBatch, *, beam: int, length_penalty: float, limits: Tensor
    ) -> list[list[int]]:
        """The best translation of each source, by the rules of `vartai.decoding.beam`."""
        annotations, keys, valid, states = self.encode(
            source.padded(batch_first=True), source.lengths
        )
        count = len(source)
        states = [_repeated(state, beam) for state in states]
        bias = self.bias.clone()
        bias[UNKNOWN_ID] = -torch.inf
        weight = self.embedding.weight
        total = torch.full((count, beam), -torch.inf)
        total[:, 0] = 0.0
        reading = torch.full((count, beam), BORDER_ID)
        history = torch.zeros(count, beam, 0, dtype=torch.int64)
        free = torch.full((count,), beam)
        best = [(False, -float("inf"), [0])] * count
        length = 0
        while bool((free > 0).any()):
            length += 1
            hidden, states[0] = self.first(self.vectors(reading.view(-1, 1)), states[0])
            queries = hidden.view(count, beam, -1)
            context = self.ask(queries, keys, annotations, valid)
            joined = torch.cat([queries, context], -1).view(count * beam, 1, -1)
            upper, states[1] = self.further(joined, states[1])
            made = torch.tanh(self.combine(torch.cat([upper, context.view(upper.shape)], -1)))
            scores = nn.functional.linear(made.squeeze(1), weight, bias)
            nats = torch.log_softmax(scores, -1).view(count, beam, -1) + total[:, :, None]
            values, places = nats.flatten(1).topk(beam)
            parents, tokens = places // scores.size(1), places % scores.size(1)
            history = history.gather(1, parents[:, :, None].expand(-1, -1, history.size(2)))
            history = torch.cat([history, tokens[:, :, None]], 2)
            taken = (torch.arange(beam) < free[:, None]) & (values > -torch.inf)
            ended = taken & (tokens == BORDER_ID)
            over = taken & ~ended & (length >= limits[:, None])
            divisor = ((5 + length) / 6) ** length_penalty
            for row, place in (ended | over).nonzero().tolist():
                own = bool(ended[row, place])
                found = (own, float(values[row, place]) / divisor, history[row, place].tolist())
                best[row] = max(best[row], found)
            free = free - (ended | over).sum(1)
            total = torch.where(taken & ~ended & ~over, values, -torch.inf)
            reading = tokens
            flat = (parents + torch.arange(count)[:, None] * beam).flatten()
            states = [_selected(state, flat) for state in states]
        return [ids[:-1] if own else ids for own, _, ids in best]


def _repeated(state: Any, times: int) -> Any:
    if isinstance(state, tuple):
        return tuple(_repeated(part, times) for part in state)
    return state.repeat_interleave(times, 1)


def _selected(state: Any, rows: Tensor) -> Any:
    if isinstance(state, tuple):
        return tuple(_selected(part, rows) for part in state)
    return state.index_select(1, rows)
