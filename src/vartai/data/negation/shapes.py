"""The grammar without its words: which derivations there are, and which opinion each asserts.

A derivation, here a *shape*, is a structure whose one or two clauses have a form each:

    form        = frame + polarity          "there is no doubt that … was not …"
    form's sign = product of its negations  an odd number of them turns the opinion round

A clause says `sign(form) x polarity(opinion word)`. Which clause speaks for the whole sentence is
the structure's business (`deciding`), as is how its clauses relate:

* *opposed* clauses (but, although, it turned out that) say opposite things. After "but" and after
  "it turned out that" stands what the speaker holds; an "although" clause is conceded, so the main
  clause holds, wherever it stands.
* *agreeing* clauses (and, a second sentence about the same subject) say the same thing twice.
* *corrective* structures set one word right by another about one subject: "not bad but good",
  "good, not bad", "good rather than bad". The word that is put in place holds; the frame around
  the whole may turn it round.

The two slots hold opinion words of opposite polarity, as many in the one as in the other. So the
words never tell: exchange them between the slots and the same words say the opposite.

About one shape in six is kept for the test (`is_held_out`). They are dealt like the fields of a
Latin square, so that each structure, form and predicate, and each two of them that go together,
still occur in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Relation = Literal["opposed", "agreeing", "corrective"]
Predicate = Literal["adjective", "verb", "pair", "bare"]
Frame = Literal["none", "denied", "sure"]
Polarity = Literal["plain", "strong", "not", "not-at-all", "both", "neither"]

FRAME_SIGNS: dict[Frame, int] = {"none": 1, "denied": -1, "sure": 1}
POLARITY_SIGNS: dict[Polarity, int] = {
    "plain": 1,
    "strong": 1,
    "not": -1,
    "not-at-all": -1,
    "both": 1,
    "neither": -1,
}


@dataclass(frozen=True)
class Form:
    """How one clause is put: an outer frame ("it is not true that") and an inner polarity."""

    frame: Frame
    polarity: Polarity

    @property
    def sign(self) -> int:
        """+1 if the clause asserts its opinion word, -1 if it denies it."""
        return FRAME_SIGNS[self.frame] * POLARITY_SIGNS[self.polarity]

    @property
    def name(self) -> str:
        """Such as ``denied+not``; an absent frame is left out."""
        return self.polarity if self.frame == "none" else f"{self.frame}+{self.polarity}"


@dataclass(frozen=True)
class Structure:
    """How the clauses of a sentence hang together.

    Attributes:
        name: name of the structure.
        relation: what the two slots say of each other.
        deciding: slot, 0 or 1 in order of appearance, whose opinion is the sentence's.
        framed: whether the first and the second clause may carry a frame.
        one_subject: whether both clauses are about the same thing, in the second a pronoun.
    """

    name: str
    relation: Relation
    deciding: Literal[0, 1]
    framed: tuple[bool, bool] = (True, True)
    one_subject: bool = False


STRUCTURES = (
    Structure("but", "opposed", 1),
    Structure("although-first", "opposed", 1),
    Structure("although-last", "opposed", 0),
    Structure("turned-out", "opposed", 1, (False, False), one_subject=True),
    Structure("and", "agreeing", 1),
    Structure("same-subject", "agreeing", 1, (True, False), one_subject=True),
    Structure("not-but", "corrective", 1),
    Structure("but-not", "corrective", 0),
    Structure("rather", "corrective", 0),
)

SINGLE_FORMS = (
    Form("none", "plain"),
    Form("none", "strong"),
    Form("none", "not"),
    Form("none", "not-at-all"),
    Form("denied", "plain"),
    Form("denied", "not"),
    Form("sure", "plain"),
    Form("sure", "not"),
)
PAIR_FORMS = (
    Form("none", "both"),
    Form("none", "neither"),
    Form("sure", "both"),
    Form("sure", "neither"),
)
CORRECTIVE_FORMS = tuple(form for form in SINGLE_FORMS if form.polarity == "plain")
FORMS = SINGLE_FORMS + PAIR_FORMS
PREDICATES: tuple[Predicate, ...] = ("adjective", "verb", "pair", "bare")


@dataclass(frozen=True)
class Shape:
    """One derivation. A corrective structure has one clause, and then `second` is None."""

    structure: Structure
    predicate: Predicate
    first: Form
    second: Form | None

    @property
    def name(self) -> str:
        """Such as ``although-first(not, denied+plain):adjective``."""
        forms = self.first.name if self.second is None else f"{self.first.name}, {self.second.name}"
        return f"{self.structure.name}({forms}):{self.predicate}"

    def label_sign(self, first_polarity: int) -> int:
        """Polarity of the sentence.

        Args:
            first_polarity: +1 if the first slot holds positive words (and the second negative
                ones), -1 the other way round.
        """
        decides_first = self.structure.deciding == 0
        form = self.first if decides_first or self.second is None else self.second
        return form.sign * (first_polarity if decides_first else -first_polarity)

    @property
    def is_held_out(self) -> bool:
        """Whether this shape occurs in the test alone, and never in training or validation."""
        second = 0 if self.second is None else FORMS.index(self.second)
        place = STRUCTURES.index(self.structure) + PREDICATES.index(self.predicate)
        return (place + FORMS.index(self.first) + 3 * second + 2) % 5 == 0


def _forms_of(structure: Structure, predicate: Predicate) -> tuple[Form, ...]:
    """Every form that a clause with this predicate can take in this structure."""
    if structure.relation == "corrective":
        if predicate == "pair":
            return ()
        return CORRECTIVE_FORMS[:1] if predicate == "bare" else CORRECTIVE_FORMS
    if predicate == "bare":
        return ()
    return PAIR_FORMS if predicate == "pair" else SINGLE_FORMS


def _build_shapes() -> tuple[Shape, ...]:
    shapes = []
    for structure in STRUCTURES:
        for predicate in PREDICATES:
            forms = _forms_of(structure, predicate)
            if structure.relation == "corrective":
                shapes += [Shape(structure, predicate, form, None) for form in forms]
                continue
            first_framed, second_framed = structure.framed
            # The slots' words differ in polarity: clauses of equal sign say opposite things.
            wanted = 1 if structure.relation == "opposed" else -1
            shapes += [
                Shape(structure, predicate, first, second)
                for first in forms
                for second in forms
                if first.sign * second.sign == wanted
                and (first_framed or first.frame == "none")
                and (second_framed or second.frame == "none")
            ]
    return tuple(shapes)


SHAPES = _build_shapes()
