"""`vartai import`: weights of another program as a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What and where.

    Attributes:
        out: folder of the bundle.
        json: print one JSON object.
    """

    out: Annotated[str, Parameter(metavar="DIR")]
    json: groups.JsonFlag = False


def import_model(
    plan: Annotated[str, Parameter(group=groups.MAIN)], /, *, options: ImportOptions
) -> None:
    """Make a bundle of weights that another program has trained. Nothing in them is executed.

    Args:
        plan: TOML file that says which tensors are what, and how text was read.
        options: what and where.
    """
    from vartai.cli.import_run import run_import

    run_import(plan, options)
