"""How the next token is chosen: the options of everything that writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vartai.decoding.transforms import (
    Ban,
    NoRepeat,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
    Transform,
)
from vartai.errors import require_range


@dataclass(frozen=True, kw_only=True)
class SamplingOptions:
    """Choosing the next token.

    Attributes:
        temperature: 0 always takes the likeliest token; 1 follows the model; above 1 rarer ones.
        top_k: choose among the so many likeliest only.
        top_p: choose among the fewest likeliest that have this share of the probability.
        repetition_penalty: makes tokens of the last repetition_window less likely; 1 does not.
        repetition_window: tokens that the penalty looks back on.
        no_repeat: never write so many tokens in a row a second time.
        seed: decides every draw.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0
    repetition_window: int = 64
    no_repeat: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        require_range("seed", self.seed, at_least=0)
        build_transforms(self, banned=())


def build_transforms(options: SamplingOptions, *, banned: Sequence[int]) -> list[Transform]:
    """The transforms that options ask for, in the order in which they make sense.

    Args:
        options: of the caller.
        banned: tokens that are never chosen.

    Raises:
        OptionError: an option is out of bounds.
    """
    found: list[Transform] = [Ban(banned)] if banned else []
    if options.no_repeat is not None:
        found.append(NoRepeat(options.no_repeat))
    penalty = RepetitionPenalty(options.repetition_penalty, window=options.repetition_window)
    if penalty.penalty != 1:
        found.append(penalty)
    temperature = Temperature(options.temperature)
    if temperature.temperature != 1:
        found.append(temperature)
    if options.top_k is not None:
        found.append(TopK(options.top_k))
    if options.top_p is not None:
        found.append(TopP(options.top_p))
    return found
