"""The little grammar: agreement, order and case as a Lithuanian would write them."""

from __future__ import annotations

from vartai.data.small_grammar import (
    Sentence,
    Thing,
    generate_grammar,
    write_english,
    write_lithuanian,
)
from vartai.data.small_grammar.words import ADJECTIVES, NOUNS, VERBS

NOUN = {noun.one: noun for noun in NOUNS}
ADJECTIVE = {adjective.english: adjective for adjective in ADJECTIVES}
VERB = {verb.base: verb for verb in VERBS}


def thing(noun: str, adjective: str = "", *, plural: bool = False, owner: str = "") -> Thing:
    return Thing(
        NOUN[noun],
        plural,
        ADJECTIVE[adjective] if adjective else None,
        thing(owner) if owner else None,
    )


def test_the_owner_comes_first_and_adjectives_agree() -> None:
    sentence = Sentence(
        thing("house", "old", owner="teacher"),
        VERB["see"],
        False,
        thing("cat", "white", plural=True),
    )
    assert write_english(sentence) == "The old house of the teacher sees the white cats."
    assert write_lithuanian(sentence) == "Mokytojo senas namas mato baltas kates."


def test_a_negated_verb_takes_the_genitive() -> None:
    sentence = Sentence(thing("girl", plural=True), VERB["love"], True, thing("book", "new"))
    assert write_english(sentence) == "The girls do not love the new book."
    assert write_lithuanian(sentence) == "Mergaitės nemyli naujos knygos."


def test_all_pairs_differ_and_a_seed_decides_them() -> None:
    corpus = generate_grammar(train=300, valid=50, test=50, seed=4)
    sources = corpus.train.sources + corpus.valid.sources + corpus.test.sources
    assert len(set(sources)) == 400
    assert generate_grammar(train=300, valid=50, test=50, seed=4) == corpus
    assert generate_grammar(train=300, valid=50, test=50, seed=5) != corpus


def test_every_form_is_spelt_out() -> None:
    for noun in NOUNS:
        assert len({*noun.singular, *noun.plural}) >= 4, noun
