"""The text of a training run: read, held out, and everything noticed said aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vartai.cli.train_options import TrainOptions
from vartai.cli.voice import Voice
from vartai.data.documents import Document, read_documents
from vartai.data.passages import TextSplits, split_documents
from vartai.data.rejects import Rejects
from vartai.errors import OptionError
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.demo import demo_documents
from vartai.tasks.generate.experiment import count_characters


@dataclass(frozen=True)
class TrainingData:
    """What is trained on.

    Args:
        splits: the text.
        files: those that were read; none for the built-in corpus.
        test_file: the file to judge by, if it was one of its own.
        rejected: lines of the files that could not be used.
    """

    splits: TextSplits
    files: tuple[str, ...]
    test_file: str | None
    rejected: int


def read_training_data(
    files: Sequence[str],
    config: GenerateConfig,
    where: TrainOptions,
    *,
    voice: Voice,
    rejects: Path,
) -> TrainingData:
    """Read the files and, if there are any, those of validation and test.

    Args:
        files: of text; none for the built-in corpus.
        config: how to read and split them.
        where: the other files.
        voice: tells what was noticed and rejected.
        rejects: file that the rejected lines are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used.
        OptionError: a file is given for two purposes.
    """
    own = [file for file in (where.valid, where.test) if file is not None]
    for place, file in enumerate(own):
        if file in files or file in own[:place]:
            raise OptionError(f"{file} is given for two purposes; what judges must not be learned")
    rejected = Rejects()

    def read(given: Sequence[str]) -> list[Document]:
        found = read_documents(given, config.reading, fix_text=config.text.fix_text)
        voice.say_all(found.notes)
        for rejection in found.rejects:
            rejected.add(rejection)
        return found.documents

    splits = split_documents(
        read(files) if files else demo_documents(),
        valid=None if where.valid is None else read([where.valid]),
        test=None if where.test is None else read([where.test]),
        options=config.split,
        seed=config.training.seed,
    )
    voice.file_rejects(rejected, rejects)
    parts = (splits.train, splits.valid, splits.judged)
    voice.say_sizes([f"{count_characters(part):,} characters" for part in parts])
    return TrainingData(splits, (*files, *own), where.test, len(rejected))
