"""A problem small enough to train in a blink: is the sum of a sequence of digits odd?"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from vartai.data.batches import TokenStore, plan_epoch
from vartai.models.classifier import SequenceClassifier
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.gru import GRU
from vartai.nn.pooling import LastPool
from vartai.training.problem import Ids, Independent, Loss, Score
from vartai.training.shares import standard_error


class OddProblem(Independent):
    """Sixty sequences of digits; `dropout` makes every step depend on random numbers."""

    unit = "sequence"
    measure = "accuracy"

    def __init__(self, *, dropout: float = 0.0, batch_size: int = 8) -> None:
        random = np.random.default_rng(5)
        sequences = [random.integers(0, 10, random.integers(1, 6)) for _ in range(60)]
        self.store = TokenStore(sequences)
        self.truth = torch.tensor([int(s.sum()) % 2 for s in sequences])
        self.batch_size = batch_size
        self.validations = 0
        torch.manual_seed(1)
        self.model: nn.Module = SequenceClassifier(
            vectors=TokenVectors(
                embedding=Embedding(10, 6),
                affixes=None,
                word_dropout=WordDropout(0.0, 1),
                feature_dropout=LockedDropout(dropout),
            ),
            encoder=GRU(6, 8),
            segment=None,
            pool=LastPool(bidirectional=False),
            output=nn.Linear(8, 2),
            output_dropout=dropout,
        )

    def plan(self, epoch: int) -> list[Ids]:
        return plan_epoch(
            self.store.lengths, batch_tokens=1000, batch_size=self.batch_size, seed=2, epoch=epoch
        )

    def units(self, chosen: Ids) -> float:
        return len(chosen)

    def loss(self, chosen: Ids) -> Loss:
        scores = self.model(self.store.batch(chosen))
        truth = self.truth[torch.from_numpy(chosen)]
        total = nn.functional.cross_entropy(scores, truth, reduction="sum")
        return Loss(total, int((scores.argmax(1) == truth).sum()), int(chosen.size))

    def validate(self) -> Score:
        self.validations += 1
        with torch.no_grad():
            scores = self.model(self.store.batch(np.arange(60)))
        loss = nn.functional.cross_entropy(scores, self.truth)
        correct = (scores.argmax(1) == self.truth).float()
        share = float(correct.mean())
        return Score(float(loss), share, standard_error(share, 60))
