"""Lithuanian sentences in which an adjective agrees with a noun that may stand far before it.

    Senas namas prie jūros po lietaus buvo labai bordo .

The gender of ``bordo`` shows in no ending: it is that of ``namas``, words away, and other nouns lie
between. Most nouns and adjectives tell gender and number by their endings, some do not (``naktis``
is feminine, ``medis`` masculine). Test sentences have nouns that training never shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vartai.data.agreement.lexicon import (
    ADJECTIVE_ENDINGS,
    ADJECTIVES,
    ADVERBS,
    INDECLINABLE,
    NOUNS,
    NUMBERS,
    PLACES,
    VERBS,
    Noun,
)
from vartai.data.tagged.blocks import Sentence

_MOST_PLACES = 3


@dataclass(frozen=True)
class Word:
    """One word: its form, its part of speech, and its gender and number, empty if it has none."""

    form: str
    upos: str
    gender: str = ""
    number: str = ""

    @property
    def features(self) -> str:
        """As CoNLL-U has them."""
        if not self.gender:
            return "_"
        return f"Gender={self.gender}|Number={self.number}"


def generate_agreement(sentences: int, *, seed: int, held_out: bool = False) -> list[list[Word]]:
    """Sentences drawn at random.

    Args:
        sentences: how many.
        seed: decides everything.
        held_out: half of the subjects are nouns that the others never have.

    Example:
        >>> [word.form for word in generate_agreement(1, seed=1)[0]][-1]
        '.'
    """
    random = np.random.default_rng([seed, int(held_out)])
    return [_sentence(random, held_out=held_out) for _ in range(sentences)]


def as_sentences(words: Iterable[list[Word]], *, tag: str) -> list[Sentence]:
    """The same as a reader gives them, with ``gender``, ``number`` or ``upos`` as the tag."""
    return [
        Sentence(
            line=line,
            words=tuple(word.form for word in sentence),
            tags=tuple(getattr(word, tag) or "_" for word in sentence),
            inputs=(),
        )
        for line, sentence in enumerate(words, start=1)
    ]


def write_conllu(sentences: Iterable[list[Word]]) -> str:
    """The sentences as CoNLL-U."""
    return "".join(
        line for number, each in enumerate(sentences, 1) for line in _lines(number, each)
    )


def _lines(number: int, sentence: list[Word]) -> Iterator[str]:
    yield f"# sent_id = {number}\n"
    for place, word in enumerate(sentence, start=1):
        fields = [str(place), word.form, "_", word.upos, "_", word.features, *"____"]
        yield "\t".join(fields) + "\n"
    yield "\n"


def _sentence(random: np.random.Generator, *, held_out: bool) -> list[Word]:
    noun = _noun(random, held_out=held_out and random.random() < 0.5)
    number = str(random.choice(NUMBERS))
    words = []
    if random.random() < 0.5:
        words.append(_adjective(random, noun, number))
    words.append(Word(noun.form(number), "NOUN", noun.gender, number))
    for place in random.permutation(len(PLACES))[: random.integers(0, _MOST_PLACES + 1)]:
        preposition, other = PLACES[place]
        words += [Word(preposition, "ADP"), Word(other, "NOUN")]
    words.append(Word(str(random.choice(VERBS)), "VERB"))
    if random.random() < 0.5:
        words.append(Word(str(random.choice(ADVERBS)), "ADV"))
    if random.random() < 0.5:
        words.append(_adjective(random, noun, number))
    else:
        words.append(Word(str(random.choice(INDECLINABLE)), "ADJ", noun.gender, number))
    first = words[0]
    words[0] = Word(first.form.capitalize(), first.upos, first.gender, first.number)
    return [*words, Word(".", "PUNCT")]


def _noun(random: np.random.Generator, *, held_out: bool) -> Noun:
    kept = [noun for place, noun in enumerate(NOUNS) if (place % 5 == 3) == held_out]
    return kept[random.integers(len(kept))]


def _adjective(random: np.random.Generator, noun: Noun, number: str) -> Word:
    stem = str(random.choice(ADJECTIVES))
    return Word(stem + ADJECTIVE_ENDINGS[noun.gender, number], "ADJ", noun.gender, number)
