"""Who takes part in a case: a table, and who must stay away and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from vartai.kernels import native
from vartai.measure import layer_norm, layers, loops, steps
from vartai.measure.cases import Case
from vartai.measure.entrant import Alone, Entrant
from vartai.measure.onnx_runtime import onnx_layers_of
from vartai.measure.work import Work

OURS = "vartai"
CONTROL = "vartai again"
PEAK = "multiply-add"
# Whole layers of torch.
TORCH_WAYS = ("torch", "torch packed", "torch padded", "torch loop")

# Compiling the loop of a hundred steps takes minutes: of the sizes, the middle one.
_COMPILED_SIZE = 128

# Makes an entrant, or tells why it cannot.
Maker = Callable[[Work], Entrant | str]


@dataclass(frozen=True)
class Field:
    """Who takes part.

    Args:
        judge: whose results everyone's are compared with.
        entrants: by name, `OURS` and `CONTROL` among them.
        absent: who does not, and why.
    """

    judge: str
    entrants: Mapping[str, Entrant]
    absent: Mapping[str, str]


def gather(case: Case, *, thorough: bool = False, compiled: bool = False) -> Field:
    """Make everyone who can do the work of a case, all with the same weights and numbers.

    Args:
        case: the work.
        thorough: those too that nobody would choose for speed: loops, other forms of input.
        compiled: `torch.compile` too, on the loops of one size.
    """
    makers = _makers(case, thorough=thorough, compiled=compiled)
    work = Work(case)
    entrants: dict[str, Entrant] = {}
    absent: dict[str, str] = {}
    for name, make in makers.items():
        made = make(work)
        if isinstance(made, str):
            absent[name] = made
        else:
            entrants[name] = made
    if OURS in entrants:
        entrants[CONTROL] = entrants[OURS]
    judge = next(name for name in makers if name != OURS)
    return Field(judge, entrants, absent)


def _makers(case: Case, *, thorough: bool, compiled: bool) -> dict[str, Maker]:
    """The table; the first who is not ours judges."""
    if case.kind == "step":
        return {
            OURS: steps.vartai_layer_step,
            "torch cell": steps.torch_cell_step,
            "torch": steps.torch_layer_step,
            "vartai cell": steps.vartai_cell_step,
            "vartai prepared": steps.vartai_prepared_step,
            "vartai bfloat16": steps.vartai_bfloat16_step,
        }
    if case.kind == "layer norm":
        return {
            OURS: layer_norm.vartai_layer_norm,
            "torch loop": layer_norm.eager_layer_norm,
        }
    makers: dict[str, Maker] = {OURS: layers.vartai_layer}
    if case.ragged:
        makers |= {"torch packed": layers.torch_packed, "torch padded": layers.torch_padded}
    else:
        makers["torch"] = layers.torch_padded
    if not case.training:
        makers["onnxruntime"] = onnx_layers_of
    if native.HAS_CORE:
        makers[PEAK] = multiply_adds
    loop = case.layers == 1 and not case.bidirectional and not case.ragged
    if thorough and case.ragged:
        makers["vartai packed"] = layers.vartai_packed
    if thorough and loop:
        makers["torch cells"] = loops.torch_cells
    if compiled and loop and case.instruction_set is None and case.size == _COMPILED_SIZE:
        makers["torch.compile"] = lambda work: loops.torch_cells(work, compiled=True)
    return makers


def multiply_adds(work: Work) -> Entrant:
    """As many multiplications and additions as the case's products have, in registers."""
    count, threads = work.case.multiply_adds, torch.get_num_threads()
    return Alone(lambda: native.multiply_add(count, threads=threads))
