"""The built-in corpus: the same for a seed, and far-reaching as it claims."""

from __future__ import annotations

from vartai.data.tales import write_tales


def test_every_tale_ends_with_who_and_what_it_began_with() -> None:
    for tale in write_tales(50, seed=3):
        person, thing = tale.split(" took ")[0], tale.split(" took ")[1].split(" to ")[0]
        assert tale.endswith(f". {person} brought {thing} back.\n")


def test_a_seed_decides_the_tales() -> None:
    assert write_tales(9, seed=1) == write_tales(9, seed=1)
    assert write_tales(9, seed=1) != write_tales(9, seed=2)
