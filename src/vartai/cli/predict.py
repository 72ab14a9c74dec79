"""`vartai predict`: for texts given as arguments, lines, or a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """What and where.

    Attributes:
        input: table of texts; standard input, a text a line, if neither this nor texts are given.
        output: file for the predictions, .jsonl, .csv, .tsv or .parquet; standard output, as JSON
            lines, if not given.
        fix_text: mend mis-decoded texts first; done anyway if it was done in training.
        json: print one JSON object in place of JSON lines.
    """

    input: Annotated[str | None, Parameter(metavar="FILE")] = None
    output: Annotated[str | None, Parameter(metavar="FILE")] = None
    fix_text: Annotated[bool, groups.FLAG] = False
    json: groups.JsonFlag = False


_WHERE = PredictOptions()


def predict(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *texts: Annotated[str, Parameter(group=groups.MAIN)],
    where: PredictOptions = _WHERE,
    reading: groups.Table = groups.TABLE,
) -> None:
    """Predict: labels for texts, or whatever the model was trained for.

    Args:
        model: folder of a trained model.
        texts: texts to predict for.
        where: what and where.
        reading: how the table is read.
    """
    if texts and where.input is not None:
        raise OptionError("expected texts or --input FILE, found both")
    from vartai.cli.task_verbs import Prediction, answer, load_for

    answer("predict", Prediction(load_for("predict", model), texts, where, reading))
