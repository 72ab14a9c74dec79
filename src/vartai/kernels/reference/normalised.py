"""Weighted sums, plain or layer-normalised.

Layer normalisation of a row of n sums a, with a gain for each (Ba, Kiros & Hinton, "Layer
normalization", 2016, equation 4 and supplementary equation 19):

    LN(a; gain) = gain * (a - mean(a)) / sqrt(variance(a) + ε)

The variance is that of the n sums themselves (divided by n). ε is 1e-5, torch's; the paper has
none.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

EPSILON = 1e-5


def layer_norm(sums: Tensor, gain: Tensor | None) -> Tensor:
    """Normalise ``[…, n]`` over n; without a gain the sums stay as they are."""
    if gain is None:
        return sums
    return functional.layer_norm(sums, gain.shape, gain, None, EPSILON)


def add(sums: Tensor, bias: Tensor | None) -> Tensor:
    """Add ``[n]`` to ``[…, n]``, where there is a bias."""
    return sums if bias is None else sums + bias


def weighted(x: Tensor, weight: Tensor, bias: Tensor | None, gain: Tensor | None = None) -> Tensor:
    """``LN(W x; gain) + b``: ``[…, D]`` with a weight ``[n, D]`` to ``[…, n]``."""
    return add(layer_norm(x @ weight.T, gain), bias)
