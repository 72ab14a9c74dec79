"""Holding questions out: whole articles or stories at a time; no context is on two sides."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from vartai.data.questions.question import Questions
from vartai.errors import InputError

FEWEST_GROUPS = 10
"""With fewer articles than this, passages are held out in their place."""


def split_questions(
    questions: Questions, *, fractions: Sequence[float], seed: int
) -> tuple[list[Questions], list[str]]:
    """Divide questions into parts by groups; where there are few groups, by contexts.

    Where a group goes depends on nothing but its name, the seed and the sizes of the groups.

    Args:
        questions: all there are.
        fractions: the share of questions of each part; positive, summing to 1.
        seed: another seed gives another split.

    Returns:
        One `Questions` for each fraction, in the order of the file; and what was noticed.

    Raises:
        InputError: there are too few different contexts to put one in every part.
    """
    notes: list[str] = []
    groups = _groups([item.group for item in questions.items], seed)
    if len(groups) < FEWEST_GROUPS:
        notes.append(f"Held out by context, for there are only {len(groups)} articles or stories.")
        groups = _groups([item.context for item in questions.items], seed)
    parts: list[list[int]] = [[] for _ in fractions]
    for places in groups:
        # The part that has least of its share; of equals the later, which is smaller.
        filled = [len(part) / share for share, part in zip(fractions, parts, strict=True)]
        lowest = min(filled)
        at = max(place for place, value in enumerate(filled) if value == lowest)
        parts[at] += places
    if not all(parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise InputError(
            f"expected enough different contexts to split {len(questions):,} questions by "
            f"{tuple(fractions)}, found parts of {sizes}",
            file=questions.file,
        )
    return [questions.take(sorted(part)) for part in parts], notes


def fold_groups(questions: Questions, *, folds: int, seed: int) -> list[list[int]]:
    """Places of the questions of each fold, groups kept whole; sizes as equal as groups allow."""
    parts: list[list[int]] = [[] for _ in range(folds)]
    groups = _groups([item.group for item in questions.items], seed)
    for places in sorted(groups, key=len, reverse=True):
        min(parts, key=len).extend(places)
    return [sorted(part) for part in parts]


def _groups(names: Sequence[str], seed: int) -> list[list[int]]:
    """Places that share a name, in an order drawn by the seed."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        found[name].append(place)
    drawn = {
        name: hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest() for name in found
    }
    return [found[name] for name in sorted(found, key=drawn.__getitem__)]
