"""The pictures of a training run: read, checked, split, and everything noticed said aloud."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vartai.cli.caption.options import CaptionTrainOptions
from vartai.cli.voice import Voice
from vartai.data.captions import (
    CaptionedPictures,
    OpenFile,
    read_captions,
    require_enough_captions,
    split_captions,
)
from vartai.data.rejects import Rejects
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.demo import demo_corpus
from vartai.tasks.caption.examples import count_captions
from vartai.tasks.caption.experiment import Splits
from vartai.tasks.caption.opening import opener


@dataclass(frozen=True)
class TrainingData:
    """What is trained on.

    Args:
        splits: the pictures.
        files: tables that were read.
        test_file: the one to judge by, if it was one of its own.
        rejected: rows of the tables that could not be used.
    """

    splits: Splits
    files: tuple[str, ...]
    test_file: str | None
    rejected: int


def built_in_data(seed: int, voice: Voice) -> TrainingData:
    """The drawn scenes."""
    corpus = demo_corpus(seed)
    splits = Splits(corpus.train.captioned, corpus.valid.captioned, corpus.test.captioned)
    _say_sizes(splits, voice)
    return TrainingData(splits, (), None, 0)


def read_training_data(
    file: str,
    config: CaptionConfig,
    where: CaptionTrainOptions,
    *,
    voice: Voice,
    rejects: Path,
) -> TrainingData:
    """Read the pictures and, if there are any, those of validation and test.

    Args:
        file: a table.
        config: how to read and split it.
        where: the other tables.
        voice: tells what was guessed and rejected.
        rejects: file that the rejected rows are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used.
    """
    rejected = Rejects()
    tables = [file, where.valid, where.test]
    reading = _Reading(config, opener(config, trained=False), rejected, voice)
    found = [None if name is None else reading.read(name) for name in tables]
    voice.file_rejects(rejected, rejects)
    own, valid, test = (None if each is None else each[0] for each in found)
    for each in found:
        if each is not None:
            require_enough_captions(*each)
    if own is None:
        raise RuntimeError("the table was not read")
    splits = _split(own, valid, test, config)
    _say_sizes(splits, voice)
    everything = tuple(dict.fromkeys(name for name in tables if name is not None))
    return TrainingData(splits, everything, where.test, len(rejected))


@dataclass(frozen=True)
class _Reading:
    """What all tables of a run are read with."""

    config: CaptionConfig
    open_file: OpenFile
    rejected: Rejects
    voice: Voice

    def read(self, file: str) -> tuple[CaptionedPictures, Rejects]:
        pictures, rejects, notes = read_captions(
            file, self.config.table, open_file=self.open_file, need_caption=True
        )
        self.voice.say_all([f"{file}: {note}" for note in notes])
        for rejection in rejects:
            self.rejected.add(rejection)
        return pictures, rejects


def _split(
    table: CaptionedPictures,
    valid: CaptionedPictures | None,
    test: CaptionedPictures | None,
    config: CaptionConfig,
) -> Splits:
    shares = [config.table.valid_share] * (valid is None)
    shares += [config.table.test_share] * (test is None)
    parts = [table]
    if shares:
        parts = split_captions(
            table, fractions=[1 - sum(shares), *shares], seed=config.training.seed
        )
    held_out = iter(parts[1:])
    return Splits(
        train=parts[0],
        valid=next(held_out) if valid is None else valid,
        test=next(held_out) if test is None else test,
    )


def _say_sizes(splits: Splits, voice: Voice) -> None:
    sizes = ", ".join(
        f"{len(part):,} pictures with {count_captions(part):,} captions to {purpose}"
        for part, purpose in (
            (splits.train, "train on"),
            (splits.valid, "choose the epoch by"),
            (splits.test, "judge by"),
        )
    )
    voice.say(f"{sizes}.")
