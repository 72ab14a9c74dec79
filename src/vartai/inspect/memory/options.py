"""How gradients over distance are measured, with the defaults, once."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import require_range

WHOLE = 128
"""A Jacobian with at most so many rows is taken whole unless told otherwise."""

PROJECTIONS = 16
"""Random projections of a larger one."""


@dataclass(frozen=True, kw_only=True)
class MemoryOptions:
    """Measuring.

    Attributes:
        positions: of each text whose gradients are taken, spread evenly, its last one among them.
        projections: random projections of the Jacobian at each position; the whole of it if not
            given and it has at most 128 rows, 16 projections if it has more.
        distance: longest distance asked for; as far as one text in ten reaches if not given.
        seed: of the projections.
    """

    positions: int = 4
    projections: int | None = None
    distance: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        require_range("positions", self.positions, at_least=1)
        require_range("seed", self.seed, at_least=0)
        for name in ("projections", "distance"):
            if getattr(self, name) is not None:
                require_range(name, getattr(self, name), at_least=1)
