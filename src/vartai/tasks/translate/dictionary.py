"""A dictionary learned from pairs alone: IBM model 1 (Brown et al. 1993, section 4.1).

Which source word each target word came from is not known, but every pair of words that stand in one
pair of sentences is a candidate. Expectation and maximisation share each target word out among
the source words of its sentence by how often they were found together so far:

    share(t, s) = p(t | s) / Σ over s' in the sentence of p(t | s')
    p(t | s)    = Σ of shares(t, s) / Σ over t' of shares(t', s)

An empty source word, of which every sentence has one, takes what belongs to no word. A word is then
translated by the target word with the highest p(t | s) · p(s | t): a full stop that stands beside
every article is no article's translation, because most full stops come from full stops.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_ROUNDS = 5
_EMPTY = ""

Ids = NDArray[np.int64]


class Dictionary:
    """The likeliest word for each word.

    Args:
        words: source word, lower-cased, to target word.
    """

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words

    @classmethod
    def learn(cls, sources: Sequence[str], targets: Sequence[str]) -> Dictionary:
        """From sentences and their translations."""
        source_words, source_ids = _number([[_EMPTY, *_lower(text)] for text in sources])
        target_words, target_ids = _number([WORD.findall(text) for text in targets])
        pairs, of_token = _candidates(source_ids, target_ids, len(target_words))
        source_of_pair, target_of_pair = np.divmod(pairs, len(target_words))
        chances = _train(source_of_pair, target_of_pair, of_token)
        best: dict[int, int] = {}
        order = np.argsort(chances, kind="stable")
        for place in order.tolist():
            best[int(source_of_pair[place])] = int(target_of_pair[place])
        found = {source_words[source]: target_words[target] for source, target in best.items()}
        found.pop(_EMPTY, None)
        return cls(found)

    def translate(self, text: str) -> str:
        """Word for word, in place; a word that was never seen stays, and so does all spacing."""
        return WORD.sub(self._word, text)

    def _word(self, match: re.Match[str]) -> str:
        word = match.group()
        return self.words.get(word.lower(), word)


def _lower(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def _number(texts: Sequence[Sequence[str]]) -> tuple[list[str], list[Ids]]:
    """Distinct words, and the texts as numbers of them."""
    numbers: dict[str, int] = {}
    ids = [
        np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)
        for words in texts
    ]
    return list(numbers), ids


def _candidates(
    sources: Sequence[Ids], targets: Sequence[Ids], width: int
) -> tuple[Ids, tuple[Ids, Ids]]:
    """Distinct pairs of words that stand in one pair of sentences.

    Returns:
        Each as ``source · width + target``; and for every occurrence the pair it is of, and the
        target token it competes for.
    """
    keys, tokens, first = [], [], 0
    for source, target in zip(sources, targets, strict=True):
        keys.append((source[None, :] * width + target[:, None]).ravel())
        tokens.append(np.repeat(np.arange(first, first + len(target)), len(source)))
        first += len(target)
    pairs, of_pair = np.unique(np.concatenate(keys), return_inverse=True)
    return pairs, (of_pair.astype(np.int64), np.concatenate(tokens))


def _train(
    source_of_pair: Ids, target_of_pair: Ids, occurrences: tuple[Ids, Ids]
) -> NDArray[np.float64]:
    """``[pairs]``: p(target | source) · p(source | target) after some rounds."""
    of_pair, of_token = occurrences
    chances: NDArray[np.float64] = np.ones(len(source_of_pair))
    counts = chances
    for _ in range(_ROUNDS):
        now = chances[of_pair]
        share = now / np.bincount(of_token, now)[of_token]
        counts = np.bincount(of_pair, share, minlength=len(chances)).astype(np.float64)
        chances = counts / np.bincount(source_of_pair, counts)[source_of_pair]
    return chances * counts / np.bincount(target_of_pair, counts)[target_of_pair]
