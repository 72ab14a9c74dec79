"""Integrated gradients: the margin's gradient, gathered on the way from a baseline to the text.

    effect of token t = (x_t - x'_t) · ∫₀¹ ∂margin(x' + a (x - x')) / ∂x_t da

x are the vectors that the layers read, x' those of a baseline: a text of as many tokens that says
nothing. Completeness (the paper's proposition 1): the effects add up to margin(x) - margin(x'). The
integral is a sum, so that does not hold exactly; by how much it fails is measured, decides the
number of steps, and is part of the result.

Source: Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", 2017, equation 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.inspect.cut import Cut
from vartai.inspect.words.asked import Asked
from vartai.inspect.words.portions import portions
from vartai.sequences import SequenceBatch

Floats = NDArray[np.float64]

FEWEST_STEPS, MOST_STEPS = 16, 512
TOLERATED_SHARE, TOLERATED_NATS = 0.005, 0.001


@dataclass(frozen=True, eq=False)
class Integrated:
    """Effects, and how far they can be trusted.

    Attributes:
        effects: ``[T]``. Of each token.
        start: margin of the baseline.
        steps: at which the gradient was taken.
        error: how far the sum of the effects is from margin(text) - margin(baseline), in nats.
        complete: whether the error is within what is tolerated: half a per cent of the difference,
            or a thousandth of a nat.
    """

    effects: Floats
    start: float
    steps: int
    error: float
    complete: bool


def integrated_gradients(
    cut: Cut, asked: Asked, baseline: Tensor, *, most_steps: int = MOST_STEPS
) -> Integrated:
    """Gather gradients, with more and more steps until the effects add up.

    Args:
        cut: of one text.
        asked: the number to explain.
        baseline: ``[E]``. The vector that stands in the place of every token.
        most_steps: where to give up; the error then says how much is missing.
    """
    text = cut.vectors.data
    nothing = baseline.to(text).expand_as(text)
    with torch.no_grad():
        start = float(asked.of(cut, cut.vectors.with_data(nothing.contiguous())))
    difference = asked.margin - start
    tolerated = max(TOLERATED_SHARE * abs(difference), TOLERATED_NATS)
    steps = FEWEST_STEPS
    while True:
        effects = _gather(cut, asked, nothing, steps)
        error = float(abs(effects.sum() - difference))
        if error <= tolerated or 2 * steps > most_steps:
            return Integrated(effects, start, steps, error, error <= tolerated)
        steps *= 2


def _gather(cut: Cut, asked: Asked, nothing: Tensor, steps: int) -> Floats:
    """``[T]``: the integral by Gauss and Legendre's rule with so many steps."""
    text = cut.vectors.data
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    places = torch.from_numpy((nodes + 1) / 2).to(text)
    shares = torch.from_numpy(weights / 2).to(text)
    gathered = torch.zeros_like(text)
    for chosen in portions([len(text)] * steps):
        some = places[chosen]
        path = nothing + some[:, None, None] * (text - nothing)
        gradient = _gradient(cut, asked, path)
        gathered += (shares[chosen][:, None, None] * gradient).sum(0)
    effects = ((text - nothing) * gathered).sum(1)
    return effects.double().cpu().numpy()


def _gradient(cut: Cut, asked: Asked, texts: Tensor) -> Tensor:
    """Of each text's margin by its vectors ``[B, T, E]``."""
    count, steps, size = texts.shape
    leaf = texts.reshape(-1, size).detach().requires_grad_()
    with torch.enable_grad():
        margins = asked.of(cut, SequenceBatch(leaf, torch.full((count,), steps)))
        [gradient] = torch.autograd.grad(margins.sum(), [leaf])
    return gradient.reshape(count, steps, size)
