"""Small generated corpora of both kinds, for a demonstration without any file.

*Stories*: people move between rooms, and one is asked where somebody is; what counts is the last
line about that person, not the last line. *Passages*: sentences say who plays what where; questions
ask for one of the three, and some for somebody of whom the passage says nothing.
"""

from __future__ import annotations

import numpy as np

from vartai.data.questions.question import SPAN, WORD, Answer, Question, Questions
from vartai.errors import unknown_name
from vartai.tasks.answer.fit import Splits

SIZES = {"train": 900, "valid": 150, "test": 300}
_PEOPLE = ("Ona", "Jonas", "Rasa", "Petras", "Asta", "Tomas")
_PLACES = ("kitchen", "garden", "office", "cellar", "attic")
_MOVES = ("went to", "moved to", "walked to")
_THINGS = ("violin", "cello", "kanklės", "flute", "drums", "organ", "trumpet")
_TOWNS = ("Vilnius", "Kaunas", "Klaipėda", "Šiauliai", "Alytus", "Utena")


def demo_questions(kind: str, *, count: int, seed: int, name: str = "demo") -> Questions:
    """Generated questions.

    Args:
        kind: span or word.
        count: how many.
        seed: decides everything.
        name: of the file that they pretend to stand in.

    Raises:
        OptionError: there is no such kind.
    """
    makers = {WORD: _story, SPAN: _passage}
    if kind not in makers:
        raise unknown_name("kind", kind, makers)
    random = np.random.default_rng([seed, sorted(makers).index(kind)])
    items = [makers[kind](random, line) for line in range(1, count + 1)]
    return Questions(name, kind, items)


def demo_splits(kind: str, *, seed: int) -> Splits:
    """The corpus of the demonstration, drawn for each part by itself."""
    parts = {
        name: demo_questions(kind, count=count, seed=3 * seed + part, name=name)
        for part, (name, count) in enumerate(SIZES.items())
    }
    return Splits(**parts)


def _story(random: np.random.Generator, line: int) -> Question:
    where: dict[str, str] = {}
    told = []
    for _ in range(int(random.integers(2, 9))):
        person, place = random.choice(_PEOPLE[:4]), random.choice(_PLACES)
        where[str(person)] = str(place)
        told.append(f"{person} {random.choice(_MOVES)} the {place}.")
    person = str(random.choice(sorted(where)))
    return Question(
        line=line,
        id="",
        group=str(line),
        context="\n".join(told),
        text=f"Where is {person}?",
        answers=(Answer(where[person], ()),),
    )


def _passage(random: np.random.Generator, line: int) -> Question:
    people = [str(name) for name in random.permutation(_PEOPLE)[: int(random.integers(2, 5))]]
    facts = {name: (str(random.choice(_THINGS)), str(random.choice(_TOWNS))) for name in people}
    sentences = [f"{name} plays the {what} in {town}." for name, (what, town) in facts.items()]
    context = " ".join(sentences)
    if random.random() < 0.2:
        asked = str(random.choice([name for name in _PEOPLE if name not in facts]))
        return Question(line, "", str(line), context, f"What does {asked} play?", ())
    name = str(random.choice(people))
    what, town = facts[name]
    place = int(random.integers(2))
    text = (f"What does {name} play?", f"Where does {name} play?")[place]
    answer = (what, town)[place]
    start = context.index(sentences[people.index(name)]) + len(f"{name} plays the ")
    if place == 1:
        start += len(f"{what} in ")
    return Question(line, "", str(line), context, text, (Answer(answer, (start,)),))
