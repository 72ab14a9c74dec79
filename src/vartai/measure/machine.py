"""The machine that a number was measured on, and whether others use it too."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch


def describe_machine() -> str:
    """Processor, cores in use, instruction set, versions."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line for line in information.read_text().splitlines() if "model name" in line]
        processor = names[0].split(":", 1)[1].strip() if names else processor
    threads = torch.get_num_threads()
    return (
        f"{processor}, {os.cpu_count()} cores, "
        f"{'1 thread' if threads == 1 else f'{threads} threads'}, "
        f"{torch.backends.cpu.get_cpu_capability()}, Python {platform.python_version()}, "
        f"torch {torch.__version__}"
    )


def describe_load() -> str | None:
    """What else the machine has been doing in the last minute; None if it was mostly idle."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load <= cores / 2:
        return None
    return (
        f"the machine was busy in the last minute (load {load:.1f} on {cores} cores): intervals "
        "will be wide, and whoever waits for threads suffers most"
    )
