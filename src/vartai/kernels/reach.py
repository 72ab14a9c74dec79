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


def within_reach(tensors: Iterable[Tensor]) -> bool:
    """Whether torch plainly computes, and all is float32 on a CPU."""
    return all(map(is_plain, tensors)) and not _in_a_torch_mode()


def is_plain(tensor: Tensor) -> bool:
    """Whether a tensor is float32 on a CPU, and memory is behind it: no subclass, not sparse."""
    return (
        type(tensor) in _PLAIN
        and tensor.dtype is torch.float32
        and tensor.is_cpu
        and tensor.layout is torch.strided
    )


def _in_a_torch_mode() -> bool:
    return (
        torch.compiler.is_compiling()
        or torch.is_autocast_enabled("cpu")
        or torch._C._get_tracing_state() is not None  # torch.jit.trace and the older ONNX export
        or torch._C._len_torch_dispatch_stack() > 0  # fake tensors, counters of operations
        or torch._C._functorch.peek_interpreter_stack() is not None  # torch.func
        or forward_ad._current_level >= 0
    )
