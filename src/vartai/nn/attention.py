"""Attention of a decoder over what an encoder wrote: which source steps matter to each target step.

For a query q (a state of the decoder) and the annotations m_1 … m_S of one source sequence:

    additive        score_s = v · tanh(W q + U m_s + b)      Bahdanau, Cho & Bengio 2015, A.1.2
    multiplicative  score_s = q · W m_s                      Luong, Pham & Manning 2015, "general"
    dot             score_s = q · m_s                        Luong, Pham & Manning 2015, "dot"

    weights = softmax(scores)        context = sum of weights_s m_s

Whatever does not depend on the query is computed once for a batch (`Memory`). Queries of all target
steps are answered at once, in one product for each sequence. A sequence without any source step has
weights and a context of zeros.

Inside, annotations stand in a grid as wide as the longest source sequence; a mask leaves what is
past each end without any weight, so nobody outside meets a pad.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.errors import OptionError, unknown_name
from vartai.kernels.regroup import TimeGrid
from vartai.sequences import SequenceBatch

ATTENTIONS = ("none", "additive", "multiplicative", "dot")


@dataclass(frozen=True, eq=False)
class Memory:
    """The annotations of B source sequences, ready to be asked.

    Args:
        keys: ``[B, S, A]``. What queries are compared with.
        values: ``[B, S, F]``. The annotations.
        valid: ``[B, S]``, bool. Where a step is.
    """

    keys: Tensor
    values: Tensor
    valid: Tensor

    def head(self, count: int) -> Memory:
        """Of the first so many sequences; nothing is copied."""
        return Memory(self.keys[:count], self.values[:count], self.valid[:count])

    def select(self, sequences: Tensor) -> Memory:
        """Of some sequences, ``[B']`` int64; trailing steps that none of them has are cut off."""
        valid = self.valid.index_select(0, sequences)
        steps = int(valid.sum(1).max()) if valid.numel() else 0
        return Memory(
            self.keys.index_select(0, sequences)[:, :steps],
            self.values.index_select(0, sequences)[:, :steps],
            valid[:, :steps],
        )


class Attention(nn.Module):
    """One of the three kinds; build it by name with `build_attention`.

    Args:
        features: F, numbers in an annotation.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.features = features

    def keys(self, annotations: Tensor) -> Tensor:
        """``[N, F]`` to ``[N, A]``."""
        raise NotImplementedError

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """``[B, T, Q]`` and ``[B, S, A]`` to ``[B, T, S]``, before the mask."""
        raise NotImplementedError

    def remember(self, annotations: SequenceBatch) -> Memory:
        """Prepare annotations ``[N, F]``."""
        rows, lengths = annotations.data, annotations.lengths
        grid = TimeGrid(lengths, steps=annotations.steps, device=rows.device)
        values = grid.spread(rows).transpose(0, 1)
        keys = self.keys(rows)
        spread = values if keys is rows else grid.spread(keys).transpose(0, 1)
        valid = (torch.arange(annotations.steps) < lengths[:, None]).to(rows.device)
        return Memory(spread, values, valid)

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Ask for contexts.

        Args:
            queries: ``[B, T, Q]``.
            memory: of the same B sequences.

        Returns:
            Contexts ``[B, T, F]`` and weights ``[B, T, S]``; weights of a query add up to 1, or are
            all 0 where there is no step.
        """
        weights = self.weigh(queries, memory)
        return torch.bmm(weights, memory.values), weights

    def weigh(self, queries: Tensor, memory: Memory) -> Tensor:
        """The weights alone; see `forward`."""
        valid = memory.valid.unsqueeze(1)
        scores = self.scores(queries, memory.keys)
        # Not minus infinity: a sequence without steps would have a softmax of nothing.
        lowest = torch.finfo(scores.dtype).min
        return torch.softmax(scores.masked_fill(~valid, lowest), -1) * valid


class AdditiveAttention(Attention):
    """Scores by a small network of query and annotation (Bahdanau, Cho & Bengio 2015).

    Args:
        query_size: Q.
        features: F.
        size: A, units of the network.
    """

    def __init__(self, query_size: int, features: int, size: int) -> None:
        super().__init__(features)
        self.query = nn.Linear(query_size, size, bias=False)
        self.key = nn.Linear(features, size)
        self.score = nn.Parameter(torch.empty(size).uniform_(-(size**-0.5), size**-0.5))

    def keys(self, annotations: Tensor) -> Tensor:
        """``U m + b``."""
        keys: Tensor = self.key(annotations)
        return keys

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """``v · tanh(W q + U m + b)``."""
        sums = self.query(queries).unsqueeze(2) + keys.unsqueeze(1)
        return torch.tanh(sums) @ self.score


class MultiplicativeAttention(Attention):
    """Scores by a bilinear form (Luong, Pham & Manning 2015, "general").

    Args:
        query_size: Q.
        features: F.
    """

    def __init__(self, query_size: int, features: int) -> None:
        super().__init__(features)
        self.key = nn.Linear(features, query_size, bias=False)

    def keys(self, annotations: Tensor) -> Tensor:
        """``W m``."""
        keys: Tensor = self.key(annotations)
        return keys

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """``q · W m``."""
        return torch.bmm(queries, keys.transpose(1, 2))


class DotAttention(Attention):
    """Scores by the bare product (Luong, Pham & Manning 2015, "dot"); nothing to learn."""

    def keys(self, annotations: Tensor) -> Tensor:
        """The annotations themselves."""
        return annotations

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """``q · m``."""
        return torch.bmm(queries, keys.transpose(1, 2))


def build_attention(name: str, *, query_size: int, features: int) -> Attention | None:
    """The attention of a name in `ATTENTIONS`, or None for ``none``.

    Args:
        name: of the kind.
        query_size: Q.
        features: F.

    Raises:
        OptionError: the name is unknown, or ``dot`` is asked of sizes that differ.
    """
    if name not in ATTENTIONS:
        raise unknown_name("attention", name, ATTENTIONS)
    if name == "none":
        return None
    if name == "additive":
        return AdditiveAttention(query_size, features, size=query_size)
    if name == "multiplicative":
        return MultiplicativeAttention(query_size, features)
    if query_size != features:
        raise OptionError(
            f"attention dot compares vectors of one size, but queries have {query_size} numbers "
            f"and annotations {features}"
        )
    return DotAttention(features)
