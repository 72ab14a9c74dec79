"""The loss of a vocabulary: a linear layer and its cross-entropy in one, a block of rows at a time.

For N rows of features x and their tokens y, with scores z = W x + b over V tokens:

    loss = sum over rows of  log Σ exp z  -  (1 - ε) z_y  -  ε mean(z)

where ε is the label smoothing (Szegedy et al. 2016). Its gradient, softmax(z) minus the smoothed
target, is known as soon as the scores are, so one pass over a block of scores that still lies in
the cache gives loss and gradients. Scores ``[N, V]`` are never all there at once: for 2,000 rows
and 8,000 tokens they would be 64 MB, written and read half a dozen times.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

_BLOCK = 1 << 21  # scores at once


class TokenLoss(NamedTuple):
    """The loss of N rows.

    Args:
        total: nats of all rows.
        right: how many rows gave their own token the highest score.
        rows: ``[N]``, nats of each row, without a gradient.
    """

    total: Tensor
    right: Tensor
    rows: Tensor


def token_loss(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, *, smoothing: float = 0.0
) -> TokenLoss:
    """Cross-entropy of a linear layer's scores.

    Args:
        features: ``[N, E]``.
        weight: ``[V, E]``.
        bias: ``[V]``.
        targets: ``[N]``, int64.
        smoothing: ε, share of each target that is spread evenly over all tokens.

    Returns:
        Only `total` is differentiable, once; its gradients are computed with it if gradients are
        enabled.
    """
    wanted = torch.is_grad_enabled() and (
        features.requires_grad or weight.requires_grad or bias.requires_grad
    )
    found = _TokenLoss.apply(  # type: ignore[no-untyped-call]
        features, weight, bias, targets, smoothing, wanted
    )
    return TokenLoss(*found)


class _TokenLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        smoothing: float,
        wanted: bool,
    ) -> tuple[Tensor, Tensor, Tensor]:
        sums = _Sums(weight, smoothing=smoothing, wanted=wanted)
        rows = max(1, _BLOCK // weight.size(0))
        parts = [
            sums.add(block, weight, bias, ids)
            for block, ids in zip(
                torch.split(features, rows), torch.split(targets, rows), strict=True
            )
        ]
        if wanted:
            d_features = torch.cat(parts) if parts else torch.zeros_like(features)
            ctx.save_for_backward(d_features, sums.d_weight, sums.d_bias)
        each = torch.cat(sums.rows) if sums.rows else features.new_zeros(0)
        ctx.mark_non_differentiable(sums.right, each)
        return sums.total, sums.right, each

    @staticmethod
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        d_features, d_weight, d_bias = ctx.saved_tensors
        scale = d_outputs[0]
        return d_features * scale, d_weight * scale, d_bias * scale, None, None, None


class _Sums:
    """What blocks of rows add up to.

    The scores of a block are read as seldom as can be: once for the highest, once for the softmax,
    and by the products. What smoothing and the targets take from the softmax is the same for all
    tokens, or concerns one token a row, so it is taken from the small results instead.
    """

    def __init__(self, weight: Tensor, *, smoothing: float, wanted: bool) -> None:
        self.smoothing = smoothing
        self.wanted = wanted
        self.total = weight.new_zeros(())
        self.rows: list[Tensor] = []
        self.right = torch.zeros((), dtype=torch.int64, device=weight.device)
        self.d_weight = torch.zeros_like(weight) if wanted else weight.new_zeros(0)
        self.d_bias = weight.new_zeros(weight.size(0) if wanted else 0)
        self.mean_weight = weight.mean(0)

    def add(self, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """Take in a block; returns its gradient ``[rows, E]``, or nothing where none is wanted."""
        scores = torch.addmm(bias, features, weight.T)
        own = scores.gather(1, targets[:, None]).squeeze(1)
        highest = scores.amax(1)
        self.right += (own >= highest).sum()
        shares = torch.softmax(scores, 1)
        # The highest share is never too small for a logarithm; a token's own may be.
        normaliser = highest - shares.amax(1).log()
        kept = (1 - self.smoothing) * own
        if self.smoothing:
            kept += self.smoothing * (features @ self.mean_weight + bias.mean())
        own = normaliser - kept
        self.total += own.sum()
        self.rows.append(own)
        return self._gradients(features, weight, shares, targets) if self.wanted else features[:0]

    def _gradients(
        self, features: Tensor, weight: Tensor, shares: Tensor, targets: Tensor
    ) -> Tensor:
        certain, even = 1 - self.smoothing, self.smoothing / weight.size(0)
        self.d_weight.addmm_(shares.T, features)
        self.d_weight.index_add_(0, targets, features, alpha=-certain)
        self.d_bias += shares.sum(0)
        self.d_bias.index_add_(0, targets, self.d_bias.new_full(targets.shape, -certain))
        d_features = shares @ weight
        d_features.sub_(weight.index_select(0, targets), alpha=certain)
        if self.smoothing:
            self.d_weight.sub_(features.sum(0), alpha=even)
            self.d_bias.sub_(even * len(features))
            d_features.sub_(self.mean_weight, alpha=self.smoothing)
        return d_features
