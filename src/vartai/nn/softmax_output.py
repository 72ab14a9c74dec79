"""From features to the probability of every token: a softmax, whole or in frequency bands.

A whole softmax costs as much for each of 10,000 words as for the next one, and is most of the work
of a word model. The adaptive softmax (Grave et al. 2017) scores the commonest tokens together with
one number for each band of rarer ones, and looks into a band only where the target is in it:

    log P(token) = log P(head: token)                                  a common token
    log P(token) = log P(head: band) + log P(in the band: token)       a rarer one

The probabilities are exact and add up to 1; tokens must be numbered from common to rare for it to
be of use. Unlike `torch.nn.AdaptiveLogSoftmaxWithLoss` the bands keep all features, so that the
weights can be those of the embedding (Press & Wolf 2017).
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear, log_softmax

from vartai.errors import OptionError


class SoftmaxOutput(nn.Module):
    """Scores of V tokens from rows of F features.

    Args:
        features: F.
        vocabulary_size: V.
        cutoffs: ids, ascending, at which each band of rarer tokens begins; none for a whole
            softmax.
        tied: an embedding whose vectors are the weights; F must be their size. Own weights if not
            given.

    Raises:
        OptionError: cutoffs that do not ascend within the vocabulary, or a tied embedding of
            another size.
    """

    def __init__(
        self,
        features: int,
        vocabulary_size: int,
        *,
        cutoffs: Sequence[int] = (),
        tied: nn.Embedding | None = None,
    ) -> None:
        super().__init__()
        edges = [0, *cutoffs, vocabulary_size]
        if any(low >= high for low, high in itertools.pairwise(edges)):
            raise OptionError(
                f"cutoffs must ascend between 0 and the {vocabulary_size} tokens of the "
                f"vocabulary, were {', '.join(map(str, cutoffs))}"
            )
        self.features = features
        self.vocabulary_size = vocabulary_size
        self.cutoffs = tuple(cutoffs)
        self._bands = list(itertools.pairwise(edges[1:]))
        # In a tuple, so that the embedding stays one module's: a bundle holds its weights once.
        self._tied = (tied,)
        if tied is None:
            self.own_weight = nn.Parameter(torch.empty(vocabulary_size, features))
        elif tuple(tied.weight.shape) != (vocabulary_size, features):
            raise OptionError(
                f"a tied embedding must be {vocabulary_size} by {features}, was "
                f"{' by '.join(map(str, tied.weight.shape))}"
            )
        self.bias = nn.Parameter(torch.empty(vocabulary_size))
        if self._bands:
            self.band_weight = nn.Parameter(torch.empty(len(self._bands), features))
            self.band_bias = nn.Parameter(torch.empty(len(self._bands)))
        self.reset_parameters()

    @property
    def weight(self) -> Tensor:
        """``[V, F]``."""
        return self.own_weight if self._tied[0] is None else self._tied[0].weight

    def reset_parameters(self) -> None:
        """Draw own weights within ±1/√F; all biases begin at 0."""
        bound = self.features**-0.5
        for name, parameter in self.named_parameters():
            if name.endswith("weight"):
                nn.init.uniform_(parameter, -bound, bound)
            else:
                nn.init.zeros_(parameter)

    def forward(self, rows: Tensor, targets: Tensor) -> Tensor:
        """Nats of each target.

        Args:
            rows: ``[N, F]``.
            targets: ``[N]``, int64.

        Returns:
            ``[N]``: minus the logarithm of each target's probability.
        """
        if not self._bands:
            return cross_entropy(linear(rows, self.weight, self.bias), targets, reduction="none")
        first = self._bands[0][0]
        places = targets.clamp(max=first)
        for band, (low, high) in enumerate(self._bands):
            places = places.masked_fill((targets >= low) & (targets < high), first + band)
        nats = cross_entropy(self._head(rows), places, reduction="none")
        for low, high in self._bands:
            inside = ((targets >= low) & (targets < high)).nonzero().squeeze(1)
            if len(inside):
                scores = self._scores(rows.index_select(0, inside), low, high)
                within = cross_entropy(scores, targets[inside] - low, reduction="none")
                nats = nats.index_add(0, inside, within)
        return nats

    def log_probabilities(self, rows: Tensor) -> Tensor:
        """``[N, V]``: of every token, from rows ``[N, F]``."""
        if not self._bands:
            return log_softmax(_products(rows, self.weight, self.bias), dim=1)
        first = self._bands[0][0]
        head = log_softmax(self._head(rows), dim=1)
        parts = [head[:, :first]]
        for band, (low, high) in enumerate(self._bands):
            within = log_softmax(self._scores(rows, low, high), dim=1)
            parts.append(within + head[:, first + band, None])
        return torch.cat(parts, dim=1)

    def frozen(self) -> SoftmaxOutput:
        """The same weights, in the same memory, through which no gradient flows.

        Whoever steps a model then needs no context that says so at every step.
        """
        other = copy.copy(self)
        other._parameters = {
            name: None if value is None else nn.Parameter(value.detach(), requires_grad=False)
            for name, value in self._parameters.items()
        }
        if self._tied[0] is not None:
            shared = nn.Embedding(1, 1)
            shared.weight = nn.Parameter(self._tied[0].weight.detach(), requires_grad=False)
            other._tied = (shared,)
        return other

    def _head(self, rows: Tensor) -> Tensor:
        common = self._scores(rows, 0, self._bands[0][0])
        return torch.cat([common, linear(rows, self.band_weight, self.band_bias)], dim=1)

    def _scores(self, rows: Tensor, low: int, high: int) -> Tensor:
        return _products(rows, self.weight[low:high], self.bias[low:high])

    def extra_repr(self) -> str:
        """Sizes, bands, and whether the weights are an embedding's."""
        tied = "" if self._tied[0] is None else ", tied"
        bands = f", cutoffs={self.cutoffs}" if self.cutoffs else ""
        return f"{self.features}, {self.vocabulary_size}{bands}{tied}"


def _products(rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A linear layer; a single row, as it comes when text is written, skips torch's way around."""
    if len(rows) == 1 and not weight.requires_grad:
        return torch.addmv(bias, weight, rows[0]).unsqueeze(0)
    return linear(rows, weight, bias)
