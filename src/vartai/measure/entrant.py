"""Whoever does the work of a case: what is timed, and what came out, to compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

# By name: outputs [N, H·directions], hidden and cell [layers·directions, B, H], and gradients.
Results = dict[str, Tensor]
# Outputs in the entrant's own layout, and the final state: nothing where it is not comparable.
Forward = Callable[[Tensor], tuple[Tensor, tuple[Tensor, ...]]]


class Entrant(Protocol):
    """One way to do the work."""

    def run(self) -> object:
        """Do it, once; this is timed."""

    def results(self) -> Results:
        """Do it, and give what came out in the one form that all share."""


@dataclass(frozen=True)
class Together:
    """A layer run by torch's autograd, in inference mode or forth and back.

    Args:
        forward: runs it on `inputs`.
        inputs: in the entrant's own layout.
        rows: from that layout, ``[…, D or H·directions]``, to rows of sequences ``[N, …]``.
        gradient: of outputs, in the layout; None for inference.
        parameters: to form gradients of, by torch's names.
    """

    forward: Forward
    inputs: Tensor
    rows: Callable[[Tensor], Tensor]
    gradient: Tensor | None = None
    parameters: Mapping[str, Tensor] = field(default_factory=dict)

    def run(self) -> object:
        """Forward without a tape, or forward and all gradients."""
        if self.gradient is None:
            with torch.inference_mode():
                return self.forward(self.inputs)
        outputs, _ = self.forward(self.inputs)
        return torch.autograd.grad(outputs, self._leaves(), self.gradient)

    def results(self) -> Results:
        """Outputs, final state, and gradients in training."""
        outputs, state = self.forward(self.inputs)
        found = {"outputs": self.rows(outputs.detach())}
        found |= {n: s.detach() for n, s in zip(("hidden", "cell"), state, strict=False)}
        if self.gradient is not None:
            d_inputs, *d_parameters = torch.autograd.grad(outputs, self._leaves(), self.gradient)
            found["gradient of inputs"] = self.rows(d_inputs)
            for name, gradient in zip(self.parameters, d_parameters, strict=True):
                found[f"gradient of {name}"] = gradient
        return found

    def _leaves(self) -> list[Tensor]:
        return [self.inputs, *self.parameters.values()]


@dataclass(frozen=True)
class Alone:
    """Work whose results are not compared: nobody else computes the same, or there are none."""

    work: Callable[[], object]

    def run(self) -> object:
        """Do it."""
        return self.work()

    def results(self) -> Results:
        """Nothing."""
        return {}
