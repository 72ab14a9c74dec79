"""Labels that mean nothing but are otherwise like the true ones: what chance would have found.

Words of a sentence are no independent draws: neighbours have like states and like labels. So labels
are not shuffled word by word. They are lifted off the tokens sentence by sentence, the sentences'
rows of labels are put in another order, and the whole is laid down again: every row of labels stays
together, the number of each value stays, only the link to the states is gone. Where one value is
carried to several tokens, these are one stretch and get one value here too: their states have as
much in common as their true labels have.

A harder test asks whether a unit knows *this* property of words or just words: every word is given
the label of some other word, the same at all its occurrences (the control task of Hewitt & Liang
2019, "Designing and interpreting probes with control tasks", for single units).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shuffler = Callable[[np.random.Generator], Ints]


def by_sentence(codes: Ints, texts: Ints, stretches: Ints | None = None) -> Shuffler:
    """Shuffles the rows of labels of whole texts.

    Args:
        codes: ``[N]``. Labels.
        texts: ``[N]``. Which text each is of, in order.
        stretches: ``[N]``. Neighbours in a text that have the same number here and the same label
            are labelled as one; every token by itself if not given.
    """
    begins = np.ones(len(codes), dtype=bool)
    if stretches is not None:
        for of in (codes, texts, stretches):
            begins[1:] &= of[1:] == of[:-1]
        begins[1:] = ~begins[1:]
    at = np.flatnonzero(begins)
    sizes = np.diff(np.append(at, len(codes)))
    rows = np.split(codes[at], np.flatnonzero(np.diff(texts[at])) + 1)

    def shuffle(random: np.random.Generator) -> Ints:
        order = random.permutation(len(rows))
        laid = np.concatenate([rows[place] for place in order])
        # Turned by a random number: else the first row would always begin a sentence.
        turned: Ints = np.roll(laid, int(random.integers(len(laid))))
        return np.repeat(turned, sizes)

    return shuffle


def by_word(codes: Ints, words: Ints) -> Shuffler:
    """Shuffles labels among words; a word with several labels counts as having its commonest.

    Args:
        codes: ``[N]``. Labels.
        words: ``[N]``. Which word each stands on.
    """
    kinds, places = np.unique(words, return_inverse=True)
    counts = np.zeros((len(kinds), int(codes.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, (places, codes), 1)
    usual = counts.argmax(1)

    def shuffle(random: np.random.Generator) -> Ints:
        drawn: Ints = random.permutation(usual)[places]
        return drawn

    return shuffle
