"""How a corpus is searched for states: everything that can be chosen, with the defaults, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vartai.errors import OptionError, require_range, unknown_name

METRICS: Final = ("cosine", "euclidean")
COMPARE: Final = ("end", "mean")


@dataclass(frozen=True, kw_only=True)
class FindOptions:
    """How a corpus is searched.

    Attributes:
        layer: whose states: l0, l1, l0_reverse, …; the topmost layer, forwards, if not given.
        part: hidden, cell or a gate.
        metric: cosine (direction alone) or euclidean.
        compare: the state at the end of the stretch, or its mean over the stretch.
        top: hits that are kept.
        threshold: match: a unit is on above it.
        tokens: match: shortest run of tokens through which the units are on.
    """

    layer: str | None = None
    part: str = "hidden"
    metric: str = "cosine"
    compare: str = "end"
    top: int = 10
    threshold: float = 0.3
    tokens: int = 2

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown_name("metric", self.metric, METRICS)
        if self.compare not in COMPARE:
            raise unknown_name("way to compare", self.compare, COMPARE)
        require_range("top", self.top, at_least=1)
        require_range("tokens", self.tokens, at_least=1)
        if self.top > 10_000:
            raise OptionError(f"top must be at most 10000, was {self.top}")
