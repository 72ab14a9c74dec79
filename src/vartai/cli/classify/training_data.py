"""The texts of a training run: read, checked, split, and everything noticed said aloud."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from vartai.cli.train_options import TextTrainOptions
from vartai.cli.voice import Voice
from vartai.data.examples import Examples, read_examples, require_enough
from vartai.data.rejects import Rejects
from vartai.data.split import fill_parts, split_examples
from vartai.errors import InputError
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.experiment import Splits


@dataclass(frozen=True)
class TrainingData:
    """What is trained on.

    Args:
        splits: the texts.
        files: those that were read.
        test_file: the table to judge by, if it was one of its own.
        rejected: rows of the files that could not be used.
    """

    splits: Splits
    files: tuple[str, ...]
    test_file: str | None
    rejected: int


def read_training_data(
    table: str,
    config: ClassifyConfig,
    where: TextTrainOptions,
    *,
    voice: Voice,
    rejects: Path,
) -> TrainingData:
    """Read the table and, if there are any, those of validation and test.

    Args:
        table: the file.
        config: how to read and split it.
        where: the other files.
        voice: tells what was guessed and rejected.
        rejects: file that the rejected rows are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used.
    """
    files = [file for file in (table, where.valid, where.test) if file is not None]
    rejected = Rejects()
    parts = {file: _read(file, config, rejected, voice) for file in dict.fromkeys(files)}
    texts = [
        text
        for file in dict.fromkeys(where.unlabelled)
        for text in _read(file, config, rejected, voice, need_label=False).texts
    ]
    voice.file_rejects(rejected, rejects)
    own = parts[table]
    found = fill_parts(
        own,
        [None if name is None else parts[name] for name in (where.valid, where.test)],
        shares=(config.split.valid_share, config.split.test_share),
        split=lambda fractions: split_examples(own, fractions=fractions, seed=config.training.seed),
    )
    splits = Splits(*found, unlabelled=texts)
    _require_labels_of_training(splits)
    voice.say_sizes([f"{len(part):,} texts" for part in found])
    if texts:
        voice.say(f"{len(texts):,} texts without labels to pretrain on.")
    files += where.unlabelled
    return TrainingData(splits, tuple(dict.fromkeys(files)), where.test, len(rejected))


def _read(
    file: str,
    config: ClassifyConfig,
    rejected: Rejects,
    voice: Voice,
    *,
    need_label: bool = True,
) -> Examples:
    options = config.table if need_label else replace(config.table, label=None)
    examples, rejects, notes = read_examples(
        file, options, fix_text=config.text.fix_text, need_label=need_label
    )
    voice.say_all([f"{file}: {note}" for note in notes])
    for rejection in rejects:
        rejected.add(rejection)
    require_enough(examples, rejects)
    return examples


def _require_labels_of_training(splits: Splits) -> None:
    """Found out here, an unknown test label costs no training."""
    known = {label for labels in splits.train.labels for label in labels}
    for part in (splits.valid, splits.test):
        for line, labels in zip(part.lines, part.labels, strict=True):
            for label in labels:
                if label not in known:
                    raise InputError(
                        f"label {label!r} has no text to train on; those that have: "
                        f"{', '.join(sorted(known))}",
                        file=part.file,
                        line=line,
                    )
