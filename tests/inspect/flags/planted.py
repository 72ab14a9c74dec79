"""A corpus in which a flag must be carried, and a tagger that has learned to carry it.

The first word is of one of two kinds, nothing after it tells which, and the tag of the last word is
that kind: so the state must hold it all the way.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from tests.tasks.tag.sentences import made, small_config

from vartai.data.tagged.sentences import Sentences
from vartai.inspect.flags.columns import as_texts
from vartai.inspect.flags.spans import LabelledText, Span
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.task import TagTask
from vartai.training.sitting import Sitting

_FIRST = {"Fem": ("alisa", "ona", "rasa", "eglė"), "Masc": ("tomas", "jonas", "petras", "linas")}
_FILLERS = ("labai", "dažnai", "vakar", "čia", "tada", "gana")


def planted(count: int, *, seed: int) -> Sentences:
    """Sentences such as ``alisa vakar labai bordo``, tagged ``_ _ _ Fem``."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        kind = str(random.choice(list(_FIRST)))
        fillers = random.choice(_FILLERS, size=random.integers(1, 5)).tolist()
        words = [str(random.choice(_FIRST[kind])), *fillers, "bordo"]
        rows.append((" ".join(words), " ".join(["_"] * (len(words) - 1) + [kind])))
    return made(*rows)


def flagged(count: int, *, seed: int) -> list[LabelledText]:
    """The same as texts whose first word has the value."""
    texts = []
    for text in as_texts(planted(count, seed=seed)):
        (span,) = text.spans
        first = text.text.index(" ")
        texts.append(LabelledText(text.text, (Span(0, first, span.value),), text.line))
    return texts


@cache
def carrier() -> TagTask:
    """A small LSTM, read in one direction, that has learned the corpus."""
    config = small_config(
        cell="lstm",
        bidirectional=False,
        character_size=0,
        affixes=0,
        hidden_size=10,
        word_dropout=0.0,
        input_dropout=0.0,
        output_dropout=0.0,
    )
    training = replace(
        config.training, epochs=10, learning_rate=0.04, averaging=0.5, batch_size=24, warmup=5
    )
    task, _ = fit_tagger(
        replace(config, training=training),
        planted(192, seed=1),
        planted(40, seed=2),
        sitting=Sitting(),
    )
    return task
