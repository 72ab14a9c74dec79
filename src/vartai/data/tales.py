"""A small corpus made in code: tales of a simple grammar, some of them far-reaching.

Each tale opens with somebody who takes something, and closes with that person bringing the same
thing back, whatever stands between. Counting the last few characters cannot know it; a state can.
"""

from __future__ import annotations

import numpy as np

PEOPLE = ("Ona", "Jonas", "Žilvinas", "Eglė", "Мария", "李雷", "ليلى")
THINGS = ("a key", "a lamp", "a boat", "a ring", "a 🎈")
PLACES = ("the gate", "the river", "the hill", "the mill")
_MIDDLES = (
    "It rained. ",
    "The wind was cold. ",
    "A dog barked at {place}. ",
    "Nobody was at {place}. ",
    "Night fell. ",
)


def write_tales(count: int, *, seed: int) -> list[str]:
    """So many tales, a line each.

    Example:
        >>> write_tales(1, seed=1)[0].split(" took ")[0] in PEOPLE
        True
    """
    drawn = np.random.default_rng(seed)

    def pick(choices: tuple[str, ...]) -> str:
        return choices[int(drawn.integers(len(choices)))]

    tales = []
    for _ in range(count):
        person, thing, place = pick(PEOPLE), pick(THINGS), pick(PLACES)
        middle = "".join(
            pick(_MIDDLES).format(place=pick(PLACES)) for _ in range(int(drawn.integers(1, 4)))
        )
        tales.append(f"{person} took {thing} to {place}. {middle}{person} brought {thing} back.\n")
    return tales
