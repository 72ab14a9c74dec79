"""Which recurrent layers of a model `accelerate` does not touch, and why."""

from __future__ import annotations

import types
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.utils import parametrize

from vartai.kernels import native
from vartai.kernels.reach import are_plain
from vartai.nn.accelerated_class import TORCH_LAYERS, original_class, torch_layer

_NAMES = tuple(layer.__name__ for layer in TORCH_LAYERS)
_BASES = (nn.RNNBase, nn.RNNCellBase)


def is_recurrent(module: nn.Module) -> bool:
    """Whether a module is one of torch's recurrent layers, in whatever form."""
    return isinstance(module, _BASES) or _is_scripted(module) or _is_quantized(module)


def _is_scripted(module: nn.Module) -> bool:
    return isinstance(module, torch.jit.ScriptModule) and module.original_name in _NAMES


def _is_quantized(module: nn.Module) -> bool:
    kind = type(module)
    return kind.__module__.startswith("torch.ao.nn.quant") and kind.__name__ in _NAMES


def reason_not_to_extend(module: nn.Module) -> str | None:
    """Why nobody can give a recurrent layer another class; None if one can."""
    if _is_scripted(module):
        return "it is compiled by torch.jit"
    if _is_quantized(module):
        return "it is quantized"
    return _reason_in_class(module)


def reason_to_leave_alone(module: nn.Module) -> str | None:
    """Why a recurrent layer must or had better keep its class; None if it need not."""
    if _is_scripted(module):
        return "it is compiled by torch.jit"
    if _is_quantized(module):
        return "it is quantized"
    if original_class(type(module)) is not None:
        return "it is accelerated already"
    if not native.HAS_CORE:
        return "Vartai was installed without its compiled core"
    return _reason_in_class(module) or _reason_in_weights(module)


def _reason_in_class(module: nn.Module) -> str | None:
    kind = type(module)
    layer = torch_layer(kind)
    if layer is None:
        return f"{kind.__name__} is not derived from one of {', '.join(_NAMES)}"
    if parametrize.is_parametrized(module):
        return "its weights are parametrized; accelerate it before they are"
    if "forward" in vars(module):
        return "its forward method was replaced on this one object"
    for ancestor in kind.__mro__[: kind.__mro__.index(layer)]:
        if "forward" in vars(ancestor) and not _calls_super(vars(ancestor)["forward"]):
            return f"{ancestor.__name__}.forward does not call super().forward"
    return None


def _calls_super(forward: object) -> bool:
    while hasattr(forward, "__wrapped__"):
        forward = forward.__wrapped__
    code = getattr(forward, "__code__", None)
    return isinstance(code, types.CodeType) and {"super", "forward"} <= set(_names_in(code))


def _names_in(code: types.CodeType) -> Iterator[str]:
    """Global names and attributes that a function mentions, functions inside it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


def _reason_in_weights(module: nn.Module) -> str | None:
    if getattr(module, "proj_size", 0):
        return "it projects its hidden state (proj_size)"
    for name, weight in module.named_parameters(recurse=False):
        if not are_plain([weight]):
            kind = f"{weight.dtype} on {weight.device.type}"
            return f"{name} is {type(weight).__name__}, {kind}; the core takes float32 on a CPU"
    return None
