"""Words of the generated corpus: stems and the endings that gender, number and case give them."""

from __future__ import annotations

from typing import NamedTuple

NUMBERS = ("Sing", "Plur")


class Noun(NamedTuple):
    """A Lithuanian noun: its nominative singular and plural, and its gender."""

    singular: str
    plural: str
    gender: str

    def form(self, number: str) -> str:
        """The nominative."""
        return self.singular if number == "Sing" else self.plural


NOUNS = (
    Noun("namas", "namai", "Masc"),
    Noun("miestas", "miestai", "Masc"),
    Noun("stalas", "stalai", "Masc"),
    Noun("draugas", "draugai", "Masc"),
    Noun("kelias", "keliai", "Masc"),
    Noun("medis", "medžiai", "Masc"),
    Noun("brolis", "broliai", "Masc"),
    Noun("sūnus", "sūnūs", "Masc"),
    Noun("vanduo", "vandenys", "Masc"),
    Noun("šuo", "šunys", "Masc"),
    Noun("knyga", "knygos", "Fem"),
    Noun("upė", "upės", "Fem"),
    Noun("gatvė", "gatvės", "Fem"),
    Noun("draugė", "draugės", "Fem"),
    Noun("mokykla", "mokyklos", "Fem"),
    Noun("daina", "dainos", "Fem"),
    Noun("sesuo", "seserys", "Fem"),
    Noun("naktis", "naktys", "Fem"),
    Noun("pilis", "pilys", "Fem"),
    Noun("diena", "dienos", "Fem"),
)

ADJECTIVES = ("ger", "nauj", "sen", "jaun", "balt", "juod", "aukšt", "šalt", "šilt", "ilg")
"""Stems; `ADJECTIVE_ENDINGS` makes words of them."""

ADJECTIVE_ENDINGS = {
    ("Masc", "Sing"): "as",
    ("Masc", "Plur"): "i",
    ("Fem", "Sing"): "a",
    ("Fem", "Plur"): "os",
}

# They look alike whatever they stand with: only the far noun tells their gender and number.
INDECLINABLE = ("bordo", "ruda-balta-melanž", "chaki", "beež")

ADVERBS = ("labai", "visada", "šiandien", "dažnai", "vakar", "tikrai", "beveik", "gana")
VERBS = ("yra", "buvo", "bus", "atrodo", "liko")
PLACES = (
    ("prie", "jūros"),
    ("be", "žodžių"),
    ("po", "lietaus"),
    ("iš", "toli"),
    ("nuo", "ryto"),
    ("už", "kalno"),
)
