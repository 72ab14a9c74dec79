"""From pairs to a trained translator: the command line and Python share this call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from vartai.data.parallel import Parallel
from vartai.errors import InputError
from vartai.tasks.identity import run_identity
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.problem import TranslateProblem
from vartai.tasks.translate.scores import score_translations
from vartai.tasks.translate.start import continued_task, fresh_task
from vartai.tasks.translate.task import TranslateTask
from vartai.training.device import choose_device, use_threads
from vartai.training.loop import Outcome, train
from vartai.training.sitting import Sitting

Note = Callable[[str], None]


def fit_translator(
    config: TranslateConfig,
    train_pairs: Parallel,
    valid_pairs: Parallel,
    *,
    sitting: Sitting,
    start: TranslateTask | None = None,
) -> tuple[TranslateTask, Outcome]:
    """Train a translator.

    Args:
        config: of the translator.
        train_pairs: to learn from.
        valid_pairs: choose the epoch.
        sitting: observers, processes, checkpoint.
        start: a trained translator to go on from; its vocabularies stay.

    Returns:
        The translator and how its training ended.

    Raises:
        InputError: no pair is short enough to be trained on, or there are none to choose by.
        OptionError: `start` has another shape than `config` says.
    """
    if not len(valid_pairs):
        raise InputError("expected pairs to choose the epoch by, found none", file=valid_pairs.file)
    torch.manual_seed(config.training.seed)
    if start is None:
        task = fresh_task(config, train_pairs.sources, train_pairs.targets)
    else:
        task = continued_task(start, config)
    task.model.to(choose_device(config.training.device))
    kept = short_enough(task, train_pairs, sitting.note)
    with use_threads(config.training.threads):
        outcome = train(
            TranslateProblem(
                task.model,
                config.training,
                train=task.store(kept.sources, kept.targets),
                valid=task.store(valid_pairs.sources, valid_pairs.targets),
                bleu=None if config.choice.choose == "loss" else greedy_bleu(task, valid_pairs),
            ),
            config.training,
            sitting=sitting,
            identity=run_identity(config, _rows(train_pairs), _rows(valid_pairs)),
        )
    return task, outcome


def greedy_bleu(task: TranslateTask, pairs: Parallel) -> Callable[[], float]:
    """BLEU of greedy translations of the first pairs, as many as the sample has, as a call."""
    sample = pairs.take(range(min(len(pairs), task.config.choice.sample)))
    greedy = replace(task.config.writing, beam=1)

    def bleu() -> float:
        written = task.translate(sample.sources, greedy)
        return score_translations([one.text for one in written], sample.targets).bleu

    return bleu


def short_enough(task: TranslateTask, pairs: Parallel, note: Note) -> Parallel:
    """The pairs of which both sides have at most ``max_tokens`` tokens; says how many have not.

    Raises:
        InputError: there are none.
    """
    limit = task.config.text.max_tokens
    store = task.store(pairs.sources, pairs.targets)
    fits = (store.source.lengths <= limit) & (store.target.lengths <= limit)
    kept = pairs.take(fits.nonzero()[0].tolist())
    if not len(kept):
        raise InputError(
            f"expected pairs of at most {limit} tokens a side to train on, found none of "
            f"{len(pairs):,}",
            file=pairs.file,
        )
    left = len(pairs) - len(kept)
    if left:
        first = pairs.lines[int((~fits).nonzero()[0][0])]
        what = "1 pair has" if left == 1 else f"{left:,} pairs have"
        note(
            f"{what} more than {limit} tokens on a side and are not trained on, the first in line "
            f"{first} of {pairs.file}; --max-tokens sets the limit"
        )
    return kept


def _rows(pairs: Parallel) -> list[list[str]]:
    return [list(pair) for pair in zip(pairs.sources, pairs.targets, strict=True)]
