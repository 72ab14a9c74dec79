"""How units are ranked, probed and held: everything that can be chosen, with the defaults, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vartai.errors import require_range, unknown_name

SHUFFLES: Final = ("sentences", "words")
HOLD: Final = ("mean", "on", "off", "zero")


@dataclass(frozen=True, kw_only=True)
class RankingOptions:
    """How units are ranked.

    Attributes:
        held_out: share of the texts that scores are measured on, and nothing is chosen on.
        shuffles: how often the labels are shuffled.
        shuffle: what is shuffled: the labels of whole sentences, or those of words.
        alpha: largest chance that any unit survives falsely.
        seed: decides which texts are held out and how labels are shuffled.
    """

    held_out: float = 0.5
    shuffles: int = 1000
    shuffle: str = "sentences"
    alpha: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        if self.shuffle not in SHUFFLES:
            raise unknown_name("shuffle", self.shuffle, SHUFFLES)
        require_range("held_out", self.held_out, above=0, below=1)
        require_range("alpha", self.alpha, above=0, below=1)
        require_range("shuffles", self.shuffles, at_least=1)
        require_range("seed", self.seed, at_least=0)


@dataclass(frozen=True, kw_only=True)
class CausalOptions:
    """How units are held.

    Attributes:
        hold: at their mean, at their mean over the tokens of the value (on) or over the other
            labelled ones (off), or at zero.
        draws: how often random units are drawn to compare with.
        seed: decides which.
    """

    hold: str = "mean"
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.hold not in HOLD:
            raise unknown_name("way to hold units", self.hold, HOLD)
        require_range("draws", self.draws, at_least=1)
        require_range("seed", self.seed, at_least=0)


@dataclass(frozen=True, kw_only=True)
class ProbeOptions:
    """How states are probed.

    Attributes:
        held_out: share of the texts that probes are judged on.
        strength: C of the logistic regression: larger is less regularised.
        max_tokens: at most so many labelled tokens, drawn by text, take part.
        iterations: most steps of the fit.
        seed: decides texts, tokens and the labels of the control.
    """

    held_out: float = 0.5
    strength: float = 0.1
    max_tokens: int = 20_000
    iterations: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        require_range("held_out", self.held_out, above=0, below=1)
        require_range("strength", self.strength, above=0)
        require_range("max_tokens", self.max_tokens, at_least=100)
        require_range("iterations", self.iterations, at_least=1)
        require_range("seed", self.seed, at_least=0)
