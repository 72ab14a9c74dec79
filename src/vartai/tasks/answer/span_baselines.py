"""What a reader of passages must beat: the commonest answer, and words in common near a span.

* ``majority``: always the commonest answer of the training questions, or none if that is commonest.
* ``word_overlap``: the short run of words, not in the question and without marks, that stands
  nearest to the question's rarest words: the sum, over the passage's tokens within a window, of the
  weight of those that the question holds, divided by their distance. A simple form of the sliding
  window of Richardson et al. 2013, "MCTest", which Rajpurkar et al. 2016 compare with, too. It
  always answers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from vartai.data.questions.question import Question, Questions

_TOKEN = re.compile(r"\w+|[^\w\s]")
_WINDOW = 10
_LONGEST_RUN = 4


def majority_answers(train: Questions, test: Questions) -> list[str | None]:
    """The commonest answer, for every question."""
    counts = Counter(item.answers[0].text if item.answers else None for item in train.items)
    [(answer, _)] = counts.most_common(1)
    return [answer] * len(test)


def overlap_answers(train: Questions, test: Questions) -> list[str | None]:
    """The run of words nearest to the question's words, rare ones first of all."""
    weights = _weights(train.items)
    return [_nearest_run(item, weights) for item in test.items]


def _weights(questions: Sequence[Question]) -> dict[str, float]:
    """How rare each word is among the contexts."""
    contexts = list(dict.fromkeys(item.context for item in questions))
    counts = Counter(word for text in contexts for word in {*_words(text)})
    return {word: math.log(1 + len(contexts) / times) for word, times in counts.items()}


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in _TOKEN.finditer(text)]


def _nearest_run(item: Question, weights: dict[str, float]) -> str | None:
    tokens = list(_TOKEN.finditer(item.context))
    words = [token.group().lower() for token in tokens]
    asked = {*_words(item.text)}
    rare = max(weights.values(), default=1.0)
    hits = [
        (place, weights.get(word, rare))
        for place, word in enumerate(words)
        if word in asked and word[0].isalnum()
    ]
    near = [0.0] * len(words)
    for place, weight in hits:
        for at in range(max(0, place - _WINDOW), min(len(words), place + _WINDOW + 1)):
            if at != place:
                near[at] += weight / abs(at - place)
    free = [word not in asked and word[0].isalnum() for word in words]
    best = max(
        (place for place in range(len(words)) if free[place]),
        key=lambda place: near[place],
        default=None,
    )
    if best is None:
        return None
    first = last = best
    while last - first + 1 < _LONGEST_RUN and last + 1 < len(words) and free[last + 1]:
        last += 1
    return item.context[tokens[first].start() : tokens[last].end()]
