"""Text classification as the training loop sees it: batches, loss, validation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vartai.data.batches import TokenStore, natural_batch_size, plan_epoch
from vartai.tasks.classify.blend import log_loss, probabilities
from vartai.tasks.classify.metrics import decide, right
from vartai.tasks.classify.task import ClassifyTask
from vartai.training.problem import Independent, Loss, Score
from vartai.training.shares import standard_error

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ClassifyProblem(Independent):
    """Training and validation texts of one classifier.

    Args:
        task: its model is trained.
        train: ids of the training texts.
        train_truth: ``[texts, classes]``. Which labels each has.
        valid: ids of the validation texts.
        valid_truth: ``[texts, classes]``.
    """

    unit = "text"
    measure = "accuracy"

    def __init__(
        self,
        task: ClassifyTask,
        train: TokenStore,
        train_truth: Bools,
        valid: TokenStore,
        valid_truth: Bools,
    ) -> None:
        self.task = task
        self.model: nn.Module = task.model
        self._train = train
        self._truth = torch.from_numpy(train_truth.astype(np.float32))
        self._valid = valid
        self._valid_truth = valid_truth
        self._options = task.config.training
        self._weights = _class_weights(task.config.model.class_weights, train_truth)

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as indices of training texts."""
        return plan_epoch(
            self._train.lengths,
            batch_tokens=self._options.batch_tokens,
            batch_size=self._options.batch_size or natural_batch_size(len(self._train)),
            seed=self._options.seed,
            epoch=epoch,
        )

    def units(self, chosen: Ids) -> float:
        """Texts in a batch."""
        return len(chosen)

    def loss(self, chosen: Ids) -> Loss:
        """Cross-entropy, or binary cross-entropy of each label if a text can have several."""
        device = self.task.model.output.weight.device
        batch = self._train.batch(chosen)
        truth = self._truth[torch.from_numpy(chosen)].to(device)
        scores = self.task.model(batch.to(device))
        total = self._loss(scores, truth)
        with torch.no_grad():
            if self.task.multilabel:
                hits = ((scores > 0) == (truth > 0.5)).all(1)
            else:
                hits = scores.argmax(1) == truth.argmax(1)
        return Loss(total, int(hits.sum()), len(batch.data))

    def _loss(self, scores: Tensor, truth: Tensor) -> Tensor:
        smoothing = self._options.label_smoothing
        weights = self._weights.to(scores.device)
        if self.task.multilabel:
            target = truth * (1 - smoothing) + smoothing / 2
            return nn.functional.binary_cross_entropy_with_logits(
                scores, target, pos_weight=weights, reduction="sum"
            )
        return nn.functional.cross_entropy(
            scores, truth.argmax(1), weight=weights, label_smoothing=smoothing, reduction="sum"
        )

    def validate(self) -> Score:
        """Loss and accuracy of the recurrent path on the validation texts."""
        scores = self.task.recurrent_scores(self._valid)
        multilabel = self.task.multilabel
        chosen = decide(probabilities(scores, multilabel=multilabel), multilabel=multilabel)
        loss = log_loss(scores, self._valid_truth, multilabel=multilabel)
        correct = right(chosen, self._valid_truth)
        share = float(correct.mean())
        return Score(loss, share, standard_error(share, len(correct)))


def _class_weights(name: str, truth: Bools) -> Tensor:
    """``[classes]``: 1 each, or with ``balanced`` inverse to the class's share, 1 in the mean."""
    if name == "none":
        return torch.ones(truth.shape[1])
    counts = np.maximum(1, truth.sum(0))
    return torch.from_numpy((len(truth) / (truth.shape[1] * counts)).astype(np.float32))
