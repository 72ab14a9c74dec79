"""Pairs drawn at random, all different, in three parts."""

from __future__ import annotations

import random
from dataclasses import dataclass

from vartai.data.parallel import Pair, Parallel
from vartai.data.small_grammar.sentences import (
    Sentence,
    Thing,
    write_english,
    write_lithuanian,
)
from vartai.data.small_grammar.words import ADJECTIVES, NOUNS, VERBS


@dataclass(frozen=True)
class GrammarCorpus:
    """English and its Lithuanian. No pair stands in two parts."""

    train: Parallel
    valid: Parallel
    test: Parallel


def generate_grammar(*, train: int, valid: int, test: int, seed: int) -> GrammarCorpus:
    """Draw a corpus; the same seed gives the same one.

    Args:
        train: pairs to learn from.
        valid: pairs to choose the epoch by.
        test: pairs to judge by.
        seed: of the draws.

    Example:
        >>> corpus = generate_grammar(train=2, valid=1, test=1, seed=1)
        >>> corpus.train.sources[1]
        'The apple trees of the new house see the dog.'
        >>> corpus.train.targets[1]
        'Naujo namo obelys mato šunį.'
    """
    draw = random.Random(seed)
    seen: dict[str, str] = {}
    while len(seen) < train + valid + test:
        sentence = _sentence(draw)
        seen[write_english(sentence)] = write_lithuanian(sentence)
    pairs = list(seen.items())
    parts = []
    for name, size in (("train", train), ("valid", valid), ("test", test)):
        part = Parallel(name)
        for line, (source, target) in enumerate(pairs[:size], start=1):
            part.add(Pair(line, source, target))
        parts.append(part)
        del pairs[:size]
    return GrammarCorpus(*parts)


def _sentence(draw: random.Random) -> Sentence:
    return Sentence(
        subject=_thing(draw, owned=draw.random() < 0.3),
        verb=draw.choice(VERBS),
        negated=draw.random() < 0.4,
        thing=_thing(draw, owned=draw.random() < 0.3),
    )


def _thing(draw: random.Random, *, owned: bool) -> Thing:
    return Thing(
        noun=draw.choice(NOUNS),
        plural=draw.random() < 0.4,
        adjective=draw.choice(ADJECTIVES) if draw.random() < 0.4 else None,
        owner=_thing(draw, owned=False) if owned else None,
    )
