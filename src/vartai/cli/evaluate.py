"""`vartai evaluate`: how good a trained model is on a labelled table."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups


def evaluate(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    table: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *,
    out: Annotated[str | None, Parameter(group=groups.MAIN, metavar="DIR")] = None,
    reading: groups.Table = groups.TABLE,
    json: groups.JsonFlag = False,
) -> None:
    """Score a model.

    Args:
        model: folder of a trained classifier.
        table: labelled texts, in any format that training reads.
        out: folder for the wrong predictions, the rejected rows and the pictures;
            MODEL.evaluation if not given.
        reading: how the table is read.
        json: print one JSON object in place of the tables.
    """
    from vartai.cli.evaluation_run import run_evaluation

    run_evaluation(model, table, reading, out=out, json=json)
