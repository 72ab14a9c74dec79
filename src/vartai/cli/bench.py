"""`vartai bench`: this machine, against torch.nn and ONNX Runtime, as ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from vartai.cli import groups


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """What and how long.

    Attributes:
        threads: for everyone; torch's own number if not given.
        seconds: spent on each case at least, all entrants together.
        cases: quick takes about a minute with the defaults, full many times that.
        html: file for the picture of it.
        json: print one JSON object.
    """

    threads: int | None = None
    seconds: float = 0.5
    cases: Literal["quick", "full"] = "quick"
    html: Annotated[str | None, Parameter(metavar="FILE")] = None
    json: groups.JsonFlag = False


_OPTIONS = BenchOptions()


def bench(*, options: BenchOptions = _OPTIONS) -> None:
    """Measure recurrent layers in float32: Vartai's, torch's and ONNX Runtime's.

    All run in turns in one process, on the same weights and numbers. Where results differ, no
    speed is printed.
    """
    from vartai.cli.bench_run import run_bench

    run_bench(options)
