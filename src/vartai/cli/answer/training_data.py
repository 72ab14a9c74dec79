"""The questions of a training run: read, checked, split, and everything noticed said aloud."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vartai.cli.train_options import TrainOptions
from vartai.cli.voice import Voice
from vartai.data.questions.question import SPAN, Questions
from vartai.data.questions.reading import read_questions, require_enough_questions
from vartai.data.questions.split import split_questions
from vartai.data.rejects import Rejects
from vartai.data.split import fill_parts
from vartai.errors import InputError
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.demo import demo_splits
from vartai.tasks.answer.fit import Splits


@dataclass(frozen=True)
class TrainingData:
    """What is trained on.

    Args:
        splits: the questions.
        files: those that were read.
        test_file: the file to judge by, if it was one of its own.
        rejected: questions of the files that could not be used.
    """

    splits: Splits
    files: tuple[str, ...]
    test_file: str | None
    rejected: int


def built_in_data(config: AnswerConfig, voice: Voice) -> TrainingData:
    """Generated questions."""
    splits = demo_splits(config.questions.kind or SPAN, seed=config.training.seed)
    _say_sizes(splits, voice)
    return TrainingData(splits, ("built-in questions",), None, 0)


def read_training_data(
    file: str, config: AnswerConfig, where: TrainOptions, *, voice: Voice, rejects: Path
) -> TrainingData:
    """Read the questions and, if there are any, those of validation and test.

    Args:
        file: the questions.
        config: how to read and split them.
        where: the other files.
        voice: tells what was guessed and rejected.
        rejects: file that the rejected questions are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used.
    """
    files = [each for each in (file, where.valid, where.test) if each is not None]
    rejected = Rejects()
    parts = {each: _read(each, config, rejected, rejects, voice) for each in dict.fromkeys(files)}
    kinds = {part.kind for part in parts.values()}
    if len(kinds) > 1:
        raise InputError(f"expected answers of one kind in all files, found {' and '.join(kinds)}")
    own = parts[file]

    def split(fractions: list[float]) -> list[Questions]:
        found, notes = split_questions(own, fractions=fractions, seed=config.training.seed)
        voice.say_all(notes)
        return found

    filled = fill_parts(
        own,
        [None if name is None else parts[name] for name in (where.valid, where.test)],
        shares=(config.split.valid_share, config.split.test_share),
        split=split,
    )
    splits = Splits(*filled)
    _say_sizes(splits, voice)
    return TrainingData(splits, tuple(dict.fromkeys(files)), where.test, len(rejected))


def _read(
    file: str, config: AnswerConfig, rejected: Rejects, place: Path, voice: Voice
) -> Questions:
    questions, rejects, notes = read_questions(file, config.questions, need_answer=True)
    voice.say_all([f"{file}: {note}" for note in notes])
    for rejection in rejects:
        rejected.add(rejection)
    if not voice.silent:
        place.unlink(missing_ok=True)
        if len(rejected):
            rejected.write(place)
        if len(rejects):
            voice.say_rejected(rejects, place)
    require_enough_questions(questions, rejects)
    return questions


def _say_sizes(splits: Splits, voice: Voice) -> None:
    parts = (splits.train, splits.valid, splits.test)
    voice.say_sizes([f"{len(part):,} questions" for part in parts])
