"""The same texts read by several cells of equal size: what order is worth, and what gates are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from vartai.data.examples import Examples
from vartai.errors import OptionError
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.evaluation import evaluate, shuffled_accuracy
from vartai.tasks.classify.experiment import Splits
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.tokenizer import train_tokenizer
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

_LARGEST_SIZE = 4096


@dataclass(frozen=True, eq=False)
class Rung:
    """One cell of the ladder.

    Args:
        cell: bag, rnn, lstm or gru.
        task: the trained classifier.
        accuracy: on the test texts.
        shuffled_accuracy: on the test texts with the words of each in random order.
        pair_accuracy: share of minimal pairs of which both texts were predicted right.
        parameters: numbers trained.
    """

    cell: str
    task: ClassifyTask
    outcome: Outcome
    accuracy: float
    shuffled_accuracy: float
    pair_accuracy: float
    parameters: int


def parameter_count(options: ClassifierOptions, *, vocabulary_size: int, classes: int) -> int:
    """How many numbers a classifier of these options trains; nothing is allocated."""
    with torch.device("meta"):
        model = build_classifier(
            options, vocabulary_size=vocabulary_size, unknown_id=1, classes=classes
        )
    return sum(parameter.numel() for parameter in model.parameters())


def sized_like(
    options: ClassifierOptions, cell: str, *, vocabulary_size: int, classes: int
) -> ClassifierOptions:
    """The options of another cell with as nearly as many parameters as can be.

    A recurrent cell gives way in its hidden size, a bag in its embedding size.

    Raises:
        OptionError: no size up to 4,096 has as many parameters.
    """

    def sized(size: int) -> ClassifierOptions:
        if cell == "bag":
            return replace(options, cell=cell, embedding_size=size)
        return replace(options, cell=cell, hidden_size=size)

    def count(candidate: ClassifierOptions) -> int:
        return parameter_count(candidate, vocabulary_size=vocabulary_size, classes=classes)

    wanted = count(options)
    low, high = 1, _LARGEST_SIZE
    if count(sized(high)) < wanted:
        raise OptionError(f"a {cell} of size {_LARGEST_SIZE} has fewer parameters than {wanted:,}")
    while high - low > 1:
        middle = (low + high) // 2
        if count(sized(middle)) < wanted:
            low = middle
        else:
            high = middle
    return min((sized(low), sized(high)), key=lambda candidate: abs(count(candidate) - wanted))


def climb(
    config: ClassifyConfig,
    cells: Sequence[str],
    *,
    splits: Splits,
    pairs: Examples,
    sitting: Sitting,
) -> list[Rung]:
    """Train one classifier for each cell, all with the parameters that `config` has.

    Args:
        config: of the classifier whose size sets the measure.
        cells: in the order of the rungs.
        splits: the texts.
        pairs: two texts of a pair after each other, of equal words and different labels.
        sitting: observers.
    """
    vocabulary_size = train_tokenizer(splits.train.texts, config.text).size
    classes = len({label for row in splits.train.labels for label in row})
    rungs = []
    for cell in cells:
        sitting.note(f"training {cell}")
        model = sized_like(config.model, cell, vocabulary_size=vocabulary_size, classes=classes)
        task, outcome = fit_classifier(
            replace(config, model=model), splits.train, splits.valid, sitting=sitting
        )
        if outcome.reason == "interrupted":
            break
        correct = evaluate(task, pairs).correct
        rungs.append(
            Rung(
                cell=cell,
                task=task,
                outcome=outcome,
                accuracy=evaluate(task, splits.test).accuracy,
                shuffled_accuracy=shuffled_accuracy(task, splits.test, seed=config.training.seed),
                pair_accuracy=float((correct[0::2] & correct[1::2]).mean()),
                parameters=sum(value.numel() for value in task.model.parameters()),
            )
        )
    return rungs
