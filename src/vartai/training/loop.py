"""The training loop that every task shares: epochs, validation, time limit, checkpoints.

Which weights are kept: the latest whose validation score is within one standard error of the
highest (the rule of Breiman et al. 1984). Between epochs that validation cannot tell apart, later
weights are averages over more steps, and an early one is mostly a lucky one.

It knows no task: a `Problem` brings the model, the batches and the loss. It prints nothing: it
tells an `Observer`. From the same seed on the same machine it ends with the same weights, whether
it ran in one sitting or was interrupted and resumed.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import Tensor

from vartai.errors import InputError, RunError
from vartai.training.adam import Adam
from vartai.training.average import WeightAverage
from vartai.training.checkpoint import (
    random_state,
    read_checkpoint,
    restore_random_state,
    write_checkpoint,
)
from vartai.training.duration import parse_duration
from vartai.training.events import EpochDone, Event, StepDone, Stopped
from vartai.training.interrupt import StopWish, listen_for_interrupt
from vartai.training.options import TrainingOptions
from vartai.training.problem import Ids, Problem
from vartai.training.rate import Rate
from vartai.training.sitting import Sitting
from vartai.training.unfreezing import ALL_AT_ONCE, Unfreezing


@dataclass
class Progress:
    """How far a run has come; goes into checkpoints."""

    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    right: float | None = 0.0
    units: float = 0.0
    ended: str = ""
    best_epoch: int = 0
    highest: float | None = None
    highest_error: float = 0.0
    highest_epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def mean_loss(self) -> float:
        """Of the epoch so far, nats a unit."""
        return self.loss / max(1.0, self.units)

    def share_right(self) -> float | None:
        """Of the epoch's units so far; None where nobody counts them."""
        return None if self.right is None else self.right / max(1.0, self.units)


@dataclass(frozen=True)
class Outcome:
    """How a run ended. The model holds the weights of `best_epoch`, unless it was interrupted.

    Args:
        reason: why it ended.
        seconds: of training, those before an interruption included.
        best_epoch: whose weights were kept.
        history: of all epochs.
        earlier_seconds: how many of the seconds were before an interruption.
    """

    reason: str
    seconds: float
    best_epoch: int
    history: list[EpochDone]
    earlier_seconds: float = 0.0


def train(
    problem: Problem,
    options: TrainingOptions,
    *,
    sitting: Sitting,
    identity: str = "",
    schedule: Unfreezing = ALL_AT_ONCE,
    stage: str = "training",
) -> Outcome:
    """Train `problem.model`; afterwards it holds the weights that were kept.

    Args:
        problem: the model, its batches, its loss.
        options: how.
        sitting: what surrounds the run. Its observer is told everything, in the first process only;
            its checkpoint is there at the end too, for whoever has saved the model to delete.
        identity: what must be equal between the run that wrote a checkpoint and this one, such as
            a digest of configuration and data.
        schedule: which parameters learn, from when on, and how fast.
        stage: what the run is to whoever observes it.

    Raises:
        InputError: the checkpoint belongs to another run.
        RunError: the loss is not finite.
    """
    with listen_for_interrupt() as wish:
        run = _Run(
            problem,
            options,
            sitting,
            identity=identity,
            wish=wish,
            schedule=schedule,
            stage=stage,
        )
        if sitting.resume:
            run.load()
        return run.go()


class _Run:
    """The state of one call of `train`."""

    def __init__(
        self,
        problem: Problem,
        options: TrainingOptions,
        sitting: Sitting,
        *,
        identity: str,
        wish: StopWish,
        schedule: Unfreezing,
        stage: str,
    ) -> None:
        self.problem = problem
        self.model = problem.model
        self.options = options
        self.observer = sitting.observer
        self.processes = sitting.processes
        self.checkpoint = sitting.checkpoint
        self.identity = identity
        self.wish = wish
        self.schedule = schedule
        self.stage = stage
        self.optimiser = Adam(self.model, weight_decay=options.weight_decay, schedule=schedule)
        self.average = (
            WeightAverage(self.model, decay=options.averaging) if options.averaging else None
        )
        self.progress = Progress()
        self.best: dict[str, Tensor] = {}
        limit = options.time
        self.limit = float("inf") if limit is None else parse_duration(limit, option="time")
        self.save_every = parse_duration(options.checkpoint, option="checkpoint")
        self.validation_seconds = 0.0
        self.began = self.saved = time.monotonic()

    def go(self) -> Outcome:
        """Run to the end, whichever end comes first."""
        while not self.progress.ended:
            stopped = self._epoch()
            if stopped == "interrupted":
                break
            self._validate()
            self.progress.ended = stopped or self._reason_to_end()
        # Also at the end: what comes after training may fail, and hours would be lost.
        self.save()
        if self.schedule.gradual:
            self.model.requires_grad_()
        reason = self.progress.ended or "interrupted"
        if self.progress.ended and self.best:
            self.model.load_state_dict(self.best)
        self._tell(Stopped(self.stage, reason, self._seconds()))
        history = [EpochDone(**done) for done in self.progress.history]
        progress = self.progress
        return Outcome(reason, self._seconds(), progress.best_epoch, history, progress.seconds)

    def _reason_to_end(self) -> str:
        """Why no further epoch should begin; empty if one should."""
        progress = self.progress
        if progress.epoch >= self.options.epochs:
            return "epochs"
        if progress.epoch - progress.highest_epoch >= self.options.patience:
            return "patience"
        # An epoch of which there is time for less than a tenth is not worth its validation.
        return "time" if self._seconds() + self._epoch_cost() * 0.1 > self.limit else ""

    def _epoch(self) -> str | None:
        """Train until the epoch ends, or return why it did not."""
        progress = self.progress
        if self.schedule.gradual:
            for name, parameter in self.model.named_parameters():
                parameter.requires_grad_(self.schedule.learns(name, progress.epoch))
        self.model.train()
        plan = self.problem.plan(progress.epoch)
        rate = Rate(epoch=progress.epoch, batch=progress.batch, seconds=self._seconds())
        for place in range(progress.batch, len(plan)):
            learning_rate = self._learning_rate(progress.epoch + place / len(plan))
            stop, tokens = self._step(plan[place], learning_rate)
            progress.batch = place + 1
            rate.add(tokens)
            seconds = self._seconds()
            per_token, left = rate.estimate(seconds, len(plan), self.options.epochs)
            self._tell(
                StepDone(
                    stage=self.stage,
                    epoch=progress.epoch + 1,
                    epochs=self.options.epochs,
                    step=place + 1,
                    steps=len(plan),
                    loss=progress.mean_loss(),
                    accuracy=progress.share_right(),
                    tokens_per_second=per_token,
                    seconds_left=min(left, max(0.0, self.limit - seconds)),
                )
            )
            if stop:
                return "interrupted" if stop >= 1.0 else "time"
            if time.monotonic() - self.saved > self.save_every:
                self.save()
        return None

    def _step(self, batch: Ids, learning_rate: float) -> tuple[float, float]:
        """One step; returns the wish to stop of all processes together, and the tokens read."""
        own = batch[self.processes.rank :: self.processes.world]
        units = self.problem.units(batch)
        counts = [0.0, 0.0, 0.0, 0.0]
        if len(own):
            loss = self.problem.loss(own)
            (loss.total / units).backward()  # type: ignore[no-untyped-call]
            no_count = float(loss.right is None)
            counts = [float(loss.total.detach()), loss.right or 0.0, no_count, loss.tokens]
        # Out of time is a fraction so that the sum over processes cannot pass for an interruption.
        late = self._seconds() + self.validation_seconds > self.limit
        stop = 1.0 if self.wish.made else 0.5 / self.processes.world if late else 0.0
        summed = self.processes.sum_gradients(self.model, [*counts, stop])
        total, right, no_count, tokens, stop = summed
        if not math.isfinite(total):
            raise RunError(
                f"the loss became {total} in epoch {self.progress.epoch + 1}; a smaller "
                f"learning_rate than {self.options.learning_rate} usually helps"
            )
        self.optimiser.clip(self.options.clip)
        self.optimiser.step(learning_rate)
        if self.average is not None:
            self.average.update()
        self.optimiser.clear()
        progress = self.progress
        progress.loss += total
        progress.right = None if no_count or progress.right is None else progress.right + right
        progress.units += units
        return stop, tokens

    def _learning_rate(self, epochs_done: float) -> float:
        """A linear warm-up over steps, then a cosine down to a tenth.

        The cosine ends with the last epoch, or with the time if that comes first.
        """
        warm = min(1.0, (self.optimiser.steps + 1) / max(1, self.options.warmup))
        done = max(epochs_done / self.options.epochs, self._seconds() / self.limit)
        fall = 0.55 + 0.45 * math.cos(math.pi * min(1.0, done))
        return self.options.learning_rate * warm * fall

    def _validate(self) -> None:
        """Score the averaged weights; keep them unless an earlier epoch was clearly better."""
        progress = self.progress
        began = time.monotonic()
        running = {name: value.clone() for name, value in self.model.state_dict().items()}
        if self.average is not None:
            self.model.load_state_dict(self.average.weights())
        self.model.eval()
        score = self.problem.validate()
        if progress.highest is None or score.value > progress.highest:
            progress.highest, progress.highest_error = score.value, score.error
            progress.highest_epoch = progress.epoch + 1
        better = score.value >= progress.highest - progress.highest_error
        if better:
            self.best = {name: value.clone() for name, value in self.model.state_dict().items()}
            progress.best_epoch = progress.epoch + 1
        self.model.load_state_dict(running)
        self.validation_seconds = time.monotonic() - began
        done = EpochDone(
            stage=self.stage,
            epoch=progress.epoch + 1,
            epochs=self.options.epochs,
            train_loss=progress.mean_loss(),
            train_accuracy=progress.share_right(),
            valid_loss=score.loss,
            valid_score=score.value,
            measure=self.problem.measure,
            seconds=self._seconds(),
            best=better,
        )
        progress.history.append(asdict(done))
        progress.epoch += 1
        progress.batch = 0
        progress.loss = progress.right = progress.units = 0.0
        self._tell(done)

    def _epoch_cost(self) -> float:
        """Seconds that the last epoch took."""
        times = [0.0] + [done["seconds"] for done in self.progress.history]
        return float(times[-1] - times[-2]) if len(times) > 1 else 0.0

    def _seconds(self) -> float:
        return self.progress.seconds + time.monotonic() - self.began

    def _tell(self, event: Event) -> None:
        if self.processes.first:
            self.observer(event)

    def save(self) -> None:
        """Write a checkpoint, if there is a place for one."""
        self.saved = time.monotonic()
        if self.checkpoint is None or not self.processes.first:
            return
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self.best.items()}
        tensors |= {f"adam.{name}": value for name, value in self.optimiser.state().items()}
        if self.average is not None:
            tensors |= {f"average.{name}": value for name, value in self.average.state().items()}
        tensors |= {f"problem.{name}": value for name, value in self.problem.state().items()}
        progress = asdict(self.progress) | {"seconds": self._seconds()}
        facts = {"identity": self.identity, "progress": progress, "world": self.processes.world}
        write_checkpoint(self.checkpoint, tensors | random_state(), facts)

    def load(self) -> None:
        """Go on from the checkpoint."""
        if self.checkpoint is None:
            raise RunError("there is no checkpoint to resume from")
        tensors, facts = read_checkpoint(self.checkpoint)
        if facts["identity"] != self.identity:
            raise InputError(
                "belongs to a run with other data or options; without --resume a new run starts",
                file=str(self.checkpoint),
            )
        self.progress = Progress(**facts["progress"])
        self.model.load_state_dict(_part(tensors, "model."))
        self.best = _part(tensors, "best.")
        self.optimiser.load_state(_part(tensors, "adam."))
        self.problem.load_state(_part(tensors, "problem."))
        if self.average is not None:
            self.average.load_state(_part(tensors, "average."))
        restore_random_state(tensors)


def history_as_values(outcome: Outcome) -> list[dict[str, Any]]:
    """What each epoch came to, as JSON values."""
    return [asdict(epoch) for epoch in outcome.history]


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names start with `prefix`, without it."""
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
