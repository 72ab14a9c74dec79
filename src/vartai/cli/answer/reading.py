"""How a trained model reads a new file of questions: as it was trained, unless told otherwise."""

from __future__ import annotations

from dataclasses import replace

from vartai.cli.task_verbs import require_untyped
from vartai.data.options import TableOptions
from vartai.data.questions.options import QuestionOptions

_USED = ("format", "delimiter", "encoding", "max_characters")


def question_options(trained: QuestionOptions, asked: TableOptions) -> QuestionOptions:
    """Columns and kind of training; what belongs to a file, as typed or guessed.

    Args:
        trained: how the model's own questions were read.
        asked: what is known about the new file.

    Raises:
        OptionError: an option was typed that says nothing about questions.
    """
    require_untyped(
        asked,
        used=_USED,
        why="questions are read by the columns of training; vartai answer --input has its own",
    )
    default = TableOptions()
    longest = (
        trained.max_characters
        if asked.max_characters == default.max_characters
        else asked.max_characters
    )
    return replace(
        trained,
        format=asked.format,
        delimiter=asked.delimiter,
        encoding=asked.encoding,
        max_characters=longest,
    )
