"""`vartai demo`: what order and gates are worth, in a minute, and a model to try the verbs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def demo(
    *,
    out: Annotated[str, Parameter(help="folder that the model is saved in")] = "demo-model",
    seed: Annotated[int, Parameter(help="decides the corpus and the models")] = 0,
    json: Annotated[bool, Parameter(negative="", help="print one JSON object")] = False,
) -> int:
    """Train four cells of equal size on a built-in corpus where only order decides.

    The corpus is English and Lithuanian; its sentences come from a grammar, in twins of the same
    words and opposite labels. The test holds sentence shapes, and pairs of words, that training
    never shows.
    """
    from vartai.cli.demo_run import run_demo

    return run_demo(Path(out), seed=seed, json=json)
