"""Whether an answer is right, by the rules of SQuAD's own evaluation.

Both answers are lower-cased; punctuation (ASCII), then the articles *a*, *an*, *the* are taken out,
and white space becomes one blank. *Exact match* asks whether the same is left; *F1* is that of the
words, counted as often as they stand. Of several right answers the best counts. No answer is right
if there is none, and only then.

Source: `evaluate-v2.0.py` of the SQuAD data set (Rajpurkar et al. 2018), whose numbers for one
right answer are those of version 1.1.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise_answer(text: str) -> str:
    """What two answers have in common if they are the same.

    >>> normalise_answer(" The  U.S.A.")
    'usa'
    """
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str | None, right: Sequence[str]) -> float:
    """1 if the answer is one of the right ones, else 0.

    Args:
        answer: None for no answer.
        right: right answers; none where there is no answer.
    """
    given = normalise_answer(answer or "")
    return float(any(given == normalise_answer(each) for each in _known(right)))


def f1_score(answer: str | None, right: Sequence[str]) -> float:
    """F1 of the words, against the right answer that is nearest.

    >>> f1_score("the red fox", ["fox"])
    0.6666666666666666
    """
    given = normalise_answer(answer or "").split()
    return max(_f1(given, normalise_answer(each).split()) for each in _known(right))


def _known(right: Sequence[str]) -> Sequence[str]:
    """The right answers of which something is left; no answer where nothing is."""
    return [each for each in right if normalise_answer(each)] or [""]


def _f1(given: list[str], wanted: list[str]) -> float:
    if not given or not wanted:
        return float(given == wanted)
    common = (Counter(given) & Counter(wanted)).total()
    if common == 0:
        return 0.0
    precision, recall = common / len(given), common / len(wanted)
    return 2 * precision * recall / (precision + recall)
