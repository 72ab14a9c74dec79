"""`vartai train answer`: its options. What needs torch waits in `training`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.train_options import TrainOptions
from vartai.data.questions.options import QuestionOptions
from vartai.errors import OptionError
from vartai.tasks.answer.config import (
    AnswerConfig,
    AnswerTrainingOptions,
    ReaderOptions,
    WordOptions,
)
from vartai.tasks.config_files import write_config

_WHERE = TrainOptions()
_DEFAULT = AnswerConfig()


def train_answer(
    file: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *,
    demo: Annotated[bool, groups.FLAG] = False,
    where: TrainOptions = _WHERE,
    reading: Annotated[
        QuestionOptions, groups.panel("Reading the questions", 2)
    ] = _DEFAULT.questions,
    split: groups.Split = groups.SPLIT,
    text: Annotated[WordOptions, groups.panel("Words and vocabulary", 4)] = _DEFAULT.text,
    model: Annotated[ReaderOptions, groups.panel("The model", 5)] = _DEFAULT.model,
    training: Annotated[AnswerTrainingOptions, groups.panel("Training", 6)] = _DEFAULT.training,
) -> int:
    """Train a model that answers questions.

    Args:
        file: questions with answers: SQuAD's JSON, bAbI's stories, or a table with context,
            question and answer, also as .gz or .zst; ARCHIVE/PATTERN for members of a .tar.gz; - is
            standard input.
        demo: train on built-in generated questions, of the kind that --kind says (span if not
            given), in place of a file.
        where: what and where.
        reading: how the questions are read.
        split: how questions are held out.
        text: words and vocabulary.
        model: the model.
        training: optimisation.
    """
    config = AnswerConfig(questions=reading, split=split, text=text, model=model, training=training)
    if where.print_config:
        print(write_config(config), end="")
        return 0
    if demo and (file is not None or where.valid is not None or where.test is not None):
        raise OptionError("--demo trains on built-in questions; give no file with it")
    if file is None and not demo:
        raise OptionError("expected questions; vartai train answer FILE … (or --demo)")
    if where.out is None:
        raise OptionError("expected --out DIR, the folder that the model is saved in")
    from vartai.cli.answer.training import train

    return train(file, config, where, out=where.out)
