"""A sentence as what it says, and the two languages' ways of saying it.

What a translator has to learn from them:

- English "the house of the teacher" is "mokytojo namas": the owner comes first, in the genitive;
- an adjective agrees with its noun in gender, number and case, which English does not show;
- the object of a verb is in the accusative, but of a negated one in the genitive, and "does not
  see" is one word, "nemato".
"""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.small_grammar.words import ACCUSATIVE, GENITIVE, NOMINATIVE, Adjective, Noun, Verb


@dataclass(frozen=True)
class Thing:
    """A noun with what belongs to it.

    Args:
        noun: what it is.
        plural: more than one.
        adjective: how it is, or None.
        owner: whose it is, or None.
    """

    noun: Noun
    plural: bool
    adjective: Adjective | None
    owner: Thing | None


@dataclass(frozen=True)
class Sentence:
    """Someone does something to something, or does not."""

    subject: Thing
    verb: Verb
    negated: bool
    thing: Thing


def write_english(sentence: Sentence) -> str:
    """The sentence in English."""
    verb, many = sentence.verb, sentence.subject.plural
    said = verb.base if many else verb.one
    if sentence.negated:
        said = f"{'do' if many else 'does'} not {verb.base}"
    return _whole(f"{_english(sentence.subject)} {said} {_english(sentence.thing)}")


def write_lithuanian(sentence: Sentence) -> str:
    """The sentence in Lithuanian."""
    case = GENITIVE if sentence.negated else ACCUSATIVE
    verb = ("ne" if sentence.negated else "") + sentence.verb.lithuanian
    subject = _lithuanian(sentence.subject, NOMINATIVE)
    return _whole(f"{subject} {verb} {_lithuanian(sentence.thing, case)}")


def _whole(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _english(thing: Thing) -> str:
    words = ["the"]
    if thing.adjective is not None:
        words.append(thing.adjective.english)
    words.append(thing.noun.many if thing.plural else thing.noun.one)
    if thing.owner is not None:
        words += ["of", _english(thing.owner)]
    return " ".join(words)


def _lithuanian(thing: Thing, case: int) -> str:
    noun = thing.noun
    words = [] if thing.owner is None else [_lithuanian(thing.owner, GENITIVE)]
    if thing.adjective is not None:
        forms = thing.adjective.plural if thing.plural else thing.adjective.singular
        words.append(forms[noun.gender][case])
    words.append((noun.plural if thing.plural else noun.singular)[case])
    return " ".join(words)
