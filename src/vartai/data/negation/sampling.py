"""Drawing twins: one pattern of words, filled in both ways round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeVar

from vartai.data.negation.english import English
from vartai.data.negation.lexicon import (
    WORD_CLASSES,
    Clause,
    Gap,
    Language,
    Noun,
    OpinionWord,
    Pattern,
)
from vartai.data.negation.lithuanian import Lithuanian
from vartai.data.negation.shapes import SHAPES, STRUCTURES, Shape

Label = Literal["positive", "negative"]
LanguageCode = Literal["en", "lt"]
Item = TypeVar("Item")

LANGUAGES: Mapping[LanguageCode, Language] = {"en": English(), "lt": Lithuanian()}
LONGEST = 25


@dataclass(frozen=True)
class Sentence:
    """One labelled sentence.

    Attributes:
        text: its words with a blank between each two; punctuation marks are words.
        label: what it says in the end.
        language: code of its language.
        shape: name of its derivation, `Shape.name`.
        words: the words of `text`.
    """

    text: str
    label: Label
    language: LanguageCode
    shape: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Deal:
    """Which class the nouns, the positive and the negative words of one sentence come from."""

    nouns: int
    positive: int
    negative: int


class Sampler:
    """Draws twins, either of the held-out kind or of the kind that training may hold.

    Args:
        random: where every choice comes from.
        seen: texts drawn so far; shared between samplers, so that none is drawn twice.
        held_out: draw the held-out shapes, with words that training keeps apart.
    """

    def __init__(self, random: Random, seen: set[str], *, held_out: bool) -> None:
        self._random = random
        self._seen = seen
        self._held_out = held_out
        shapes = [shape for shape in SHAPES if shape.is_held_out == held_out]
        self._by_structure = [
            [shape for shape in shapes if shape.structure is structure] for structure in STRUCTURES
        ]

    def pairs(self, count: int) -> list[tuple[Sentence, Sentence]]:
        """`count` new twins in each language, the positive sentence first in each."""
        return [twins for code in LANGUAGES for twins in self.pairs_of(code, count)]

    def pairs_of(self, code: LanguageCode, count: int) -> list[tuple[Sentence, Sentence]]:
        """`count` new twins in one language, the positive sentence first in each."""
        twins: list[tuple[Sentence, Sentence]] = []
        while len(twins) < count:
            # Every structure is as frequent as every other, however many shapes it has.
            positive, negative = self._twins(self._pick(self._pick(self._by_structure)), code)
            if positive.text not in self._seen and len(positive.words) <= LONGEST:
                self._seen |= {positive.text, negative.text}
                twins.append((positive, negative))
        return twins

    def _twins(self, shape: Shape, code: LanguageCode) -> tuple[Sentence, Sentence]:
        language, deal = LANGUAGES[code], self._deal()
        pattern = self._pattern(shape, language, deal)
        lexicon = language.lexicon
        positive, negative = lexicon.verbs if shape.predicate == "verb" else lexicon.adjectives
        words = (
            self._random.sample(positive[deal.positive :: WORD_CLASSES], 2),
            self._random.sample(negative[deal.negative :: WORD_CLASSES], 2),
        )
        if shape.label_sign(1) < 0:
            words = (words[1], words[0])
        return (
            _sentence(fill(pattern, words), "positive", shape, code),
            _sentence(fill(pattern, (words[1], words[0])), "negative", shape, code),
        )

    def _deal(self) -> Deal:
        if self._held_out:
            same = self._random.randrange(WORD_CLASSES)
            return Deal(same, same, same)
        return Deal(*self._random.sample(range(WORD_CLASSES), 3))

    def _pattern(self, shape: Shape, language: Language, deal: Deal) -> Pattern:
        random = self._random
        agreement = self._pick(tuple(language.lexicon.nouns))
        nouns: Sequence[Noun] = language.lexicon.nouns[agreement][deal.nouns :: WORD_CLASSES]
        one, other = random.sample(nouns, 2)
        opens = shape.first.frame == "none" and random.random() < 1 / 4
        opener: Pattern = [*language.opener(random)] if opens else []
        filler = () if shape.predicate == "bare" else language.filler(random)
        first = Clause(shape.first, shape.predicate, 0, one, agreement, filler=filler)
        if shape.second is None:
            return opener + language.corrective(first, shape, random)
        same = shape.structure.one_subject
        second = Clause(shape.second, shape.predicate, 1, other, agreement, pronoun=same)
        clauses = language.clause(first, random), language.clause(second, random)
        return opener + language.join(shape, *clauses, random)

    def _pick(self, items: Sequence[Item]) -> Item:
        return items[int(self._random.random() * len(items))]


def fill(pattern: Pattern, words: tuple[list[OpinionWord], list[OpinionWord]]) -> tuple[str, ...]:
    """The words of a pattern with opinion words, those of each slot, in its gaps."""
    return tuple(
        words[part.slot][part.position][part.agreement] if isinstance(part, Gap) else part
        for part in pattern
    )


def _sentence(words: tuple[str, ...], label: Label, shape: Shape, code: LanguageCode) -> Sentence:
    return Sentence(" ".join(words), label, code, shape.name, words)
