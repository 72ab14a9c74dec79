"""A language model as the training loop sees it: chunks of streams, loss, validation.

Streams go on where they stopped: the state after a chunk is the state before the next, without its
gradient. Each epoch cuts the streams elsewhere. An example is a chunk of a stream, numbered
``chunk · streams + stream``, so that processes that share a batch keep to streams of their own.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from vartai.data.streams import Corpus, Streams
from vartai.kernels.direction import State
from vartai.models.language_model import detached, select_rows
from vartai.sequences import SequenceBatch
from vartai.tasks.generate.scoring import unit_nats
from vartai.tasks.generate.task import GenerateTask
from vartai.training.problem import Ids, Loss, Score

# Of validation while training; what is reported in the end is read all the way.
_PARTS = 32


class GenerateProblem:
    """Text to learn from and text to choose the epoch by.

    Args:
        task: its model is trained.
        train: text to learn from.
        valid: text to choose the epoch by.
    """

    measure = ""

    def __init__(self, task: GenerateTask, train: Corpus, valid: Corpus) -> None:
        self.task = task
        self.model: nn.Module = task.model
        self._model = task.model
        self.unit = task.unit
        options = task.config.streams
        self._streams = Streams(train, count=options.streams, steps=options.steps)
        self._valid = valid
        self._seed = task.config.training.seed
        self._shift = 0
        self._state: State = self._model.fresh_state(self._streams.count)

    def plan(self, epoch: int) -> list[Ids]:
        """Chunks of all streams, one after another, from places that the epoch decides."""
        count = self._streams.count
        drawn = np.random.default_rng((self._seed, epoch))
        self._shift = int(drawn.integers(len(self._streams.corpus))) if epoch else 0
        return [np.arange(count) + chunk * count for chunk in range(self._streams.chunks)]

    def units(self, chosen: Ids) -> float:
        """Targets in these chunks."""
        count = self._streams.count
        return float(self._streams.lengths(int(chosen[0]) // count, chosen % count).sum())

    def loss(self, chosen: Ids) -> Loss:
        """Nats of these chunks; the state of their streams moves on."""
        count = self._streams.count
        number, streams = int(chosen[0]) // count, chosen % count
        chunk = self._streams.chunk(number, streams, shift=self._shift)
        device = self._model.output.bias.device
        rows = torch.from_numpy(streams).to(device)
        whole = len(streams) == count
        if number == 0:
            self._state = self._model.fresh_state(count)
        before = self._state if whole else select_rows(self._state, rows)
        ids = SequenceBatch(
            torch.from_numpy(chunk.inputs).to(device), torch.from_numpy(chunk.lengths)
        )
        reset = torch.from_numpy(chunk.fresh).to(device) if chunk.fresh.any() else None
        targets = torch.from_numpy(chunk.targets).to(device)
        nats, after = self._model(ids, targets, before, reset)
        after = detached(after)
        self._state = after if whole else _placed(self._state, rows, after)
        return Loss(nats.sum(), None, len(chunk.inputs))

    def validate(self) -> Score:
        """Nats a unit of the held-out text; an epoch is as good as they are few."""
        nats = float(unit_nats(self._model, self._valid, parts=_PARTS).mean())
        return Score(nats, -nats, 0.0)

    def state(self) -> dict[str, Tensor]:
        """The state of every stream."""
        return {f"stream.{place}": part for place, part in enumerate(self._state)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        device = self._model.output.bias.device
        self._state = tuple(
            state[f"stream.{place}"].to(device) for place in range(len(self._state))
        )


def _placed(state: State, rows: Tensor, new: State) -> State:
    return tuple(part.index_copy(1, rows, own) for part, own in zip(state, new, strict=True))
