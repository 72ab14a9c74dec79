"""The pairs of a training run: read, checked, split, and everything noticed said aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vartai.cli.translate.options import TranslateTrainOptions
from vartai.cli.voice import Voice
from vartai.data.parallel import Parallel, read_parallel, require_enough_pairs, split_parallel
from vartai.data.rejects import Rejects
from vartai.data.split import fill_parts
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.demo import demo_corpus
from vartai.tasks.translate.experiment import Splits


@dataclass(frozen=True)
class TrainingData:
    """What is trained on.

    Args:
        splits: the pairs.
        files: those that were read.
        test_files: those to judge by, if they were ones of their own.
        rejected: pairs of the files that could not be used.
    """

    splits: Splits
    files: tuple[str, ...]
    test_files: tuple[str, ...]
    rejected: int


def built_in_data(seed: int, voice: Voice) -> TrainingData:
    """The little grammar."""
    corpus = demo_corpus(seed)
    parts = (corpus.train, corpus.valid, corpus.test)
    voice.say_sizes([f"{len(part):,} pairs" for part in parts])
    return TrainingData(Splits(*parts), (), (), 0)


def read_training_data(
    files: Sequence[str],
    config: TranslateConfig,
    where: TranslateTrainOptions,
    *,
    voice: Voice,
    rejects: Path,
) -> TrainingData:
    """Read the pairs and, if there are any, those of validation and test.

    Args:
        files: one table or two files.
        config: how to read and split them.
        where: the other files.
        voice: tells what was guessed and rejected.
        rejects: file that the rejected pairs are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used.
    """
    rejected = Rejects()
    table = _read(files, config, rejected, voice)
    valid = _read(where.valid, config, rejected, voice) if where.valid else None
    test = _read(where.test, config, rejected, voice) if where.test else None
    voice.file_rejects(rejected, rejects)
    parts = fill_parts(
        table,
        [valid, test],
        shares=(config.pairs.valid_share, config.pairs.test_share),
        split=lambda fractions: split_parallel(
            table, fractions=fractions, seed=config.training.seed
        ),
    )
    voice.say_sizes([f"{len(part):,} pairs" for part in parts])
    everything = tuple(dict.fromkeys([*files, *where.valid, *where.test]))
    return TrainingData(Splits(*parts), everything, where.test, len(rejected))


def _read(
    files: Sequence[str], config: TranslateConfig, rejected: Rejects, voice: Voice
) -> Parallel:
    pairs, rejects, notes = read_parallel(files, config.pairs)
    voice.say_all([f"{pairs.file}: {note}" for note in notes])
    for rejection in rejects:
        rejected.add(rejection)
    require_enough_pairs(pairs, rejects)
    return pairs
