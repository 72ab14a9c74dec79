"""What every estimator does alike: train undisturbed, hold examples out, be saved, come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import torch
from sklearn.utils.validation import check_is_fitted

from vartai.bundle.card import render_card
from vartai.bundle.trained import SavedTask, save_task
from vartai.errors import InputError
from vartai.estimators.parameters import Parameters
from vartai.tasks.card_facts import CardFacts, Run
from vartai.tasks.parts import Task
from vartai.training.events import Observer
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

TrainedTask = TypeVar("TrainedTask", bound=Task)
Examples = TypeVar("Examples")


class Trained(Generic[TrainedTask]):
    """An estimator as the trained task in it: saved, and read from a bundle.

    Attributes:
        TASK: name of the task, such as ``translate``.
        PARAMETERS: which options of the task's configuration are parameters of the estimator.
    """

    TASK: ClassVar[str]
    PARAMETERS: ClassVar[Parameters[Any]]

    def save(self, path: str | Path) -> None:
        """Write a bundle; an older one at its place survives any failure.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error; a language model, which is
                no estimator of theirs, raises OptionError).
            SaveError: it could not be written, or something that is no bundle is in the way.
        """
        task = self._fitted()
        save_task(Path(path), self.TASK, task, metrics=self.metrics_, card=self.card_)

    @classmethod
    def from_saved(cls, saved: SavedTask) -> Self:
        """A fitted estimator around a task that was read from a bundle."""
        # Which parameters there are is the estimator's affair.
        build: Callable[..., Self] = cls
        made = build(**cls.PARAMETERS.of_config(saved.task.config))
        made._take(saved)
        return made

    def _fitted(self) -> TrainedTask:
        """The trained task.

        Raises:
            NotFittedError: there is none yet (scikit-learn's error).
        """
        check_is_fitted(self)
        return self.task_

    def _become(
        self, run: Run[TrainedTask], facts: CardFacts, *, title: str, notes: list[str]
    ) -> Self:
        """Be what was trained just now.

        Args:
            run: what came of it.
            facts: for its card.
            title: of the card.
            notes: what was noticed on the way.
        """
        card = render_card(title, self.TASK, facts)
        self._take(SavedTask(self.TASK, run.task, run.metrics, card))
        self.history_ = run.outcome.history
        self.notes_ = notes
        return self

    def _take(self, trained: SavedTask) -> None:
        """Hold what was trained, just now or in another program."""
        self.task_: TrainedTask = trained.task
        self.metrics_ = trained.metrics
        self.card_ = trained.card


def learn(
    fit: Callable[[Sitting], tuple[TrainedTask, Outcome]], observer: Observer, notes: list[str]
) -> tuple[TrainedTask, Outcome]:
    """Train, and leave alone what else the program draws at random.

    Args:
        fit: trains.
        observer: told of every step and epoch.
        notes: what is noticed is added to them.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        task, outcome = fit(Sitting(observer=observer, note=notes.append))
    if outcome.reason == "interrupted":
        raise KeyboardInterrupt
    return task, outcome


def hold_out(
    examples: Examples,
    valid: object,
    *,
    split: Callable[[Examples], Sequence[Examples]],
    read: Callable[[object, object, tuple[str, str]], Examples],
    both: str,
) -> tuple[Examples, Examples]:
    """Examples to learn from, and others to choose the epoch by.

    Args:
        examples: all that are given to learn from.
        valid: the two values of those to choose by; a part of `examples` if None.
        split: divides examples into these two parts.
        read: checks two values and makes examples of them; it is told what they are called.
        both: what `valid` should be, as a message says it: ``a pair of texts and labels``.

    Raises:
        InputError: `valid` is not what was expected.
    """
    if valid is None:
        train, held_out = split(examples)
        return train, held_out
    if not isinstance(valid, tuple | list) or len(valid) != 2:
        raise InputError(f"valid: expected {both}, found {valid!r:.60}")
    return examples, read(valid[0], valid[1], ("valid[0]", "valid[1]"))
