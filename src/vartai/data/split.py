"""Dividing examples into training, validation and test parts.

Each part gets its share of every label, and the same text never stands on two sides: a text that
was trained on would make a test too easy. Where a text goes depends on nothing but the text, its
label, the seed and the other texts of that label; not on the order of the file.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeVar

from vartai.data.duplicates import fold_text
from vartai.data.examples import Examples
from vartai.errors import InputError, OptionError

Part = TypeVar("Part")


def split_examples(examples: Examples, *, fractions: Sequence[float], seed: int) -> list[Examples]:
    """Split by label, keeping rows of the same text together.

    Texts are the same if they differ in case and white space only (`fold_text`). A text that
    occurs with different labels counts for the one that sorts first. Labels with very few texts go
    to the largest shares. Within each part the rows keep their order.

    Args:
        examples: the rows, labelled or not.
        fractions: the share of rows of each part; positive, summing to 1.
        seed: another seed gives another split.

    Returns:
        One `Examples` for each fraction.

    Raises:
        OptionError: the fractions are not positive or do not sum to 1.
        InputError: there are too few different texts to put one in every part.
    """
    if not fractions or min(fractions) <= 0 or not math.isclose(sum(fractions), 1, abs_tol=1e-6):
        raise OptionError(
            f"fractions of a split must be positive and sum to 1, were {tuple(fractions)}"
        )
    ends = list(accumulate(fractions))[:-1]
    parts: list[list[int]] = [[] for _ in fractions]
    for groups in _strata(examples, seed):
        rows = sum(map(len, groups))
        before = 0
        for group in groups:
            middle = (before + len(group) / 2) / rows
            parts[bisect_right(ends, middle)] += group
            before += len(group)
    if not all(parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise InputError(
            f"expected enough different texts to split {len(examples):,} rows by "
            f"{tuple(fractions)}, found parts of {sizes} rows",
            file=examples.file,
        )
    return [examples.take(sorted(part)) for part in parts]


def fill_parts(
    table: Part,
    given: Sequence[Part | None],
    *,
    shares: tuple[float, float],
    split: Callable[[list[float]], Sequence[Part]],
) -> tuple[Part, Part, Part]:
    """Parts to learn from, to choose by and to be judged by: what is not given is split off.

    Args:
        table: what everything else comes from.
        given: the latter two, if there are any.
        shares: of the table that they take where they are not given.
        split: divides the table by these fractions.
    """
    wanted = [share for share, own in zip(shares, given, strict=True) if own is None]
    parts = iter(split([1 - sum(wanted), *wanted]) if wanted else [table])
    train = next(parts)
    valid, test = (next(parts) if own is None else own for own in given)
    return train, valid, test


def _strata(examples: Examples, seed: int) -> list[list[list[int]]]:
    """For each label the groups of places that share a text, in an order drawn by the seed."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(examples.texts):
        groups[fold_text(text)].append(place)
    strata: defaultdict[tuple[str, ...], list[tuple[bytes, list[int]]]] = defaultdict(list)
    for text, places in groups.items():
        labels = min(tuple(sorted(examples.labels[at])) for at in places) if examples.labels else ()
        strata[labels].append((_draw(text, seed), places))
    return [[places for _, places in sorted(stratum)] for stratum in strata.values()]


def _draw(text: str, seed: int) -> bytes:
    """A number that looks random: the same for a text and seed on every machine."""
    return hashlib.blake2b(f"{seed}\0{text}".encode(), digest_size=16).digest()
