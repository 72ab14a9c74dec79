"""`vartai evaluate`: how good a trained model is on examples it has not seen."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError


def evaluate(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *files: Annotated[str, Parameter(group=groups.MAIN)],
    out: Annotated[str | None, Parameter(group=groups.MAIN, metavar="DIR")] = None,
    reading: groups.Table = groups.TABLE,
    json: groups.JsonFlag = False,
) -> None:
    """Score a model.

    Args:
        model: folder of a trained model.
        files: to judge by, in any format that training reads.
        out: folder for the wrong predictions, the rejected rows and the pictures;
            MODEL.evaluation if not given.
        reading: how the table is read.
        json: print one JSON object in place of the tables.
    """
    if not files:
        raise OptionError("expected a file to judge by; vartai evaluate MODEL FILE")
    from vartai.cli.task_verbs import Evaluation, answer, load_for

    saved = load_for("evaluate", model)
    answer("evaluate", Evaluation(saved, model, files, reading, out, json))
