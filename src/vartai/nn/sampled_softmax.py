"""A softmax over a large vocabulary that training sees through a sample of it.

Scoring every token of a vocabulary at every step is most of the work of a language model of words.
To learn features, rather than to know probabilities, it is enough to tell the token that came from
some others: K tokens are drawn for a batch, from a distribution q, and every target competes with
them. From the score of each that was drawn the logarithm of its expected count K·q is taken off:
so they stand for all tokens but the target, and with many samples the loss is that of the whole
softmax.

Source: Jean et al. 2015, with the samples of a batch shared (Jozefowicz et al. 2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, softplus

from vartai.nn.embedding import Embedding


class SampledSoftmax(nn.Module):
    """Scores of V tokens from rows of F features.

    Only the rows of its tables that a batch needs are read, and have gradients.

    Args:
        features: F.
        counts: ``[V]``. How often each token was seen; q is proportional to the counts, of which
            none is taken as less than one.
        samples: K, drawn for each batch with replacement.
    """

    log_expected: Tensor

    def __init__(self, features: int, counts: Tensor, *, samples: int) -> None:
        super().__init__()
        self.samples = samples
        self.table = Embedding(len(counts), features)
        self.bias = Embedding(len(counts), 1)
        share = counts.double().clamp(min=1.0)
        share = share / share.sum()
        # How often each token occurs need not be learned: a rare one would take for ever.
        with torch.no_grad():
            self.bias.weight.copy_(share.log().unsqueeze(1))
        self.register_buffer("log_expected", (share * samples).log().float(), persistent=False)
        self._ladder = share.cumsum(0)

    def draw(self) -> Tensor:
        """``[K]`` tokens, from torch's random numbers."""
        places = torch.rand(self.samples, dtype=torch.float64)
        drawn = torch.searchsorted(self._ladder, places).clamp(max=len(self._ladder) - 1)
        return drawn.to(self.log_expected.device)

    def forward(self, rows: Tensor, targets: Tensor) -> Tensor:
        """Nats of each target ``[N]`` among itself and the tokens drawn; rows are ``[N, F]``."""
        # A token that was drawn several times is scored once, and weighs so much more.
        drawn, times = torch.unique(self.draw(), return_counts=True)
        ids = torch.cat([targets, drawn])
        weight, bias = self.table(ids), self.bias(ids).squeeze(1)
        count = len(targets)
        own = (rows * weight[:count]).sum(1) + bias[:count]
        weighed = bias[count:] + times.log() - self.log_expected[drawn]
        others = torch.addmm(weighed, rows, weight[count:].t())
        # A target that was drawn too must not compete with itself.
        place = torch.searchsorted(drawn, targets).clamp(max=len(drawn) - 1)
        itself = (drawn[place] == targets).nonzero().squeeze(1)
        others.index_put_((itself, place[itself]), others.new_tensor(-torch.inf))
        # -log(e^own / (e^own + Σ e^others)), without the sum over a second copy of the scores.
        return softplus(others.logsumexp(1) - own)

    def exact(self, rows: Tensor, targets: Tensor) -> Tensor:
        """Nats of each target ``[N]`` among all tokens."""
        scores = rows @ self.table.weight.t() + self.bias.weight.squeeze(1)
        return -log_softmax(scores, dim=1).gather(1, targets[:, None]).squeeze(1)

    def extra_repr(self) -> str:
        """How many are drawn."""
        return f"samples={self.samples}"
