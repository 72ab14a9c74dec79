"""`vartai answer`: its options. What needs torch waits in `asking`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.data.questions.options import QuestionOptions
from vartai.errors import OptionError

_MOST_ANSWERS = 1_000


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class AskOptions:
    """What and where.

    Attributes:
        context: text file that the questions are about; of a story, a line each.
        input: questions with their contexts, in any format that training reads.
        output: file for the answers of --input: .jsonl, .csv, .tsv or .parquet.
        top: answers to each question.
        json: print one JSON object.
    """

    context: Annotated[str | None, Parameter(metavar="FILE")] = None
    input: Annotated[str | None, Parameter(metavar="FILE")] = None
    output: Annotated[str | None, Parameter(metavar="FILE")] = None
    top: int = 1
    json: groups.JsonFlag = False

    def require_one_source(self) -> None:
        """Refuse what does not go together.

        Raises:
            OptionError: says what was expected.
        """
        if not 1 <= self.top <= _MOST_ANSWERS:
            raise OptionError(f"top must be from 1 to {_MOST_ANSWERS:,}, was {self.top}")
        if (self.context is None) == (self.input is None):
            raise OptionError(
                "expected --context FILE with questions, or --input FILE; one of them"
            )
        if self.output is not None and self.input is None:
            raise OptionError("--output is for the answers of --input FILE")


_WHERE = AskOptions()


def answer(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *questions: Annotated[str, Parameter(group=groups.MAIN)],
    where: AskOptions = _WHERE,
    encoding: Annotated[str, Parameter(group=groups.MAIN)] = QuestionOptions.encoding,
    max_characters: Annotated[int, Parameter(group=groups.MAIN)] = QuestionOptions.max_characters,
) -> None:
    """Answer questions about a text.

    Args:
        model: folder of a model that answers.
        questions: about the text; standard input, a question a line, if there are none.
        where: what and where.
        encoding: how the bytes of the files encode text.
        max_characters: longest context or question.
    """
    where.require_one_source()
    if questions and where.input is not None:
        raise OptionError("expected questions or --input FILE, found both")
    from vartai.cli.answer.asking import run_answering

    run_answering(model, questions, where, encoding=encoding, max_characters=max_characters)
