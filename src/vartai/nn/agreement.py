"""Whether a model gives the same outputs as before, and where it is first that it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

# A tuple of arguments, or the one argument, which may be anything that a model takes.
Sample = Any


@dataclass(frozen=True)
class Observation:
    """One tensor that a layer, or in the end the model, put out."""

    name: str
    output: Tensor


@dataclass(frozen=True)
class Disagreement:
    """The layer whose output is the first to differ, and the greatest difference in it."""

    name: str
    difference: float


def observe(model: nn.Module, sample: Sample) -> list[Observation]:
    """Run the model in evaluation mode, and keep what its recurrent layers and itself put out.

    Modes, hooks and the state of torch's random numbers are as before when it returns.
    """
    seen: list[Observation] = []

    def keep(name: str, outputs: object) -> None:
        seen.extend(Observation(name, t.detach().clone()) for t in _tensors_of(outputs))

    handles = [
        _watch(module, name, keep)
        for name, module in model.named_modules()
        if name and isinstance(module, nn.RNNBase | nn.RNNCellBase)
    ]
    random_numbers = torch.get_rng_state()
    try:
        with _evaluating(model):
            keep("the model", model(*sample) if isinstance(sample, tuple) else model(sample))
    finally:
        torch.set_rng_state(random_numbers)
        for handle in handles:
            handle.remove()
    return seen


def _watch(module: nn.Module, name: str, keep: Any) -> RemovableHandle:
    def hook(_module: nn.Module, _arguments: object, outputs: object) -> None:
        keep(repr(name), outputs)

    return module.register_forward_hook(hook)


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _tensors_of(outputs: object) -> Iterator[Tensor]:
    """Every tensor inside nested tuples, lists and mappings."""
    if isinstance(outputs, Tensor):
        yield outputs
    elif isinstance(outputs, Mapping):
        for part in outputs.values():
            yield from _tensors_of(part)
    elif isinstance(outputs, tuple | list):
        for part in outputs:
            yield from _tensors_of(part)


def disagreement(
    before: list[Observation], after: list[Observation], tolerance: float
) -> Disagreement | None:
    """The first place where outputs differ by more than ``tolerance · max(1, |outputs|)``."""
    if [one.name for one in before] != [other.name for other in after]:
        return Disagreement("the model", float("inf"))
    for one, other in zip(before, after, strict=True):
        if one.output.shape != other.output.shape or one.output.dtype != other.output.dtype:
            return Disagreement(one.name, float("inf"))
        if one.output.numel() == 0:
            continue
        was, now = one.output.double(), other.output.double()
        greatest = max(1.0, float(was.nan_to_num().abs().max()))
        gap = torch.where((was == now) | (was.isnan() & now.isnan()), 0.0, (was - now).abs())
        difference = float(gap.nan_to_num(nan=float("inf"), posinf=float("inf")).max())
        if difference > tolerance * greatest:
            return Disagreement(one.name, difference)
    return None
