"""Which parameters learn, from when on, and how fast: for a model whose lower parts know something.

What was learned before would be lost if random upper layers sent their first gradients through it.
So the parts of a model, from the output down, begin to learn an epoch after each other, and each
learns more slowly than the one above it.

Source: Howard & Ruder 2018 (ULMFiT), sections 3.2 and 3.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vartai.errors import OptionError


@dataclass(frozen=True)
class Unfreezing:
    """Parts of a model in the order in which they begin to learn.

    Args:
        parts: beginnings of parameter names, part by part, the part nearest to the output first.
            What belongs to none learns from the first epoch at the full rate.
        slower: how much each part's rate is below that of the part before it, at least 1.
        gradual: each part begins one epoch after the one before it; else all begin at once.

    Example:
        >>> schedule = Unfreezing((("output",), ("encoder",)), slower=2.0, gradual=True)
        >>> schedule.factor("encoder.bias"), schedule.learns("encoder.bias", epoch=0)
        (0.5, False)
    """

    parts: tuple[tuple[str, ...], ...] = ()
    slower: float = 1.0
    gradual: bool = False

    def __post_init__(self) -> None:
        if not self.slower >= 1.0:
            raise OptionError(f"slower must be at least 1, was {self.slower}")

    def factor(self, name: str) -> float:
        """What the learning rate of this parameter is multiplied by."""
        return 1.0 / math.pow(self.slower, self._depth(name))

    def learns(self, name: str, epoch: int) -> bool:
        """Whether this parameter learns in this epoch, from 0."""
        return not self.gradual or epoch >= self._depth(name)

    def _depth(self, name: str) -> int:
        for depth, beginnings in enumerate(self.parts):
            if name.startswith(beginnings):
                return depth
        return 0


ALL_AT_ONCE = Unfreezing()
