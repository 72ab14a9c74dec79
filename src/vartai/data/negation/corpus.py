"""Sentences sampled from the negation grammar, in twins, and split so that the test is new.

Every sentence stands beside its *twin*: the same words exactly, the opposite label. So whatever
looks at the words alone, in whatever way, is right about exactly half of every split.

What the test holds that training and validation never show:

* its shapes (derivations): `NegationCorpus.held_out_shapes`;
* its pairs of words: any two opinion words of opposite polarity, and any opinion word and any noun,
  that share a test sentence never share one in training (`vartai.data.negation.lexicon`).

Each word, and each part of each shape, does occur in training. The grammar is unambiguous and the
labels are its own, so the best possible accuracy is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from vartai.data.negation.sampling import Sampler, Sentence
from vartai.data.negation.shapes import SHAPES
from vartai.errors import OptionError

MINIMAL_PAIRS = 150
BEST_ACCURACY = 1.0


@dataclass(frozen=True)
class NegationCorpus:
    """A generated corpus.

    Attributes:
        train: sentences to learn from, twins not side by side.
        valid: others of the same shapes and pairs of words.
        test: sentences of shapes and with pairs of words that the others do not hold.
        minimal_pairs: more twins of the test's kind, 150 a language, the positive one first.
        best_accuracy: what a perfect reader scores.
        held_out_shapes: names of the shapes that only the test and the minimal pairs hold.
    """

    train: list[Sentence]
    valid: list[Sentence]
    test: list[Sentence]
    minimal_pairs: list[tuple[Sentence, Sentence]]
    best_accuracy: float
    held_out_shapes: frozenset[str]


def generate_corpus(*, seed: int, train: int, valid: int, test: int) -> NegationCorpus:
    """Generate a corpus, half English and half Lithuanian, without repeated sentences.

    Args:
        seed: decides everything; the same seed gives the same corpus on every machine.
        train: number of training sentences; like the next two, a positive multiple of 4 (two
            languages, two labels).
        valid: number of validation sentences.
        test: number of test sentences.

    Raises:
        OptionError: a number of sentences is not a positive multiple of 4.
    """
    for name, size in (("train", train), ("valid", valid), ("test", test)):
        if size <= 0 or size % 4:
            raise OptionError(f"{name} must be a positive multiple of 4, was {size}")
    random = Random(seed)
    seen: set[str] = set()
    seen_twins = Sampler(random, seen, held_out=False)
    new_twins = Sampler(random, seen, held_out=True)
    return NegationCorpus(
        train=_shuffled(seen_twins.pairs(train // 4), random),
        valid=_shuffled(seen_twins.pairs(valid // 4), random),
        test=_shuffled(new_twins.pairs(test // 4), random),
        minimal_pairs=new_twins.pairs(MINIMAL_PAIRS),
        best_accuracy=BEST_ACCURACY,
        held_out_shapes=frozenset(shape.name for shape in SHAPES if shape.is_held_out),
    )


def _shuffled(pairs: list[tuple[Sentence, Sentence]], random: Random) -> list[Sentence]:
    sentences = [sentence for pair in pairs for sentence in pair]
    random.shuffle(sentences)
    return sentences
