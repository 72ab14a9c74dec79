from __future__ import annotations

import dataclasses
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.training.problem import OddProblem

from vartai.errors import InputError, RunError, SaveError
from vartai.training.checkpoint import read_checkpoint, write_checkpoint
from vartai.training.events import EpochDone, Event, StepDone, Stopped
from vartai.training.loop import Outcome, train
from vartai.training.options import TrainingOptions
from vartai.training.problem import Ids, Loss, Score
from vartai.training.sitting import Sitting

OPTIONS = TrainingOptions(epochs=4, learning_rate=0.02, warmup=3, averaging=0.9, patience=9)


def run(problem: OddProblem, options: TrainingOptions = OPTIONS, **sitting: object) -> Outcome:
    own = {name: sitting.pop(name) for name in ("identity", "schedule") if name in sitting}
    return train(problem, options, sitting=Sitting(**sitting), **own)  # type: ignore[arg-type]


def weights(problem: OddProblem) -> torch.Tensor:
    return torch.cat([value.flatten() for value in problem.model.state_dict().values()])


def test_learns_and_keeps_the_best_weights() -> None:
    problem = OddProblem()
    options = dataclasses.replace(OPTIONS, epochs=60, patience=60)
    outcome = run(problem, options)
    kept = outcome.history[outcome.best_epoch - 1]
    assert kept.valid_score > 0.9
    problem.model.eval()
    assert problem.validate()[:2] == (kept.valid_loss, kept.valid_score)


def test_keeps_the_latest_weights_that_are_not_clearly_worse() -> None:
    class Scripted(OddProblem):
        def validate(self) -> Score:
            self.validations += 1
            return Score(1.0, [0.5, 0.9, 0.88, 0.7][self.validations - 1], 0.03)

    outcome = run(Scripted())
    assert [done.best for done in outcome.history] == [True, True, True, False]
    assert outcome.best_epoch == 3


def test_the_same_seed_gives_the_same_weights_twice() -> None:
    first = OddProblem(dropout=0.3)
    run(first)
    second = OddProblem(dropout=0.3)
    run(second)
    assert torch.equal(weights(first), weights(second))


class Interrupting(OddProblem):
    """Raises Ctrl-C's signal at one step."""

    def __init__(self, at: int) -> None:
        super().__init__(dropout=0.3)
        self.steps = 0
        self.at = at

    def loss(self, chosen: Ids) -> Loss:
        self.steps += 1
        if self.steps == self.at:
            signal.raise_signal(signal.SIGINT)
        return super().loss(chosen)


@pytest.mark.parametrize("at", [1, 5, 8, 13], ids="step{}".format)
def test_an_interrupted_run_resumes_to_the_same_result(tmp_path: Path, at: int) -> None:
    whole = OddProblem(dropout=0.3)
    expected = run(whole)
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    stopped = run(Interrupting(at), checkpoint=checkpoint, identity="a")
    assert stopped.reason == "interrupted"
    torch.manual_seed(99)
    resumed = OddProblem(dropout=0.3)
    outcome = run(resumed, checkpoint=checkpoint, resume=True, identity="a")
    assert torch.equal(weights(whole), weights(resumed))
    assert [d.valid_loss for d in outcome.history] == [d.valid_loss for d in expected.history]
    again = OddProblem(dropout=0.3)
    assert run(again, checkpoint=checkpoint, resume=True, identity="a").reason == "epochs"
    assert torch.equal(weights(whole), weights(again))


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    run(Interrupting(2), checkpoint=checkpoint, identity="a")
    with pytest.raises(InputError, match="belongs to a run with other data or options"):
        run(OddProblem(), checkpoint=checkpoint, resume=True, identity="b")


@pytest.mark.parametrize("damage", [lambda raw: raw[:100], lambda raw: b"x" * 50, lambda raw: b""])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: object) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    run(Interrupting(2), checkpoint=checkpoint)
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))  # type: ignore[operator]
    with pytest.raises(InputError, match="cannot be read as a checkpoint"):
        read_checkpoint(checkpoint)


def test_a_checkpoint_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    write_checkpoint(path, {"a": torch.ones(2)}, {"n": 1})
    (tmp_path / "checkpoint.safetensors.new").mkdir()
    with pytest.raises(SaveError, match="an earlier one is intact"):
        write_checkpoint(path, {"a": torch.zeros(2)}, {"n": 2})
    tensors, facts = read_checkpoint(path)
    assert tensors["a"].tolist() == [1, 1]
    assert facts == {"n": 1}


def test_stops_when_validation_no_longer_improves() -> None:
    class Stuck(OddProblem):
        def validate(self) -> Score:
            return Score(1.0, 0.5, 0.0)

    options = dataclasses.replace(OPTIONS, epochs=50, patience=2)
    outcome = run(Stuck(), options)
    assert outcome.reason == "patience"
    assert len(outcome.history) == 3


def test_honours_a_time_limit_within_an_epoch() -> None:
    class Slow(OddProblem):
        def loss(self, chosen: Ids) -> Loss:
            time.sleep(0.05)
            return super().loss(chosen)

    options = dataclasses.replace(OPTIONS, epochs=500, patience=500, time="1s")
    outcome = run(Slow(batch_size=1), options)
    assert outcome.reason == "time"
    assert 0.9 < outcome.seconds < 2.0
    assert len(outcome.history) == 1


def test_a_loss_that_is_not_finite_stops_the_run_with_advice() -> None:
    class Exploding(OddProblem):
        def loss(self, chosen: Ids) -> Loss:
            loss = super().loss(chosen)
            return loss._replace(total=loss.total * np.inf)

    with pytest.raises(RunError, match=r"the loss became inf in epoch 1; a smaller learning_rate"):
        run(Exploding())


def test_tells_every_step_every_epoch_and_the_end() -> None:
    events: list[Event] = []
    problem = OddProblem()
    run(problem, observer=events.append)
    steps = [event for event in events if isinstance(event, StepDone)]
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert len(epochs) == problem.validations == 4
    assert [event.step for event in steps[:8]] == list(range(1, 9))
    assert all(0 <= (event.accuracy or 0.0) <= 1 and event.tokens_per_second > 0 for event in steps)
    assert isinstance(events[-1], Stopped)
    assert events[-1].reason == "epochs"


class Carrying(Interrupting):
    """Its batches know of each other: each adds a step to a count that the loss depends on."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.count = torch.zeros(1)

    def loss(self, chosen: Ids) -> Loss:
        self.count += 1
        loss = super().loss(chosen)
        return loss._replace(total=loss.total * (1 + self.count.item() / 10))

    def state(self) -> dict[str, torch.Tensor]:
        return {"count": self.count}

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        self.count = state["count"].clone()


def test_what_is_carried_between_batches_goes_into_checkpoints(tmp_path: Path) -> None:
    whole = Carrying(at=0)
    run(whole)
    checkpoint = tmp_path / "checkpoint.safetensors"
    assert run(Carrying(at=6), checkpoint=checkpoint).reason == "interrupted"
    resumed = Carrying(at=0)
    run(resumed, checkpoint=checkpoint, resume=True)
    assert torch.equal(weights(whole), weights(resumed))


def test_the_loss_is_a_mean_over_the_units_that_the_problem_counts() -> None:
    class Doubled(OddProblem):
        def units(self, chosen: Ids) -> float:
            return 2.0 * len(chosen)

    once = run(OddProblem(), dataclasses.replace(OPTIONS, epochs=1, clip=1e9))
    twice = run(Doubled(), dataclasses.replace(OPTIONS, epochs=1, clip=1e9))
    # Adam's steps do not depend on the scale of the gradients, so only the means differ.
    assert twice.history[0].train_loss == pytest.approx(once.history[0].train_loss / 2, rel=1e-3)


def test_a_share_that_nobody_counts_is_none() -> None:
    class Uncounted(OddProblem):
        def loss(self, chosen: Ids) -> Loss:
            return super().loss(chosen)._replace(right=None)

    events: list[Event] = []
    outcome = run(Uncounted(), observer=events.append)
    assert outcome.history[0].train_accuracy is None
    assert all(event.accuracy is None for event in events if isinstance(event, StepDone))
