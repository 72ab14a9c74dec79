"""The commands run as a user runs them, and small tables to run them on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

SMALL = ["--hidden-size", "8", "--embedding-size", "8", "--epochs", "2", "--device", "cpu"]
SOURCE = Path(__file__).parents[2] / "src"


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out
        value: dict[str, Any] = json.loads(lines[0])
        return value

    @property
    def error(self) -> str:
        """The last line of talk, which must be an error and not part of a traceback."""
        assert "Traceback" not in self.err
        last = self.err.splitlines()[-1]
        assert last.startswith("vartai: error: "), self.err
        return last.removeprefix("vartai: error: ")


Run = Callable[..., Said]


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """Start a command in a process of its own."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(
        [sys.executable, "-m", "vartai", *map(str, arguments)],
        text=True,
        preexec_fn=_hear_interrupts,
        env={
            **os.environ,
            "PYTHONPATH": str(SOURCE),
            "OMP_NUM_THREADS": str(torch.get_num_threads()),
        },
        **streams,
    )


def _hear_interrupts() -> None:
    """As in a terminal: what a background job starts ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: subprocess.Popen[str], typed: str | None = None) -> Said:
    """Wait for a process."""
    out, err = process.communicate(typed, timeout=120)
    return Said(process.returncode, out or "", err or "")


def make_rows(count: int) -> list[tuple[str, str]]:
    """Texts whose word decides the label, all different."""
    return [
        (f"{('good', 'bad')[place % 2]} thing number {place}", ("pos", "neg")[place % 2])
        for place in range(count)
    ]


def write_csv(path: Path, table: Sequence[tuple[str, str]]) -> Path:
    """Write a table of texts and labels."""
    lines = "".join(f"{text},{label}\n" for text, label in table)
    path.write_text("text,label\n" + lines, encoding="utf-8")
    return path
