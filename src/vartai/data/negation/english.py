"""The English half of the negation grammar, in lower case, punctuation set apart."""

from __future__ import annotations

from random import Random

from vartai.data.negation.lexicon import (
    Clause,
    Gap,
    Lexicon,
    Noun,
    Pattern,
    choose,
    choose_filler,
)
from vartai.data.negation.shapes import Frame, Polarity, Shape

SINGULAR = """film novel concert play hotel room view cake book song story soup coffee music
    exhibition ending game museum album lecture tour show garden translation"""
PLURAL = "actors drinks paintings poems costumes dialogues photographs buns"
POSITIVE = """good excellent great wonderful pleasant beautiful interesting charming
    superb impressive lovely memorable solid fantastic delightful flawless"""
NEGATIVE = """bad terrible awful horrible unpleasant ugly boring dreary
    dreadful disappointing nasty forgettable weak pathetic miserable uninspired"""
PRAISING = "praise recommend admire applaud enjoy cherish celebrate love"
BLAMING = "criticise condemn despise mock regret hate denounce dislike"

DETERMINERS = ("the", "the", "their", "our", "your")
PEOPLE = ("the guests", "the critics", "the visitors", "people", "many")
TIMES = ("yesterday", "last week", "last year", "one evening", "this time")
PLACES = ("here", "in london", "in vilnius", "in our town", "by the sea")
OPENERS = ("in my opinion ,", "to be honest ,", "in short ,", "frankly ,", "well ,")

FRAMES: dict[Frame, tuple[str, ...]] = {
    "none": ("",),
    "denied": ("it is not true that", "i do not think that", "nobody could say that"),
    "sure": ("there is no doubt that", "i do not doubt that", "it is clear that"),
}
COPULAS: dict[Polarity, tuple[str, ...]] = {
    "plain": ("",),
    "strong": ("really", "truly", "indeed"),
    "not": ("not",),
    "not-at-all": ("not at all", "not really", "by no means", "far from", "anything but"),
    "both": ("both",),
    "neither": ("neither",),
}
REASONS: dict[Polarity, tuple[str, ...]] = {
    "plain": ("had reason to",),
    "strong": ("had every reason to", "really had reason to"),
    "not": ("had no reason to", "did not have reason to"),
    "not-at-all": ("had no reason at all to", "had absolutely no reason to"),
}
CONNECTIVES = {
    "but": ("but", "yet"),
    "although-first": ("although", "though", "even though"),
    "although-last": ("although", "though", "even though"),
    "and": ("and", "and indeed"),
}
FIRST_THOUGHT = ("it seemed that", "we thought that", "at first we thought that")
THEN_FOUND = ("but it turned out that", "but then we saw that", "yet in the end")


def _nouns(words: str) -> list[Noun]:
    return [Noun(word, word, word) for word in words.split()]


class English:
    """English: adjectives do not agree, the copula does."""

    lexicon = Lexicon(
        nouns={"singular": _nouns(SINGULAR), "plural": _nouns(PLURAL)},
        adjectives=(
            [dict.fromkeys(("singular", "plural"), word) for word in POSITIVE.split()],
            [dict.fromkeys(("singular", "plural"), word) for word in NEGATIVE.split()],
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
        """Such as ``in short ,``."""
        return tuple(choose(random, OPENERS))

    def clause(self, clause: Clause, random: Random) -> Pattern:
        """Such as ``it is not true that the film was [gap]``."""
        start: Pattern = [*choose(random, FRAMES[clause.form.frame]), *clause.filler]
        if clause.predicate == "verb":
            return start + self._reason(clause, random)
        subject = self._subject(clause, random)
        copula = choose(random, COPULAS[clause.form.polarity])
        gap = Gap(clause.slot, 0, clause.agreement)
        if clause.predicate != "pair":
            return [*start, *subject, *copula, gap]
        link = "and" if clause.form.polarity == "both" else "nor"
        return [*start, *subject, *copula, gap, link, Gap(clause.slot, 1, clause.agreement)]

    def corrective(self, clause: Clause, shape: Shape, random: Random) -> Pattern:
        """Such as ``the film was not [gap] but [gap]``."""
        pattern: Pattern = [*choose(random, FRAMES[clause.form.frame]), *clause.filler]
        if shape.predicate == "verb":
            first, second = Gap(0, 0, "infinitive"), Gap(1, 0, "infinitive")
            orders: dict[str, Pattern] = {
                "not-but": ["not", "to", first, "but", "to", second],
                "but-not": ["to", first, "and", "not", "to", second],
                "rather": ["to", first, "rather", "than", second],
            }
            thing = [*choose(random, DETERMINERS), clause.noun.object]
            start = [*choose(random, PEOPLE), "had", "reason"]
            return [*pattern, *start, *orders[shape.structure.name], *thing]
        if shape.predicate == "adjective":
            pattern += self._subject(clause, random)
        first, second = Gap(0, 0, clause.agreement), Gap(1, 0, clause.agreement)
        orders = {
            "not-but": ["not", first, "but", second],
            "but-not": [first, ",", "not", second],
            "rather": [first, "rather", "than", second],
        }
        return pattern + orders[shape.structure.name]

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
        plural = clause.agreement == "plural"
        copula = "were" if plural else "was"
        if clause.pronoun:
            return ["they" if plural else "it", copula]
        return [*choose(random, DETERMINERS), clause.noun.subject, copula]

    def _reason(self, clause: Clause, random: Random) -> Pattern:
        people = ["they"] if clause.pronoun else choose(random, PEOPLE)
        reason = choose(random, REASONS[clause.form.polarity])
        thing = [*choose(random, DETERMINERS), clause.noun.object]
        if clause.pronoun:
            thing = ["them" if clause.agreement == "plural" else "it"]
        return [*people, *reason, Gap(clause.slot, 0, "infinitive"), *thing]
