"""Whether the compiled core may be used just now, and with these tensors.

The core reads memory by address. That is wrong wherever torch does not compute but records, maps,
differentiates forward or converts; there torch's own operators are the ones to call.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

_PLAIN = (Tensor, nn.Parameter)
_FLOAT, _STRIDED = torch.float32, torch.strided


def within_reach(tensors: Iterable[Tensor]) -> bool:
    """Whether torch plainly computes, and all is float32 on a CPU."""
    return are_plain(tensors) and not in_a_torch_mode()


def are_plain(tensors: Iterable[Tensor]) -> bool:
    """Whether tensors are float32 on a CPU, and memory is behind them: no subclass, not sparse."""
    # Asked before every single step of a cell: as short as can be.
    for tensor in tensors:
        if (
            tensor.dtype is not _FLOAT
            or not tensor.is_cpu
            or type(tensor) not in _PLAIN
            or tensor.layout is not _STRIDED
        ):
            return False
    return True


def traceable(tensors: Iterable[Tensor]) -> bool:
    """Whether what is being traced will be float32 on a CPU once the graph runs."""
    return all(tensor.dtype is _FLOAT and tensor.device.type == "cpu" for tensor in tensors)


def in_a_transform() -> bool:
    """Whether torch maps or differentiates forward: `torch.func`, dual numbers."""
    return (
        torch._C._functorch.peek_interpreter_stack() is not None or forward_ad._current_level >= 0
    )


def in_a_torch_mode() -> bool:
    """Whether torch does something else with its operators than to compute them."""
    return (
        torch.compiler.is_compiling()
        or torch.is_autocast_enabled("cpu")
        or torch._C._get_tracing_state() is not None  # torch.jit.trace and the older ONNX export
        or torch._C._len_torch_dispatch_stack() > 0  # fake tensors, counters of operations
        or in_a_transform()
    )
