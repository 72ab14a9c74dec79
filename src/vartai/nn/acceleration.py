"""One line that makes the recurrent layers of any PyTorch model compute through Vartai.

    report = vartai.accelerate(model)

Each `torch.nn.RNN`, `LSTM`, `GRU` and each of their cells keeps its identity, parameters, hooks,
name and place, and gets another class: a subclass of the one it had, so that `isinstance` answers
as before. `restore` gives the old class back.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from vartai.errors import RunError, require_range
from vartai.nn.accelerated_class import accelerated_class, original_class
from vartai.nn.agreement import Observation, Sample, disagreement, observe
from vartai.nn.leaving_alone import is_recurrent, reason_to_leave_alone


@dataclass(frozen=True)
class Acceleration:
    """What `accelerate` did; names as `torch.nn.Module.named_modules` has them, "" the model.

    Args:
        swapped: layers that now compute through Vartai wherever it can.
        left_alone: recurrent layers that did not change, and why.
    """

    swapped: tuple[str, ...]
    left_alone: dict[str, str]

    def __str__(self) -> str:
        lines = [f"{len(self.swapped)} recurrent layers accelerated"]
        lines += [f"  {name or '(the model)'}" for name in self.swapped]
        lines.append(f"{len(self.left_alone)} left alone")
        lines += [f"  {name or '(the model)'}: {why}" for name, why in self.left_alone.items()]
        return "\n".join(lines)


def accelerate(model: nn.Module, *, sample: Sample = None, tolerance: float = 1e-4) -> Acceleration:
    """Let the recurrent layers inside `model` compute through Vartai, in place.

    Parameters stay the very same objects, so an optimiser made before goes on working. What the
    compiled core does not compute with (another float type or device, autocast, a compiled or a
    traced model, `torch.func`) goes through torch at that call, as before. `restore` undoes it.

    Args:
        model: any module; layers at any depth are found, one that is used twice once.
        sample: what to call the model with, before and after, to see that its outputs agree: a
            tuple of arguments, or the one argument. It runs in evaluation mode.
        tolerance: how far an output may differ, in units of the greatest output, or of 1 if that
            is greater.

    Returns:
        The names of the layers that were swapped, and of those that were not, with the reason.

    Raises:
        RunError: outputs for `sample` differ by more than `tolerance`; names the first layer that
            does, and how far. The model is then as it was.
        OptionError: `tolerance` is negative.

    Example:
        >>> import torch
        >>> model = nn.Sequential(nn.Embedding(9, 4), nn.GRU(4, 8, batch_first=True))
        >>> accelerate(model, sample=torch.tensor([[1, 2, 3]])).swapped
        ('1',)
        >>> restore(model)
        ('1',)
    """
    require_range("tolerance", tolerance, at_least=0)
    before = None if sample is None else observe(model, sample)
    swapped: dict[str, nn.Module] = {}
    left_alone: dict[str, str] = {}
    try:
        for name, module in model.named_modules():
            if is_recurrent(module):
                reason = reason_to_leave_alone(module) or swap(module)
                if reason is None:
                    swapped[name] = module
                else:
                    left_alone[name] = reason
        if before is not None:
            _require_agreement(before, observe(model, sample), tolerance)
    except BaseException:
        for module in swapped.values():
            swap_back(module)
        raise
    return Acceleration(tuple(swapped), left_alone)


def restore(model: nn.Module) -> tuple[str, ...]:
    """Undo `accelerate`: every layer inside `model` gets the class it had.

    Returns:
        The names of the layers that changed, as `torch.nn.Module.named_modules` has them.
    """
    return tuple(name for name, module in model.named_modules() if swap_back(module))


def swap(module: nn.Module) -> str | None:
    """Give a layer its accelerated class; else say what Python had against it."""
    try:
        module.__class__ = accelerated_class(type(module))
    except TypeError as error:
        return f"its class cannot be extended: {error}"
    return None


def swap_back(module: nn.Module) -> bool:
    """Give a layer the class it had before `swap`; says whether there was one."""
    original = original_class(type(module))
    if original is not None:
        module.__class__ = original
    return original is not None


def _require_agreement(
    before: list[Observation], after: list[Observation], tolerance: float
) -> None:
    found = disagreement(before, after, tolerance)
    if found is not None:
        raise RunError(
            f"accelerate: outputs of {found.name} for the sample differ from torch's by up to "
            f"{found.difference:.3g}, more than the tolerance {tolerance:g} allows; "
            "the model is as it was"
        )
