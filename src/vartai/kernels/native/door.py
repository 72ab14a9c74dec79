"""The compiled core (csrc/) itself, where there is one. The only importer of `_core`."""

from __future__ import annotations

import os

from torch import Tensor

from vartai.errors import RunError, unknown_name

INTERFACE = 1
"""Of the core that this Python calls: the number in `csrc/bind.cpp`, raised with it."""

try:
    from vartai.kernels import _core as core
except ImportError:  # installed where there was no compiler
    HAS_CORE = False
else:
    HAS_CORE = True
    _found = getattr(core, "INTERFACE", 0)  # the first cores had no number
    if _found != INTERFACE:
        raise RunError(
            f"the compiled core has interface {_found}, and this Vartai calls {INTERFACE}: it was "
            "built from other sources; build it anew with `make setup` or `pip install .`"
        )

__all__ = [
    "HAS_CORE",
    "address",
    "core",
    "instruction_set",
    "instruction_sets",
    "multiply_add",
    "require_shape",
    "use_instruction_set",
]


def use_instruction_set(name: str) -> None:
    """Use this one of `instruction_sets` from now on; at first the best is in use.

    Raises:
        OptionError: the processor or the build has none of that name.
    """
    if name not in instruction_sets():
        raise unknown_name("instruction set", name, instruction_sets())
    core.use_instruction_set(name)


def instruction_sets() -> tuple[str, ...]:
    """What this processor can run, the best last; nothing where there is no core."""
    return tuple(core.instruction_sets()) if HAS_CORE else ()


def instruction_set() -> str:
    """The one in use. Needs the core."""
    return core.instruction_set()


def multiply_add(count: int, *, threads: int) -> None:
    """Multiply and add `count` floats in registers and nothing else; to measure others by."""
    core.multiply_add(count, threads=threads)


def require_shape(cell: str, name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    """Refuse a tensor of another shape, before the core reads memory that is not there.

    Raises:
        ValueError: names the cell, the tensor, its shape and the one expected.
    """
    if tensor.shape != shape:
        raise ValueError(f"{cell}: {name} must be {list(shape)}, was {list(tensor.shape)}")


def address(tensor: Tensor | None) -> int:
    """Where the numbers of a tensor begin; 0 for none."""
    return 0 if tensor is None else tensor.data_ptr()


# For tests and benchmarks, which run every path that a processor has.
if HAS_CORE and (_forced := os.environ.get("VARTAI_ISA")):
    use_instruction_set(_forced)
