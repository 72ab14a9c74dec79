"""The words of a text in random order: what a model knows that does not need their order."""

from __future__ import annotations

import numpy as np


def shuffle_words(text: str, random: np.random.Generator) -> str:
    """The words of a text, permuted.

    Words are what white space separates; a single blank separates them afterwards.

    Args:
        text: any text.
        random: chooses the order, each as likely as every other.

    Example:
        >>> shuffle_words("not bad , it is good", np.random.default_rng(3))
        ', good is bad it not'
    """
    words = text.split()
    return " ".join(words[place] for place in random.permutation(len(words)))
