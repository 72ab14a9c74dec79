"""`vartai export`: a trained model in another program's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from vartai.cli import groups


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What and where.

    Attributes:
        to: onnx (graphs for any ONNX runtime), torch (weights for plain torch.nn) or keras.
        out: folder to write.
        int8: onnx only: large weights in 8 bits; needs --test, on which the change is measured.
        test: file to measure the model on before and after --int8, as `vartai evaluate` reads it.
        without_ngrams: leave a classifier's n-gram path out, which no other program can compute.
        json: print one JSON object.
    """

    to: Literal["onnx", "torch", "keras"]
    out: Annotated[str, Parameter(metavar="DIR")]
    int8: Annotated[bool, groups.FLAG] = False
    test: Annotated[str | None, Parameter(metavar="FILE")] = None
    without_ngrams: Annotated[bool, groups.FLAG] = False
    json: groups.JsonFlag = False


def export(
    model: Annotated[str, Parameter(group=groups.MAIN)], /, *, options: ExportOptions
) -> None:
    """Write a trained model in another form, checked against the model itself first.

    Args:
        model: folder of a trained model.
        options: what and where.
    """
    from vartai.cli.export_run import run_export

    run_export(model, options)
