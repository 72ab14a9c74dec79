"""The Lithuanian half of the negation grammar, in lower case, punctuation set apart.

Adjectives agree with their noun in gender and number; the object of a denied verb stands in the
genitive. Negation is a word of its own where two words are contrasted ("ne blogas , o geras"), a
prefix of the verb elsewhere ("nebuvo", "neturėjo"), and part of the lexicon in "neblogas" (decent)
and "negeras" (poor): words in their own right, which can be denied again.
"""

from __future__ import annotations

from random import Random

from vartai.data.negation.lexicon import (
    Clause,
    Gap,
    Lexicon,
    Noun,
    OpinionWord,
    Pattern,
    choose,
    choose_filler,
)
from vartai.data.negation.shapes import Frame, Polarity, Shape

MASCULINE = """filmas filmą filmo, romanas romaną romano, koncertas koncertą koncerto,
    spektaklis spektaklį spektaklio, viešbutis viešbutį viešbučio, kambarys kambarį kambario,
    vaizdas vaizdą vaizdo, pyragas pyragą pyrago"""
FEMININE = """knyga knygą knygos, daina dainą dainos, istorija istoriją istorijos,
    sriuba sriubą sriubos, kava kavą kavos, muzika muziką muzikos, paroda parodą parodos,
    pabaiga pabaigą pabaigos"""
MASCULINE_PLURAL = """aktoriai aktorius aktorių, pietūs pietus pietų,
    pusryčiai pusryčius pusryčių, kostiumai kostiumus kostiumų, gėrimai gėrimus gėrimų,
    paveikslai paveikslus paveikslų, eilėraščiai eilėraščius eilėraščių,
    dialogai dialogus dialogų"""
FEMININE_PLURAL = """nuotraukos nuotraukas nuotraukų, šventės šventes švenčių,
    novelės noveles novelių, paskaitos paskaitas paskaitų, pamokos pamokas pamokų,
    iliustracijos iliustracijas iliustracijų, bandelės bandeles bandelių,
    ekskursijos ekskursijas ekskursijų"""
POSITIVE = """geras puikus nuostabus žavus įdomus malonus gražus smagus
    įspūdingas šaunus tobulas kokybiškas patrauklus vertingas originalus neblogas"""
NEGATIVE = """blogas prastas baisus siaubingas nuobodus bjaurus silpnas nykus
    klaikus banalus varganas apgailėtinas šlykštus beviltiškas menkas negeras"""
PRAISING = "girti liaupsinti mėgti šlovinti rekomenduoti branginti aukštinti dievinti"
BLAMING = "peikti kritikuoti smerkti niekinti koneveikti plūsti menkinti keikti"

OWNERS = ("", "", "jų", "mūsų", "jūsų")
PEOPLE = ("svečiai", "kritikai", "lankytojai", "žmonės", "daugelis žmonių")
TIMES = ("vakar", "pernai", "praėjusią savaitę", "tą vakarą", "šį kartą")
PLACES = ("čia", "vilniuje", "londone", "mūsų mieste", "prie jūros")
OPENERS = ("mano nuomone ,", "tiesą sakant ,", "trumpai tariant ,", "atvirai kalbant ,", "na ,")

FRAMES: dict[Frame, tuple[str, ...]] = {
    "none": ("",),
    "denied": ("netiesa , kad", "nemanau , kad", "niekas nepasakytų , kad"),
    "sure": ("nėra abejonės , kad", "neabejoju , kad", "aišku , kad"),
}
COPULAS: dict[Polarity, tuple[str, ...]] = {
    "plain": ("buvo",),
    "strong": ("tikrai buvo", "iš tiesų buvo", "išties buvo"),
    "not": ("nebuvo",),
    "not-at-all": ("visai nebuvo", "anaiptol nebuvo", "toli gražu nebuvo", "nė kiek nebuvo"),
    "both": ("buvo ir",),
    "neither": ("nebuvo nei",),
}
REASONS: dict[Polarity, tuple[str, ...]] = {
    "plain": ("turėjo pagrindo",),
    "strong": ("tikrai turėjo pagrindo", "iš tiesų turėjo pagrindo"),
    "not": ("neturėjo pagrindo",),
    "not-at-all": ("neturėjo jokio pagrindo", "visai neturėjo pagrindo"),
}
CONNECTIVES = {
    "but": ("bet", "tačiau"),
    "although-first": ("nors", "nors ir"),
    "although-last": ("nors",),
    "and": ("ir", "be to ,"),
}
FIRST_THOUGHT = ("atrodė , kad", "manėme , kad", "iš pradžių manėme , kad")
THEN_FOUND = ("bet paaiškėjo , kad", "bet paskui pamatėme , kad", "o pasirodė , kad")
SUBJECT_PRONOUNS = {"ms": "jis", "fs": "ji", "mp": "jie", "fp": "jos"}
OBJECT_PRONOUNS = {"ms": "jį", "fs": "ją", "mp": "juos", "fp": "jas"}
NEGATED_PRONOUNS = {"ms": "jo", "fs": "jos", "mp": "jų", "fp": "jų"}
ENDINGS = {"as": ("as", "a", "i", "os"), "us": ("us", "i", "ūs", "ios")}
SOFTENED = {"t": "č", "d": "dž"}


def decline_adjective(word: str) -> OpinionWord:
    """Nominative forms of an adjective in -as or -us, by agreement.

    Example:
        >>> decline_adjective("nuobodus")
        {'ms': 'nuobodus', 'fs': 'nuobodi', 'mp': 'nuobodūs', 'fp': 'nuobodžios'}
    """
    stem, ending = word[:-2], word[-2:]
    forms = {}
    for agreement, suffix in zip(("ms", "fs", "mp", "fp"), ENDINGS[ending], strict=True):
        softens = suffix == "ios" and stem[-1] in SOFTENED
        forms[agreement] = (stem[:-1] + SOFTENED[stem[-1]] if softens else stem) + suffix
    return forms


def _nouns(table: str) -> list[Noun]:
    return [Noun(*entry.split()) for entry in table.split(",")]


class Lithuanian:
    """Lithuanian: four agreements, `m` or `f` and `s` or `p`."""

    lexicon = Lexicon(
        nouns={
            "ms": _nouns(MASCULINE),
            "fs": _nouns(FEMININE),
            "mp": _nouns(MASCULINE_PLURAL),
            "fp": _nouns(FEMININE_PLURAL),
        },
        adjectives=(
            [decline_adjective(word) for word in POSITIVE.split()],
            [decline_adjective(word) for word in NEGATIVE.split()],
        ),
        verbs=(
            [{"infinitive": word} for word in PRAISING.split()],
            [{"infinitive": word} for word in BLAMING.split()],
        ),
    )

    def filler(self, random: Random) -> tuple[str, ...]:
        """A time, a place, both or none."""
        return choose_filler(random, TIMES, PLACES)

    def opener(self, random: Random) -> tuple[str, ...]:
        """Such as ``mano nuomone ,``."""
        return tuple(choose(random, OPENERS))

    def clause(self, clause: Clause, random: Random) -> Pattern:
        """Such as ``netiesa , kad filmas buvo [gap]``."""
        start: Pattern = [*choose(random, FRAMES[clause.form.frame]), *clause.filler]
        if clause.predicate == "verb":
            return start + self._reason(clause, random)
        start += self._subject(clause, random)
        start += choose(random, COPULAS[clause.form.polarity])
        gap = Gap(clause.slot, 0, clause.agreement)
        if clause.predicate != "pair":
            return [*start, gap]
        link = "ir" if clause.form.polarity == "both" else "nei"
        return [*start, gap, ",", link, Gap(clause.slot, 1, clause.agreement)]

    def corrective(self, clause: Clause, shape: Shape, random: Random) -> Pattern:
        """Such as ``filmas buvo ne [gap] , o [gap]``."""
        pattern: Pattern = [*choose(random, FRAMES[clause.form.frame]), *clause.filler]
        agreement = "infinitive" if shape.predicate == "verb" else clause.agreement
        first, second = Gap(0, 0, agreement), Gap(1, 0, agreement)
        if shape.predicate == "verb":
            pattern += [*choose(random, PEOPLE), "turėjo", "pagrindo"]
        elif shape.predicate == "adjective":
            pattern += [*self._subject(clause, random), "buvo"]
        but = "o" if random.random() < 1 / 2 else "bet"
        orders: dict[str, Pattern] = {
            "not-but": ["ne", first, ",", but, second],
            "but-not": [first, ",", "o", "ne", second],
            "rather": ["veikiau", first, "nei", second],
        }
        pattern += orders[shape.structure.name]
        if shape.predicate == "verb":
            pattern += [*choose(random, OWNERS), clause.noun.object]
        return pattern

    def join(self, shape: Shape, first: Pattern, second: Pattern, random: Random) -> Pattern:
        """Two clauses as one sentence; a semicolon ends what a frame governs."""
        name = shape.structure.name
        stop = "," if shape.first.frame == "none" else ";"
        if name == "same-subject":
            return [*first, stop, *second]
        if name == "turned-out":
            expected, found = choose(random, FIRST_THOUGHT), choose(random, THEN_FOUND)
            return [*expected, *first, ",", *found, *second]
        link = choose(random, CONNECTIVES[name])
        if name == "although-first":
            return [*link, *first, ",", *second]
        return [*first, stop, *link, *second]

    def _subject(self, clause: Clause, random: Random) -> list[str]:
        if clause.pronoun:
            return [SUBJECT_PRONOUNS[clause.agreement]]
        return [*choose(random, OWNERS), clause.noun.subject]

    def _reason(self, clause: Clause, random: Random) -> Pattern:
        denied = clause.form.polarity in ("not", "not-at-all")
        reason = choose(random, REASONS[clause.form.polarity])
        gap = Gap(clause.slot, 0, "infinitive")
        if clause.pronoun:
            pronouns = NEGATED_PRONOUNS if denied else OBJECT_PRONOUNS
            return ["jie", *reason, pronouns[clause.agreement], gap]
        thing = clause.noun.negated_object if denied else clause.noun.object
        return [*choose(random, PEOPLE), *reason, gap, *choose(random, OWNERS), thing]
