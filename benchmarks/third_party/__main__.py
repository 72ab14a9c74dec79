"""Every package of this folder in its own environment: a table, and JSON where asked.

benchmarks/third_party/make_environment.sh DIR
python -m benchmarks.third_party --environment DIR --threads 2 --json results.json
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCRIPTS = {
    "recurrent_ppo": "forecasting",
    "temporal_fusion": "forecasting",
    "recurrent_forecast": "forecasting",
    "sequence_tagger": "tagging",
}


def measured(script: str, environment: Path, options: list[str]) -> dict[str, Any]:
    """Run one script with the Vartai of this tree; what it found."""
    python = environment / SCRIPTS[script] / "bin" / "python"
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [python, "-m", f"benchmarks.third_party.{script}", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"{script} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def times(found: dict[str, float]) -> str:
    """Both times and their ratio."""
    plain, fast = found["plain"], found["accelerated"]
    return f"{plain:.2f} | {fast:.2f} | {plain / fast:.2f}"


def row(found: dict[str, Any]) -> str:
    """One line of the table."""
    return (
        f"| {found['package']}: {found['sizes']} | {len(found['swapped'])} "
        f"| {found['outputs_apart']:.0e} | {found['gradients_apart']:.0e} "
        f"| {times(found['infer_ms'])} | {times(found['train_ms'])} |"
    )


def main() -> None:
    """Print the table for this machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environment", type=Path, required=True, metavar="DIR")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=5.0, help="of each pair of times")
    parser.add_argument("--only", nargs="+", choices=list(SCRIPTS), default=list(SCRIPTS))
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    passed = ["--threads", str(options.threads), "--seconds", str(options.seconds)]
    everything = []
    for script in options.only:
        found = measured(script, options.environment.absolute(), passed)
        if not everything:
            print(f"{found['machine']}\n")
            print(
                "| package | layers | outputs apart | gradients apart "
                "| inference ms | accelerated | ratio | training step ms | accelerated | ratio |"
            )
            print("|---|---|---|---|---|---|---|---|---|---|")
        print(row(found), flush=True)
        everything.append(found)
    if options.json:
        options.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
