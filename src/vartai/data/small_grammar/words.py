"""The words: of Lithuanian nouns and adjectives the forms that the sentences need.

Cases are written as in a Lithuanian school book: vardininkas (nominative), kilmininkas (genitive),
galininkas (accusative).
"""

from __future__ import annotations

from typing import NamedTuple

NOMINATIVE, GENITIVE, ACCUSATIVE = 0, 1, 2
MASCULINE, FEMININE = 0, 1


class Noun(NamedTuple):
    """English singular and plural; gender; Lithuanian cases, singular and plural."""

    one: str
    many: str
    gender: int
    singular: tuple[str, str, str]
    plural: tuple[str, str, str]


class Adjective(NamedTuple):
    """English; Lithuanian cases in the masculine and feminine, singular and plural."""

    english: str
    singular: tuple[tuple[str, str, str], tuple[str, str, str]]
    plural: tuple[tuple[str, str, str], tuple[str, str, str]]


class Verb(NamedTuple):
    """English third person singular and base form; the Lithuanian third person, both numbers."""

    one: str
    base: str
    lithuanian: str


def _as(stem: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Masculine in -as."""
    singular = (f"{stem}as", f"{stem}o", f"{stem}ą")
    return singular, (f"{stem}ai", f"{stem}ų", f"{stem}us")


def _a(stem: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Feminine in -a."""
    return (f"{stem}a", f"{stem}os", f"{stem}ą"), (f"{stem}os", f"{stem}ų", f"{stem}as")


def _e(stem: str, plural: str | None = None) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Feminine in -ė; `plural` is the softened stem of the genitive plural."""
    many = f"{plural or stem + 'i'}ų"
    return (f"{stem}ė", f"{stem}ės", f"{stem}ę"), (f"{stem}ės", many, f"{stem}es")


NOUNS = (
    Noun("man", "men", MASCULINE, *_as("vyr")),
    Noun("boy", "boys", MASCULINE, *_as("berniuk")),
    Noun("teacher", "teachers", MASCULINE, *_as("mokytoj")),
    Noun("house", "houses", MASCULINE, *_as("nam")),
    Noun("table", "tables", MASCULINE, *_as("stal")),
    Noun("son", "sons", MASCULINE, ("sūnus", "sūnaus", "sūnų"), ("sūnūs", "sūnų", "sūnus")),
    Noun("dog", "dogs", MASCULINE, ("šuo", "šuns", "šunį"), ("šunys", "šunų", "šunis")),
    Noun("bear", "bears", MASCULINE, ("lokys", "lokio", "lokį"), ("lokiai", "lokių", "lokius")),
    Noun("woman", "women", FEMININE, ("moteris", "moters", "moterį"),
         ("moterys", "moterų", "moteris")),
    Noun("daughter", "daughters", FEMININE, ("duktė", "dukters", "dukterį"),
         ("dukterys", "dukterų", "dukteris")),
    Noun("cat", "cats", FEMININE, *_e("kat", "kači")),
    Noun("girl", "girls", FEMININE, *_e("mergait", "mergaiči")),
    Noun("book", "books", FEMININE, *_a("knyg")),
    Noun("song", "songs", FEMININE, *_a("dain")),
    Noun("apple tree", "apple trees", FEMININE, ("obelis", "obels", "obelį"),
         ("obelys", "obelų", "obelis")),
    Noun("bee", "bees", FEMININE, *_e("bit", "biči")),
)  # fmt: skip


def _adjective(english: str, stem: str) -> Adjective:
    """Masculine in -as, feminine in -a."""
    singular = (f"{stem}as", f"{stem}o", f"{stem}ą"), (f"{stem}a", f"{stem}os", f"{stem}ą")
    plural = (f"{stem}i", f"{stem}ų", f"{stem}us"), (f"{stem}os", f"{stem}ų", f"{stem}as")
    return Adjective(english, singular, plural)


ADJECTIVES = (
    _adjective("new", "nauj"),
    _adjective("old", "sen"),
    _adjective("good", "ger"),
    _adjective("young", "jaun"),
    _adjective("white", "balt"),
    _adjective("black", "juod"),
    _adjective("small", "maž"),
    _adjective("happy", "laiming"),
)

VERBS = (
    Verb("sees", "see", "mato"),
    Verb("loves", "love", "myli"),
    Verb("finds", "find", "randa"),
    Verb("draws", "draw", "piešia"),
    Verb("buys", "buy", "perka"),
    Verb("remembers", "remember", "prisimena"),
    Verb("hears", "hear", "girdi"),
    Verb("carries", "carry", "neša"),
)
