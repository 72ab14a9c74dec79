"""Translation as the training loop sees it: batches of pairs, loss of the target's tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from vartai.data.batches import Ids, TokenStore, natural_batch_size, plan_epoch, plan_in_order
from vartai.models.encoder_decoder import EncoderDecoder
from vartai.training.options import TrainingOptions
from vartai.training.problem import Independent, Loss, Score

_TOKENS, _PAIRS = 6_000, 256


@dataclass(frozen=True, eq=False)
class PairStore:
    """Pairs as ids: two stores of as many sequences."""

    source: TokenStore
    target: TokenStore

    def __len__(self) -> int:
        return len(self.source)

    @property
    def lengths(self) -> Ids:
        """``[pairs]``: steps of the longer side, the target's end included."""
        return np.maximum(self.source.lengths, self.target.lengths + 1)

    def units(self, chosen: Ids) -> int:
        """Tokens that are written in these pairs, the ends included."""
        return int(self.target.lengths[chosen].sum()) + len(chosen)


def pair_loss(model: EncoderDecoder, pairs: PairStore) -> float:
    """Nats a target token, ends included, of the model as it is, in evaluation mode."""
    device = model.bias.device
    total = 0.0
    with torch.inference_mode():
        for chosen in plan_in_order(pairs.lengths, batch_tokens=_TOKENS, batch_size=_PAIRS):
            source, target = pairs.source.batch(chosen), pairs.target.batch(chosen)
            total += float(model(source.to(device), target.to(device)).total)
    return total / max(1, pairs.units(np.arange(len(pairs))))


class TranslateProblem(Independent):
    """Training and validation pairs of one translator.

    Args:
        model: is trained.
        options: how.
        train: pairs to learn from.
        valid: pairs to choose the epoch by.
        bleu: BLEU from 0 to 100 of greedy translations of some validation pairs; None to choose
            by the loss.
    """

    unit = "token"

    def __init__(
        self,
        model: EncoderDecoder,
        options: TrainingOptions,
        *,
        train: PairStore,
        valid: PairStore,
        bleu: Callable[[], float] | None,
    ) -> None:
        self.model: nn.Module = model
        self._translator = model
        self._options = options
        self._train = train
        self._valid = valid
        self._bleu = bleu
        self.measure = "" if bleu is None else "BLEU"

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as indices of training pairs."""
        return plan_epoch(
            self._train.lengths,
            batch_tokens=self._options.batch_tokens,
            batch_size=self._options.batch_size or natural_batch_size(len(self._train)),
            seed=self._options.seed,
            epoch=epoch,
        )

    def units(self, chosen: Ids) -> float:
        """Tokens that are written in a batch, the ends included."""
        return float(self._train.units(chosen))

    def loss(self, chosen: Ids) -> Loss:
        """Cross-entropy of the target's tokens, smoothed."""
        device = self._translator.bias.device
        source = self._train.source.batch(chosen).to(device)
        target = self._train.target.batch(chosen).to(device)
        found = self._translator(source, target, smoothing=self._options.label_smoothing)
        return Loss(found.total, float(found.right), len(source.data) + len(target.data))

    def validate(self) -> Score:
        """Loss of the validation pairs, and what the epoch is chosen by."""
        loss = pair_loss(self._translator, self._valid)
        value = -loss if self._bleu is None else self._bleu()
        return Score(loss, value, 0.0)
