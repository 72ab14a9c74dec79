"""From pictures with captions to a trained captioner: command line and Python share this call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import torch

from vartai.data.captions import CaptionedPictures
from vartai.errors import InputError, OptionError
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.examples import captions_of, with_captions
from vartai.tasks.caption.problem import CaptionProblem
from vartai.tasks.caption.scores import score_captions
from vartai.tasks.caption.start import continued_task, fresh_task
from vartai.tasks.caption.task import CaptionTask
from vartai.tasks.caption.words import encode_captions
from vartai.tasks.identity import run_identity
from vartai.training.device import choose_device, use_threads
from vartai.training.loop import Outcome, train
from vartai.training.sitting import Sitting

Note = Callable[[str], None]


def fit_captioner(
    config: CaptionConfig,
    train_examples: CaptionedPictures,
    valid_examples: CaptionedPictures,
    *,
    sitting: Sitting,
    start: CaptionTask | None = None,
) -> tuple[CaptionTask, Outcome]:
    """Train a captioner.

    Args:
        config: of the captioner.
        train_examples: to learn from.
        valid_examples: choose the epoch.
        sitting: observers, processes, checkpoint.
        start: a trained captioner to go on from; its vocabulary stays.

    Returns:
        The captioner and how its training ended.

    Raises:
        InputError: no caption is short enough to be trained on, or has a known word, or there are
            none to choose by.
        OptionError: `start` has another shape than `config` says, or an encoder is to be frozen
            that has learned nothing.
    """
    if not len(valid_examples):
        raise InputError(
            "expected pictures to choose the epoch by, found none", file=valid_examples.file
        )
    if config.model.freeze and start is None and config.model.encoder == "cnn":
        raise OptionError("freeze leaves an encoder as it is; that of a new model knows nothing")
    torch.manual_seed(config.training.seed)
    config = _with_size_of(config, train_examples)
    if start is None:
        task = fresh_task(config, chain.from_iterable(captions_of(train_examples)))
    else:
        task = continued_task(start, config)
    task.model.to(choose_device(config.training.device))
    kept = usable(task, train_examples, sitting.note)
    with use_threads(config.training.threads):
        outcome = train(
            CaptionProblem(
                task.model,
                config,
                train=task.store(kept),
                valid=task.store(valid_examples),
                bleu=None if config.choice.choose == "loss" else greedy_bleu(task, valid_examples),
            ),
            config.training,
            sitting=sitting,
            identity=run_identity(config, _rows(train_examples), _rows(valid_examples)),
        )
    return task, outcome


def _with_size_of(config: CaptionConfig, examples: CaptionedPictures) -> CaptionConfig:
    """Given annotations decide how many numbers each has."""
    if config.model.encoder == "cnn":
        return config
    size = examples.inputs.size(2)
    return replace(config, pictures=replace(config.pictures, annotation_size=size))


def greedy_bleu(task: CaptionTask, examples: CaptionedPictures) -> Callable[[], float]:
    """BLEU-4 of greedy captions of the first pictures, as many as the sample has, as a call."""
    sample = examples.take(range(min(len(examples), task.config.choice.sample)))
    greedy = replace(task.config.writing, beam=1)

    def bleu() -> float:
        written = task.caption(sample.inputs, greedy)
        return score_captions([one.text for one in written], captions_of(sample)).bleu[-1]

    return bleu


def usable(task: CaptionTask, examples: CaptionedPictures, note: Note) -> CaptionedPictures:
    """The captions of at most ``max_tokens`` words, and pictures that have one; says what has not.

    Raises:
        InputError: there are none, or none has a known word.
    """
    limit = task.config.text.max_tokens
    flat = list(chain.from_iterable(captions_of(examples)))
    ids = encode_captions(task.words, flat)
    fits = iter([0 < len(own) <= limit for own in ids])
    kept = [tuple(text for text in own if next(fits)) for own in captions_of(examples)]
    left = len(flat) - sum(map(len, kept))
    if left == len(flat):
        raise InputError(
            f"expected captions of 1 to {limit} words to train on, found none of {left:,}",
            file=examples.file,
        )
    if not any((own != task.words.unknown_id).any() for own in ids):
        raise InputError(
            "expected captions with a known word, found none: a word has to occur "
            f"{task.config.text.min_frequency} times to be known (--min-frequency)",
            file=examples.file,
        )
    if left:
        what = "1 caption has" if left == 1 else f"{left:,} captions have"
        note(f"{what} no or more than {limit} words and are not trained on (--max-tokens).")
    return with_captions(examples, kept)


def _rows(examples: CaptionedPictures) -> list[list[str]]:
    return [[item.image, *item.captions] for item in examples.items]
