"""The published speed of recurrent layers: measures, writes docs/results/kernels.md.

Everyone who can do a case's work does it in turns in this process; `vartai bench --cases full`
measures the same. What came of each case is kept in FOLDER, so that an interrupted run goes on
where it stopped, and a page can be written anew. Leave the machine alone meanwhile.

    python -m benchmarks.kernels --threads 2 --runs FOLDER
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.kernel_aims import aim_table
from benchmarks.kernel_tables import conditions, layer_table, peak_table, step_table
from benchmarks.pages import write_sections
from vartai.kernels import native
from vartai.measure.cases import WIDE, Case, full_cases
from vartai.measure.machine import describe_machine
from vartai.measure.peaks import Peaks, measure_peaks
from vartai.measure.rows import Row, measure, threads

PAGE = Path(__file__).parent.parent / "docs" / "results" / "kernels.md"


@dataclass(frozen=True)
class Measuring:
    """How, and where to keep what came of it.

    Args:
        runs: folder.
        machine: as `describe_machine` says; what another machine measured is not used.
        seconds: of each case at least.
        compiled: `torch.compile` of some loops too.
    """

    runs: Path
    machine: str
    seconds: float
    compiled: bool

    def row(self, case: Case) -> Row:
        """One case, measured now or before."""

        def now() -> dict[str, Any]:
            found = measure(case, seconds=self.seconds, thorough=True, compiled=self.compiled)
            return found.as_json()

        return Row.from_json(self._once(case.name, now))

    def peaks(self) -> Peaks:
        """The machine's own, measured now or before."""
        return Peaks(**self._once("peaks", lambda: asdict(measure_peaks(seconds=self.seconds))))

    def _once(self, name: str, measure_now: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        kept = self.runs / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.json"
        how = {"machine": self.machine, "seconds": self.seconds, "compiled": self.compiled}
        if kept.exists():
            found: dict[str, Any] = json.loads(kept.read_text())
            if found["how"] == how:
                before: dict[str, Any] = found["found"]
                return before
        print(name, file=sys.stderr, flush=True)
        fresh = measure_now()
        kept.write_text(json.dumps({"how": how, "found": fresh}))
        return fresh


def sections(rows: list[Row], peaks: Peaks, measuring: Measuring) -> dict[str, str]:
    """What is measured on the page, by mark."""

    def some(wanted: Callable[[Case], bool]) -> list[Row]:
        return [row for row in rows if wanted(row.case)]

    regular = some(lambda case: case.is_regular)
    single = [row for row in regular if row.case.layers == 1]
    return {
        "machine": conditions(measuring.machine, measuring.seconds, peaks, rows),
        "aims": aim_table(rows),
        "dense": layer_table([row for row in single if not row.case.ragged]),
        "ragged": layer_table([row for row in single if row.case.ragged]),
        "two layers": layer_table([row for row in regular if row.case.layers == 2]),
        "peak": peak_table(some(lambda case: case.size == WIDE and case.kind == "layer")),
        "instruction sets": layer_table(some(lambda case: case.instruction_set is not None)),
        "steps": step_table(some(lambda case: case.kind == "step")),
        "layer norm": layer_table(some(lambda case: case.kind == "layer norm")),
    }


def main() -> None:
    """Measure what has not been measured, then write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=PAGE, help="a page with marks")
    parser.add_argument("--runs", type=Path, default=Path("benchmark-runs/kernels"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each case at least")
    parser.add_argument("--compiled", action="store_true", help="torch.compile too, minutes a case")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    with threads(options.threads):
        measuring = Measuring(
            options.runs, describe_machine(), options.seconds, compiled=options.compiled
        )
        peaks = measuring.peaks()
        rows = [measuring.row(case) for case in full_cases(native.instruction_sets())]
        write_sections(options.out, sections(rows, peaks, measuring))


if __name__ == "__main__":
    main()
