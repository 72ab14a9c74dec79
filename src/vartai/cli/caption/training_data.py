"""The pictures of a training run: read, checked, split, and everything noticed said aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from vartai.data.features import feature_table, find_origin
from vartai.data.rejects import Rejects
from vartai.data.sources import STDIN
from vartai.data.split import fill_parts
from vartai.images.features import square_side
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.demo import demo_corpus
from vartai.tasks.caption.examples import count_captions
from vartai.tasks.caption.experiment import Splits
from vartai.tasks.caption.opening import opener, require_origin


@dataclass(frozen=True)
class TrainingData:
    """What is trained on.

    Args:
        config: of the captioner; features say what made them.
        splits: the pictures.
        files: tables that were read.
        test_file: the one to judge by, if it was one of its own.
        rejected: rows of the tables that could not be used.
    """

    config: CaptionConfig
    splits: Splits
    files: tuple[str, ...]
    test_file: str | None
    rejected: int


def built_in_data(config: CaptionConfig, voice: Voice) -> TrainingData:
    """The drawn scenes."""
    corpus = demo_corpus(config.training.seed)
    splits = Splits(corpus.train.captioned, corpus.valid.captioned, corpus.test.captioned)
    _say_sizes(splits, voice)
    return TrainingData(config, splits, (), None, 0)


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
        file: a table, or a folder of features.
        config: how to read and split it.
        where: the other tables.
        voice: tells what was guessed and rejected.
        rejects: file that the rejected rows are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used, or features are of
            another encoder than those to train on.
    """
    rejected = Rejects()
    tables = [_table(name) for name in (file, where.valid, where.test)]
    config = _with_origin(config, tables, voice)
    reading = _Reading(config, opener(config, trained=False), rejected, voice)
    found = [None if name is None else reading.read(name) for name in tables]
    voice.file_rejects(rejected, rejects)
    own, valid, test = (None if each is None else each[0] for each in found)
    for each in found:
        if each is not None:
            require_enough_captions(*each)
    if own is None:
        raise RuntimeError("the table was not read")
    splits = Splits(
        *fill_parts(
            own,
            (valid, test),
            shares=(config.table.valid_share, config.table.test_share),
            split=lambda fractions: split_captions(
                own, fractions=fractions, seed=config.training.seed
            ),
        )
    )
    _say_sizes(splits, voice)
    everything = tuple(dict.fromkeys(name for name in tables if name is not None))
    return TrainingData(config, splits, everything, tables[2], len(rejected))


def _table(name: str | None) -> str | None:
    """The table of a folder of features."""
    return name if name in (None, STDIN) else str(feature_table(Path(name)))


def _with_origin(
    config: CaptionConfig, tables: Sequence[str | None], voice: Voice
) -> CaptionConfig:
    """What features say of themselves holds; all tables must have been annotated alike."""
    file, *others = tables
    origin = None if file in (None, STDIN) else find_origin(Path(file))
    if origin is None:
        return config
    side = square_side(origin.places)
    config = replace(
        config,
        model=replace(config.model, encoder="given"),
        pictures=replace(
            config.pictures,
            picture_size=origin.picture_size,
            places=config.pictures.places if side is None else side,
            annotation_size=origin.numbers,
            pretrained=origin.encoder,
            pretrained_weights=origin.weights,
        ),
    )
    voice.say(f"{file}: features of {origin}; the captioner is trained on them.")
    for name in others:
        found = None if name in (None, STDIN) else find_origin(Path(name))
        if found is not None:
            require_origin(config.pictures, found, file=str(name))
    return config


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


def _say_sizes(splits: Splits, voice: Voice) -> None:
    voice.say_sizes(
        [
            f"{_many(len(part), 'picture')} with {_many(count_captions(part), 'caption')}"
            for part in (splits.train, splits.valid, splits.test)
        ]
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)
