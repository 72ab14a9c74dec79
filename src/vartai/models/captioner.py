"""A picture read, a sentence written about it, looking at one place after another.

    pictures  → a_1 … a_L    annotations, L places of D numbers (a convolutional net, or given)
    start     h_0 = tanh(W_h ā + b), c_0 = tanh(W_c ā + b)     ā the mean of the annotations
    look      ẑ_t from h_{t-1} and the annotations             `vartai.models.looking`
    step      h_t, c_t = LSTM([E y_{t-1}, ẑ_t], h_{t-1}, c_{t-1})
    output    scores of y_t = L_o · tanh(L_h h_t + E y_{t-1} + L_z ẑ_t) + b

The first word reads zeros. Where to look is asked of the state before the step, so words are taken
step after step; captions are sorted longest first, and one that has ended has no part in a step:
no batch needs captions of one length, and there are no pads.

Several captions may belong to one picture, which is then encoded once.

Source: Xu et al. 2015, "Show, Attend and Tell", section 3.1. Token 0 stands after the last word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vartai.kernels.direction import State
from vartai.models.encoder_decoder import BORDER_ID, begun, ended
from vartai.models.looking import Choose, Looking
from vartai.models.token_vectors import TokenVectors
from vartai.nn.attention import Memory
from vartai.nn.dropout import Dropout
from vartai.nn.layer_steps import LayerSteps
from vartai.nn.lstm import LSTM
from vartai.nn.token_loss import token_loss
from vartai.sequences import PackedOrder, SequenceBatch


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of P pictures before a word is written.

    Args:
        memory: their annotations.
        state: hidden and cell, ``[1, P, H]`` each.
    """

    memory: Memory
    state: State

    def select(self, pictures: Tensor) -> Seen:
        """Of some pictures, ``[P']`` int64, in this order; one may be taken several times."""
        state = tuple(part.index_select(1, pictures) for part in self.state)
        return Seen(self.memory.select(pictures), state)


@dataclass(frozen=True)
class Terms:
    """What training asks of attention beside the words; see `Captioner.forward`.

    Args:
        even: λ of the doubly stochastic term.
        score: λ_r of the score-function term; matters only where places are chosen.
        entropy: λ_e.
        baseline: b, nats of a caption, which costs are compared with.
    """

    even: float = 0.0
    score: float = 0.0
    entropy: float = 0.0
    baseline: float = 0.0


class CaptionLoss(NamedTuple):
    """The loss of C captions.

    Args:
        total: nats of all words and ends. Its gradient is that of the terms of attention too.
        right: words and ends that would have been guessed.
        costs: ``[C]``, nats of each caption, without a gradient.
    """

    total: Tensor
    right: Tensor
    costs: Tensor


class Start(nn.Module):
    """The mean annotation to the first state.

    Args:
        features: D.
        hidden_size: H.
        layers: of which all but the last are D to D, with ReLU.
        dropout: share of the numbers dropped after each of those.
    """

    def __init__(self, features: int, hidden_size: int, *, layers: int, dropout: float) -> None:
        super().__init__()
        self.below = nn.ModuleList(nn.Linear(features, features) for _ in range(layers - 1))
        self.dropout = Dropout(dropout)
        self.hidden = nn.Linear(features, hidden_size)
        self.cell = nn.Linear(features, hidden_size)

    def forward(self, mean: Tensor) -> State:
        """``[P, D]`` to hidden and cell, ``[1, P, H]`` each."""
        for layer in self.below:
            mean = self.dropout(torch.relu(layer(mean)))
        return tuple(torch.tanh(own(mean)).unsqueeze(0) for own in (self.hidden, self.cell))


class DeepOutput(nn.Module):
    """State, last word and context to what the vectors of the output are compared with.

    Args:
        hidden_size: H.
        features: D.
        size: E.
        dropout: share of the numbers dropped before and after.
    """

    def __init__(self, hidden_size: int, features: int, size: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(hidden_size, size)
        self.context = nn.Linear(features, size, bias=False)
        self.dropout = Dropout(dropout)

    def forward(self, hidden: Tensor, vectors: Tensor, context: Tensor) -> Tensor:
        """``[R, H]``, ``[R, E]`` and ``[R, D]`` to ``[R, E]``."""
        sums = self.hidden(self.dropout(hidden)) + vectors + self.context(context)
        features: Tensor = self.dropout(torch.tanh(sums))
        return features


class Run(NamedTuple):
    """What all N rows of captions came to, caption after caption: see the module's equations."""

    hidden: Tensor
    context: Tensor
    weights: Tensor
    used: Tensor


class Captioner(nn.Module):
    """Pictures and captions to the loss of the captions; the parts are given, built.

    Args:
        encoder: pictures ``[P, 3, S, S]``, or annotations that are given in their place, to
            annotations ``[P, L, D]``.
        vectors: of the words.
        start: the first state.
        looking: attention.
        layer: one LSTM layer of E + D inputs.
        output: to vectors of E numbers.
        vocabulary_size: V.
    """

    def __init__(
        self,
        *,
        encoder: nn.Module,
        vectors: TokenVectors,
        start: Start,
        looking: Looking,
        layer: LSTM,
        output: DeepOutput,
        vocabulary_size: int,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.vectors = vectors
        self.start = start
        self.looking = looking
        self.layer = layer
        self.output = output
        size = output.hidden.out_features
        self.words = nn.Parameter(torch.empty(vocabulary_size, size).normal_(std=size**-0.5))
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))

    def see(self, pictures: Tensor) -> Seen:
        """Look at P pictures, or take their annotations ``[P, L, D]``."""
        annotations = self.encoder(pictures)
        return Seen(self.looking.remember(annotations), self.start(annotations.mean(1)))

    def read(self, captions: SequenceBatch) -> SequenceBatch:
        """Vectors ``[N, E]`` of captions ``[M]``, each read one behind: zeros before the first."""
        ids = begun(captions)
        vectors = self.vectors(ids)
        return ids.with_data(vectors.data * (ids.data != BORDER_ID).unsqueeze(1))

    def run(
        self, seen: Seen, owner: Tensor, vectors: SequenceBatch, *, choose: Choose | None
    ) -> Run:
        """All steps of C captions.

        Args:
            seen: of P pictures.
            owner: ``[C]``, int64, CPU: the picture of each caption.
            vectors: ``[N, E]``, of C captions with an end, so none is empty.
            choose: see `Looking`.
        """
        lengths, order = torch.sort(vectors.lengths, descending=True)
        sizes = (lengths > torch.arange(vectors.steps)[:, None]).sum(1)
        packed = PackedOrder(sizes, order.argsort())
        seen = seen.select(owner[order].to(vectors.data.device))
        loop, found = LayerSteps(self.layer, packed=False), []
        memory, state = seen.memory, seen.state
        for rows in torch.split(packed.packed(vectors.data), sizes.tolist()):
            count = len(rows)
            if count < len(memory.valid):
                # Of what the step before had, not of all: so gradients are no larger than a step.
                memory = memory.head(count)
                state = tuple(part[:, :count] for part in state)
            glance = self.looking(state[0][0], memory, sequence=None, choose=choose)
            hidden, state = loop.step(torch.cat([rows, glance.context], 1), state)
            found.append((hidden, *glance))
        return Run(*(packed.unpacked(torch.cat(parts)) for parts in zip(*found, strict=True)))

    def forward(
        self,
        pictures: Tensor,
        owner: Tensor,
        captions: SequenceBatch,
        *,
        smoothing: float = 0.0,
        choose: Choose | None = None,
        terms: Terms = Terms(),
    ) -> CaptionLoss:
        """Cross-entropy of captions and their ends, and what training asks of attention.

        The gradient is that of the cross-entropy and of these sums over all captions, with α of
        step t and place i, s the places chosen, and -log p the cost of a caption:

            even · Σ_i (1 - Σ_t α_ti)²                  Xu et al., equation 14, for each caption
            score · (-log p - baseline) · log p(s)      section 4.1: the score function
            - entropy · Σ_t H(α_t)

        With ``score`` 1 and places drawn, its expectation is the gradient of the bound
        Σ_s p(s) log p(words | s), whatever the baseline.

        Args:
            pictures: P pictures or their annotations.
            owner: ``[C]``, int64, CPU: the picture of each caption.
            captions: ids ``[M]`` of C captions, without ends.
            smoothing: of the loss, see `vartai.nn.token_loss`.
            choose: places to look at; None to look by the weights.
            terms: of attention.
        """
        vectors = self.read(captions)
        run = self.run(self.see(pictures), owner, vectors, choose=choose)
        features = self.output(run.hidden, vectors.data, run.context)
        words = token_loss(
            features, self.words, self.bias, ended(captions).data, smoothing=smoothing
        )
        owners = vectors.sequence_of_row()
        costs = _by_caption(words.rows.detach(), owners, len(captions))
        total = words.total
        if self.looking.attention is not None and torch.is_grad_enabled():
            more = _asked_of_attention(run, owners, costs, terms, chosen=choose is not None)
            total = total + (more - more.detach())  # a gradient, but no part of the loss told
        return CaptionLoss(total, words.right, costs)


def _by_caption(rows: Tensor, owners: Tensor, count: int) -> Tensor:
    """Sums ``[C, …]`` over the rows of each caption."""
    return rows.new_zeros(count, *rows.shape[1:]).index_add(0, owners, rows)


def _asked_of_attention(
    run: Run, owners: Tensor, costs: Tensor, terms: Terms, *, chosen: bool
) -> Tensor:
    """The sums of `Captioner.forward` beside the cross-entropy, as far as any is wanted."""
    more = run.weights.new_zeros(())
    if terms.even:
        seen = _by_caption(run.weights, owners, len(costs))
        more = more + terms.even * (1 - seen).square().sum()
    if terms.entropy or (chosen and terms.score):
        # A weight may round to 0, whose logarithm nobody wants.
        logs = run.weights.clamp_min(torch.finfo(run.weights.dtype).tiny).log()
        if terms.entropy:
            more = more + terms.entropy * (run.weights * logs).sum()
        if chosen and terms.score:
            nats = _by_caption((run.used * logs).sum(1), owners, len(costs))
            more = more + terms.score * ((costs - terms.baseline) * nats).sum()
    return more
