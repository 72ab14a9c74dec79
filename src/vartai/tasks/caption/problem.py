"""Captioning as the training loop sees it: batches of pictures, loss of their captions' words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from vartai.data.batches import Ids, TokenStore, natural_batch_size, plan_epoch, plan_in_order
from vartai.models.captioner import Captioner, Terms
from vartai.models.looking import draw
from vartai.sequences import SequenceBatch
from vartai.tasks.caption.changes import changed
from vartai.tasks.caption.config import CaptionConfig, LookingOptions
from vartai.training.problem import Loss, Score

_WORDS, _PICTURES = 4_000, 64


class CaptionBatch(NamedTuple):
    """Some pictures and all their captions.

    Args:
        pictures: ``[P, …]``.
        owner: ``[C]``, int64, CPU: the picture of each caption.
        captions: ids of C captions.
    """

    pictures: Tensor
    owner: Tensor
    captions: SequenceBatch


class CaptionStore:
    """Pictures, and their captions as ids.

    Args:
        pictures: ``[P, …]``, uint8 pixels or annotations.
        captions: ids of each caption, picture after picture.
        counts: captions of each picture.
    """

    def __init__(self, pictures: Tensor, captions: Sequence[Ids], counts: Sequence[int]) -> None:
        self.pictures = pictures
        self._captions = TokenStore(captions)
        self._counts: Ids = np.array(counts, dtype=np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        words = np.concatenate([[0], np.cumsum(self._captions.lengths + 1)])
        # Words and ends of all captions of each picture.
        self.lengths: Ids = words[self._firsts + self._counts] - words[self._firsts]

    def __len__(self) -> int:
        return len(self._counts)

    def units(self, chosen: Ids) -> int:
        """Words that are written about these pictures, the ends included."""
        return int(self.lengths[chosen].sum())

    def batch(self, chosen: Ids) -> CaptionBatch:
        """These pictures with all their captions."""
        counts = self._counts[chosen]
        owner = np.repeat(np.arange(len(chosen)), counts)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        captions = self._captions.batch(self._firsts[chosen][owner] + place)
        pictures = self.pictures[torch.from_numpy(chosen)]
        return CaptionBatch(pictures, torch.from_numpy(owner), captions)


def caption_loss(model: Captioner, store: CaptionStore) -> float:
    """Nats a word, ends included, of the model as it is, in evaluation mode, by its weights."""
    device = model.bias.device
    total = 0.0
    with torch.inference_mode():
        for chosen in plan_in_order(store.lengths, batch_tokens=_WORDS, batch_size=_PICTURES):
            pictures, owner, captions = store.batch(chosen)
            total += float(model(pictures.to(device), owner, captions.to(device)).total)
    return total / max(1, store.units(np.arange(len(store))))


class Baseline:
    """The running mean of what a caption costs under hard attention, nats.

    Args:
        decay: how much of it stays at each batch.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.value: float | None = None

    def update(self, costs: Tensor) -> None:
        """Take in the costs ``[C]`` of a batch in which places were drawn; the first sets it."""
        mean = float(costs.mean())
        before = mean if self.value is None else self.value
        self.value = self.decay * before + (1 - self.decay) * mean


class CaptionProblem:
    """Training and validation pictures of one captioner.

    Args:
        model: is trained.
        config: how.
        train: pictures to learn from.
        valid: pictures to choose the epoch by.
        bleu: BLEU-4 from 0 to 100 of greedy captions of some validation pictures; None to choose
            by the loss.
    """

    unit = "word"

    def __init__(
        self,
        model: Captioner,
        config: CaptionConfig,
        *,
        train: CaptionStore,
        valid: CaptionStore,
        bleu: Callable[[], float] | None,
    ) -> None:
        self.model: nn.Module = model
        self._captioner = model
        self._config = config
        self._train = train
        self._valid = valid
        self._bleu = bleu
        self._hard = config.model.attention == "hard"
        self._baseline = Baseline(config.looking.baseline_decay)
        self.measure = "" if bleu is None else "BLEU-4"

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as numbers of training pictures."""
        options = self._config.training
        return plan_epoch(
            self._train.lengths,
            batch_tokens=options.batch_tokens,
            batch_size=options.batch_size or natural_batch_size(len(self._train)),
            seed=options.seed,
            epoch=epoch,
        )

    def units(self, chosen: Ids) -> float:
        """Words that are written in a batch, the ends included."""
        return float(self._train.units(chosen))

    def loss(self, chosen: Ids) -> Loss:
        """Cross-entropy of the captions' words, and what is asked of attention."""
        device = self._captioner.bias.device
        pictures, owner, captions = self._train.batch(chosen)
        drawn = self._hard and bool(torch.rand(()) >= self._config.looking.soft_share)
        found = self._captioner(
            changed(pictures, self._config.changes).to(device),
            owner,
            captions.to(device),
            smoothing=self._config.training.label_smoothing,
            choose=draw if drawn else None,
            terms=_terms(self._config.looking, self._baseline, hard=self._hard),
        )
        if drawn:
            self._baseline.update(found.costs)
        return Loss(found.total, float(found.right), len(captions.data) + len(captions))

    def validate(self) -> Score:
        """Loss of the validation captions, and what the epoch is chosen by."""
        loss = caption_loss(self._captioner, self._valid)
        value = -loss if self._bleu is None else self._bleu()
        return Score(loss, value, 0.0)

    def state(self) -> dict[str, Tensor]:
        """The baseline of hard attention."""
        value = self._baseline.value
        return {} if value is None else {"baseline": torch.tensor([value], dtype=torch.float64)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self._baseline.value = float(state["baseline"][0]) if "baseline" in state else None


def _terms(options: LookingOptions, baseline: Baseline, *, hard: bool) -> Terms:
    if not hard:
        return Terms(even=options.even)
    return Terms(
        even=options.even,
        score=options.score_weight if baseline.value is not None else 0.0,
        entropy=options.entropy_weight,
        baseline=baseline.value or 0.0,
    )
