"""How far back layers and models remember: gradients by distance, and probes that must remember."""

from __future__ import annotations

from vartai.inspect.memory.cells import CELLS, PROBES, CellResult, CellsOptions, compare_cells
from vartai.inspect.memory.curve import Curve
from vartai.inspect.memory.gradients import Memory, layer_memory
from vartai.inspect.memory.models import cut_memory, gate_saturation, model_memory
from vartai.inspect.memory.options import MemoryOptions
from vartai.inspect.memory.probes.training import ProbeOptions
from vartai.inspect.memory.untrained import untrained

__all__ = [
    "CELLS",
    "PROBES",
    "CellResult",
    "CellsOptions",
    "Curve",
    "Memory",
    "MemoryOptions",
    "ProbeOptions",
    "compare_cells",
    "cut_memory",
    "gate_saturation",
    "layer_memory",
    "model_memory",
    "untrained",
]
