"""Tagging as the training loop sees it: batches, loss, validation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from vartai.data.batches import TokenStore, natural_batch_size, plan_epoch
from vartai.data.tagged.blocks import Sentence
from vartai.tasks.tag.metrics import Ratio, span_f1
from vartai.tasks.tag.task import TagTask
from vartai.training.problem import Independent, Loss, Score

Ids = NDArray[np.int64]


class TagProblem(Independent):
    """Training and validation sentences of one tagger.

    Args:
        task: its model is trained.
        train: sentences with tags that the task has.
        valid: sentences with tags; one that the task does not have counts as wrong.
    """

    unit = "word"

    def __init__(self, task: TagTask, train: Sequence[Sentence], valid: Sequence[Sentence]) -> None:
        self.task = task
        self.model: nn.Module = task.model
        self.measure = "accuracy" if task.scheme == "none" else "span F1"
        self._train = task.read(train)
        self._truth = TokenStore([task.tag_ids(sentence) for sentence in train])
        self._valid = task.read(valid)
        self._valid_truth = [task.tag_ids(sentence) for sentence in valid]
        self._valid_tags = [sentence.tags for sentence in valid]
        self._options = task.config.training

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as indices of training sentences."""
        return plan_epoch(
            self._train.lengths,
            batch_tokens=self._options.batch_tokens,
            batch_size=self._options.batch_size or natural_batch_size(len(self._train)),
            seed=self._options.seed,
            epoch=epoch,
        )

    def units(self, chosen: Ids) -> float:
        """Words in a batch."""
        return float(self._train.lengths[chosen].sum())

    def loss(self, chosen: Ids) -> Loss:
        """Cross-entropy of each word's tag, or of each sentence's row of tags with a CRF."""
        device = self.task.model.output.weight.device
        batch = self._train.batch(chosen)
        truth = self._truth.batch(chosen).data.to(device)
        scores = self.task.model(batch.to(device))
        total = self.task.model.loss(scores, truth, smoothing=self._options.label_smoothing)
        with torch.no_grad():
            right = int((scores.data.argmax(1) == truth).sum())
        # With a CRF the best tag of each word by itself is not what the model would say.
        return Loss(total, None if self.task.model.crf is not None else right, len(truth))

    def validate(self) -> Score:
        """Loss, and accuracy or F1 of spans, on the validation sentences."""
        chosen: list[Ids] = [np.zeros(0, dtype=np.int64)] * len(self._valid)
        nats = words = 0.0
        for places, scores in self.task.batches(self._valid):
            truth = torch.from_numpy(np.concatenate([self._valid_truth[at] for at in places]))
            known = (truth >= 0).to(scores.data.device)
            with torch.inference_mode():
                # What no training sentence has cannot be had at any loss: it is left out of it.
                if bool(known.all()):
                    nats += float(self.task.model.loss(scores, truth.to(scores.data.device)))
                    words += len(truth)
                best = scores.with_data(self.task.model.decode(scores)).split()
            for at, tags in zip(places.tolist(), best, strict=True):
                chosen[at] = tags.cpu().numpy()
        found = self._measure(chosen)
        return Score(nats / max(1.0, words), found.value, found.error)

    def _measure(self, chosen: Sequence[Ids]) -> Ratio:
        if self.task.scheme == "none":
            right = [
                float((one == other).sum())
                for one, other in zip(self._valid_truth, chosen, strict=True)
            ]
            return Ratio(np.array(right), self._valid.lengths.astype(float))
        names = self.task.tags
        return span_f1(self._valid_tags, [[names[tag] for tag in row] for row in chosen])
