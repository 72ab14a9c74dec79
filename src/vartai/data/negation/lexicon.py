"""What a language brings to the grammar: its words, and how it puts a clause and a sentence.

A language writes a *pattern*: words, and a `Gap` wherever an opinion word stands. The two twins of
a shape are one pattern filled twice, the second time with the slots' words exchanged.

The words are dealt into `WORD_CLASSES` classes, by their place in the lists here. In training two
content words (opinion words of opposite polarity, or an opinion word and a thing it is said of or
near) stand in one sentence only if they are of different classes; in the test, only if they are of
the same one. So no such two words of a test sentence have met in training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, Protocol

from vartai.data.negation.shapes import Form, Predicate, Shape

WORD_CLASSES = 4


class Gap(NamedTuple):
    """Where an opinion word goes.

    Attributes:
        slot: 0 or 1, in order of appearance.
        position: which of the slot's words, from 0; only pairs ("both … and …") have a second.
        agreement: key into `OpinionWord`.
    """

    slot: int
    position: int
    agreement: str


Pattern = list[str | Gap]
OpinionWord = Mapping[str, str]
"""Every form of one adjective or verb, by agreement; a verb has the one key ``infinitive``."""


class Noun(NamedTuple):
    """Something that opinions are held about.

    Attributes:
        subject: as the subject of a sentence.
        object: as the object of a verb.
        negated_object: as the object of a denied verb.
    """

    subject: str
    object: str
    negated_object: str


@dataclass(frozen=True)
class Lexicon:
    """The content words of one language.

    Attributes:
        nouns: by agreement; at least two of each word class in each.
        adjectives: the positive ones, the negative ones; of equal number.
        verbs: likewise.
    """

    nouns: Mapping[str, Sequence[Noun]]
    adjectives: tuple[Sequence[OpinionWord], Sequence[OpinionWord]]
    verbs: tuple[Sequence[OpinionWord], Sequence[OpinionWord]]


@dataclass(frozen=True)
class Clause:
    """Everything that one clause says.

    Attributes:
        form: its frame and polarity.
        predicate: what kind of opinion words it holds.
        slot: which slot its gaps belong to.
        noun: what it is about.
        agreement: of the noun.
        pronoun: whether the noun has just been named, so that a pronoun does.
        filler: time and place, which decide nothing; may be empty.
    """

    form: Form
    predicate: Predicate
    slot: int
    noun: Noun
    agreement: str
    pronoun: bool = False
    filler: tuple[str, ...] = ()


class Language(Protocol):
    """The grammar of one language. Random choices are between ways of saying the same."""

    @property
    def lexicon(self) -> Lexicon:
        """Its content words."""

    def filler(self, random: Random) -> tuple[str, ...]:
        """A time, a place, both or none."""

    def opener(self, random: Random) -> tuple[str, ...]:
        """Something to begin a sentence with that decides nothing, with its comma."""

    def corrective(self, clause: Clause, shape: Shape, random: Random) -> Pattern:
        """A sentence of one clause that sets one word right by another."""

    def clause(self, clause: Clause, random: Random) -> Pattern:
        """One clause with its frame."""

    def join(self, shape: Shape, first: Pattern, second: Pattern, random: Random) -> Pattern:
        """Two clauses as the shape's structure has it."""


def choose(random: Random, phrases: Sequence[str]) -> list[str]:
    """One of the phrases, as its words."""
    return phrases[int(random.random() * len(phrases))].split()


def choose_filler(random: Random, times: Sequence[str], places: Sequence[str]) -> tuple[str, ...]:
    """A time in one case of three, a place in one of three, independently."""
    time = choose(random, times) if random.random() < 1 / 3 else []
    place = choose(random, places) if random.random() < 1 / 3 else []
    return (*time, *place)
