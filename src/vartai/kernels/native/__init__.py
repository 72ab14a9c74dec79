"""The compiled core (csrc/), as functions of tensors: `door` is the only importer of `_core`.

The core knows only addresses of contiguous float32 memory, so shapes are checked and memory is made
here: for recurrent layers in `layer` and `step`, whose names this package repeats, for other forms
of their cells in `forms`, and for scans in `scan`.
"""

from __future__ import annotations

from vartai.kernels.native.door import (
    HAS_CORE,
    instruction_set,
    instruction_sets,
    multiply_add,
    use_instruction_set,
)
from vartai.kernels.native.layer import (
    Direction,
    Gradients,
    Tape,
    Weights,
    backward,
    forward,
    plan,
)
from vartai.kernels.native.step import PreparedCell, require_step_shapes, step

__all__ = [
    "HAS_CORE",
    "Direction",
    "Gradients",
    "PreparedCell",
    "Tape",
    "Weights",
    "backward",
    "forward",
    "instruction_set",
    "instruction_sets",
    "multiply_add",
    "plan",
    "require_step_shapes",
    "step",
    "use_instruction_set",
]
