"""From pictures with captions to a trained captioner: command line and Python share this call."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import torch

from vartai.data.captions import CaptionedPictures
from vartai.errors import InputError, OptionError
from vartai.images.options import PictureOptions
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
    _require_alike(train_examples, valid_examples)
    if config.model.freeze and start is None and config.model.encoder == "cnn":
        raise OptionError("freeze leaves an encoder as it is; that of a new model knows nothing")
    torch.manual_seed(config.training.seed)
    config = _with_size_of(config, train_examples, sitting.note)
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
            identity=run_identity(config, _known(train_examples), _known(valid_examples)),
        )
    return task, outcome


def _require_alike(train: CaptionedPictures, valid: CaptionedPictures) -> None:
    shape, other = list(train.inputs.shape[1:]), list(valid.inputs.shape[1:])
    if shape[1:] != other[1:]:
        raise InputError(
            f"expected pictures to choose the epoch by like those to train on, {shape}, found "
            f"{other}",
            file=valid.file,
        )


def _with_size_of(config: CaptionConfig, examples: CaptionedPictures, note: Note) -> CaptionConfig:
    """Given annotations decide how many numbers each has; options of an encoder decide nothing."""
    if config.model.encoder == "cnn":
        return config
    size = examples.inputs.size(2)
    own = {"annotation_size": size}
    unused = [
        name
        for name in ("width", "annotation_size", "blocks", "positions")
        if getattr(config.pictures, name) not in (getattr(PictureOptions, name), own.get(name))
    ]
    if unused:
        note(f"Annotations come as they are, {size} numbers each: unused are {', '.join(unused)}.")
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


def _known(examples: CaptionedPictures) -> list[list[str]]:
    """Names and captions, and the pictures themselves: a file may have changed."""
    seen = hashlib.blake2b(digest_size=16)
    for values in examples.inputs:
        seen.update(values.contiguous().numpy().tobytes())
    return [[seen.hexdigest()], *([item.image, *item.captions] for item in examples.items)]
