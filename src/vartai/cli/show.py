"""`vartai show`: what a trained model is."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups


def show(
    model: Annotated[str, Parameter(group=groups.MAIN)], /, *, json: groups.JsonFlag = False
) -> None:
    """Tell what a model is.

    Args:
        model: folder of a trained model.
        json: print one JSON object.
    """
    from vartai.cli.model_page import show_model

    show_model(model, json=json)
