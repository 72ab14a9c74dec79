"""The measured sections of docs/results/grid.md, from the runs that are there.

    python -m benchmarks.grid_page --runs FOLDER

A run that was stopped by the clock counts as it stood then; what was never run has no row.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import write_sections

PAGE: Final = Path(__file__).parent.parent / "docs" / "results" / "grid.md"
LEARNED: Final = 0.99  # of symbols
_ORDER: Final = ("grid tied", "grid", "stack tied", "stack", "stack both ways")


@dataclass(frozen=True)
class Found:
    """One run.

    Args:
        setting: its first line.
        lines: what it scored, in order.
    """

    setting: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]

    @property
    def last(self) -> Mapping[str, Any]:
        """What it came to."""
        return self.lines[-1]

    def samples_until(self, share: float) -> int | None:
        """Questions seen before so many symbols of the test were right; None if they never were."""
        for line in self.lines:
            if line["symbols"] >= share:
                return int(line["updates"]) * int(self.setting["batch"])
        return None


def read_runs(folder: Path) -> list[Found]:
    """Every run of a folder, and of the folders in it, that has scored once."""
    found = []
    for place in sorted(folder.rglob("*.jsonl")):
        first, *lines = map(json.loads, place.read_text(encoding="utf-8").splitlines())
        falling = first.get("falling", 0)
        first["falls"] = (falling, first["updates"]) if falling else ()
        if lines:
            found.append(Found(first, lines))
    return found


def grouped(runs: Iterable[Found], *names: str) -> dict[tuple[Any, ...], list[Found]]:
    """Runs that agree in some settings."""
    groups: dict[tuple[Any, ...], list[Found]] = defaultdict(list)
    for run in runs:
        groups[tuple(run.setting[name] for name in names)].append(run)
    return dict(groups)


def spread(values: Sequence[float], say: Callable[[float], str]) -> str:
    """Mean, and the range if there is one."""
    mean = say(sum(values) / len(values))
    if len(values) == 1:
        return mean
    return f"{mean} [{say(min(values))}, {say(max(values))}]"


def percent(share: float) -> str:
    """One digit after the point."""
    return f"{share:.1%}"


def algorithm_table(runs: Sequence[Found]) -> str:
    """A row for each model and depth."""
    lines = [
        "| model | layers | hidden | parameters | seeds | symbols right | whole answers right | "
        "questions until 99 % of symbols | questions seen | minutes |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    groups = grouped(runs, "model", "layers", "hidden", "learned")
    for key in sorted(groups, key=_place):
        model, layers, hidden, learned = key
        own = groups[key]
        seen = [run.last["updates"] * run.setting["batch"] / 1000 for run in own]
        cells = [
            model,
            layers,
            hidden,
            f"{learned:,}",
            _seeds(own),
            spread([run.last["symbols"] for run in own], percent),
            spread([run.last["whole"] for run in own], percent),
            _until(own),
            spread(seen, lambda value: f"{value:.0f} k"),
            spread([run.last["seconds"] / 60 for run in own], lambda value: f"{value:.1f}"),
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _until(runs: Sequence[Found]) -> str:
    reached = [samples for run in runs if (samples := run.samples_until(LEARNED)) is not None]
    if not reached:
        return "not reached"
    said = spread([samples / 1000 for samples in reached], lambda value: f"{value:.0f} k")
    return said if len(reached) == len(runs) else f"{said}, {len(reached)} of {len(runs)} seeds"


def _place(key: tuple[Any, ...]) -> tuple[Any, ...]:
    model, layers = key[:2]
    return _ORDER.index(model) if model in _ORDER else len(_ORDER), model, layers, key[2:]


_SAID: Final = {
    "addition": "{size} digits and {size} digits",
    "memorization": "{size} symbols of 64",
    "parity": "{size} bits",
}


def algorithm_section(runs: Sequence[Found], task: str) -> str:
    """All sizes of a task."""
    groups = grouped(
        [run for run in runs if run.setting.get("task") == task],
        "size",
        "parameters",
        "batch",
        "rate",
        "falls",
        "machine",
    )
    parts = []
    for key in sorted(groups):
        size, parameters, batch, rate, falls, machine = key
        falling = "--falling {} --updates {} ".format(*falls) if falls else ""
        parts += [
            f"### {_SAID[task].format(size=size)}, about {parameters:,} parameters",
            f"`python -m benchmarks.grid_algorithms --task {task} --size {size} --parameters "
            f"{parameters} --batch {batch} --rate {rate:g} {falling}--model … --layers … --seed …`"
            f", seeds {_seeds(groups[key])}; {machine}.",
            algorithm_table(groups[key]),
        ]
    return "\n\n".join(parts) if parts else "Not measured yet."


def _seeds(runs: Sequence[Found]) -> str:
    return ", ".join(map(str, sorted({run.setting["seed"] for run in runs})))


def digits_section(runs: Sequence[Found]) -> str:
    """A row for each model that has finished."""
    done = [run for run in runs if "test_error" in run.last]
    if not done:
        return "Not measured yet."
    names = ("epochs", "batch", "rate", "dropout", "machine")
    parts = []
    for key, group in sorted(grouped(done, *names).items()):
        epochs, batch, rate, dropout, machine = key
        lines = [
            "| model | layers | hidden | parameters | seeds | test error | "
            "error on the pictures kept | minutes |",
            "|---|---|---|---|---|---|---|---|",
        ]
        models = grouped(group, "model", "layers", "hidden", "learned")
        for model in sorted(models, key=_place):
            own = models[model]
            cells = [
                *model[:3],
                f"{model[3]:,}",
                _seeds(own),
                spread([run.last["test_error"] for run in own], lambda share: f"{share:.2%}"),
                spread([run.lines[-2]["kept_error"] for run in own], lambda e: f"{e:.2%}"),
                spread([run.last["seconds"] / 60 for run in own], lambda value: f"{value:.0f}"),
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
        parts += [
            f"`VARTAI_DATA=… python -m benchmarks.grid_digits --epochs {epochs} --batch {batch} "
            f"--rate {rate:g} --dropout {dropout:g} --parameters … --model … --layers …`, seeds "
            f"{_seeds(group)}; {machine}.",
            "\n".join(lines),
        ]
    return "\n\n".join(parts)


def characters_section(runs: Sequence[Found]) -> str:
    """A row for each model, at its best epoch."""
    own = [run for run in runs if "streams" in run.setting]
    if not own:
        return "Not measured yet."
    names = ("epochs", "streams", "steps", "rate", "dropout", "machine")
    parts = []
    for key, group in sorted(grouped(own, *names).items()):
        epochs, streams, steps, rate, dropout, machine = key
        lines = [
            "| model | layers | hidden | parameters | seeds | nats a character | "
            "bits a character | epochs | minutes |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        models = grouped(group, "model", "layers", "hidden", "learned")
        for model in sorted(models, key=_place):
            found = models[model]
            best = [min(line["nats"] for line in run.lines) for run in found]
            cells = [
                *model[:3],
                f"{model[3]:,}",
                _seeds(found),
                spread(best, lambda nats: f"{nats:.4f}"),
                spread([nats / math.log(2) for nats in best], lambda bits: f"{bits:.3f}"),
                spread([run.last["epoch"] for run in found], lambda count: f"{count:.0f}"),
                spread([run.last["seconds"] / 60 for run in found], lambda value: f"{value:.1f}"),
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
        parts += [
            f"`VARTAI_DATA=… python -m benchmarks.grid_characters --epochs {epochs} --streams "
            f"{streams} --steps {steps} --rate {rate:g} --dropout {dropout:g} --parameters … "
            f"--model … --layers …`, seeds {_seeds(group)}; {machine}.",
            "\n".join(lines),
        ]
    return "\n\n".join(parts)


def main() -> None:
    """Write all sections."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True)
    runs = read_runs(parser.parse_args().runs)
    sections = {task: algorithm_section(runs, task) for task in _SAID}
    sections |= {"digits": digits_section(runs), "characters": characters_section(runs)}
    write_sections(PAGE, sections)


if __name__ == "__main__":
    main()
