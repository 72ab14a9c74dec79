"""Generated minimal pairs: sentences of the negation grammar that differ in one thing.

Kinds of `negation_pairs`, and whether the label of the second sentence is the other one:

* ``negated``: "the film was good" / "the film was not good"; yes.
* ``double``: "the film was good" / "it is not true that the film was not good"; no.
* ``strengthened``: "the film was good" / "the film was really good"; no.
* ``moved``: "the film was good , and the song was not bad" / "the film was not good , and the song
  was bad"; yes, though both hold the same words.

`order_pairs` are the twins of the corpus: the same words, the opposite label. Their kind is the
structure of the sentence, such as ``although-first``.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from vartai.data.negation.lexicon import Clause, Language, Noun, OpinionWord
from vartai.data.negation.sampling import LANGUAGES, LanguageCode, Sampler, fill
from vartai.data.negation.shapes import STRUCTURES, Form, Predicate, Shape
from vartai.data.pair_sheet import PairSheet, TextPair
from vartai.errors import OptionError, require_range, unknown_name

NEGATION_KINDS = ("negated", "double", "strengthened", "moved")
GENERATED = ("negation", "order")

_PLAIN, _NOT, _STRONG = Form("none", "plain"), Form("none", "not"), Form("none", "strong")
_DENIED_NOT = Form("denied", "not")
_SECOND = {"negated": _NOT, "double": _DENIED_NOT, "strengthened": _STRONG}
_AND = next(structure for structure in STRUCTURES if structure.name == "and")
_TRIES = 200
MOST_PAIRS = 10_000


def generate_pairs(
    what: str,
    *,
    language: str,
    count: int,
    seed: int,
    positive: str = "positive",
    negative: str = "negative",
) -> PairSheet:
    """Generate a sheet.

    Args:
        what: ``negation`` or ``order``.
        language: ``en`` or ``lt``.
        count: pairs; of ``negation``, of each kind.
        seed: decides everything.
        positive: what the label of a good opinion is called.
        negative: and that of a bad one.

    Raises:
        OptionError: an unknown name, labels that are the same, a count below 1, or one beyond
            what the grammar holds.
    """
    if what not in GENERATED:
        raise unknown_name("kind of pairs", what, GENERATED)
    code = next((known for known in LANGUAGES if known == language), None)
    if code is None:
        raise unknown_name("language", language, LANGUAGES)
    require_range("count", count, at_least=1, below=MOST_PAIRS + 1)
    if positive == negative:
        raise OptionError(f"positive and negative must differ, both were {positive!r}")
    make = _negation if what == "negation" else _order
    pairs = [
        TextPair(line, kind, text_a, text_b, *(positive if good else negative for good in goods))
        for line, (kind, text_a, text_b, goods) in enumerate(make(code, count, seed), start=1)
    ]
    return PairSheet(f"{what} ({language}, seed {seed})", pairs, labelled=True)


_Made = tuple[str, str, str, tuple[bool, bool]]


def _order(code: LanguageCode, count: int, seed: int) -> Iterator[_Made]:
    random = Random(seed)
    sampler = Sampler(random, set(), held_out=True)
    for one, other in sampler.pairs_of(code, count):
        first, second = (one, other) if random.random() < 1 / 2 else (other, one)
        structure = first.shape.partition("(")[0]
        goods = first.label == "positive", second.label == "positive"
        yield structure, first.text, second.text, goods


def _negation(code: LanguageCode, count: int, seed: int) -> Iterator[_Made]:
    random, language = Random(seed), LANGUAGES[code]
    for kind in NEGATION_KINDS:
        seen: set[str] = set()
        tries = 0
        while len(seen) < count:
            good = random.random() < 1 / 2
            make = _moved if kind == "moved" else _single
            text_a, text_b = make(language, random, kind, good=good)
            if text_a not in seen and text_a != text_b:
                seen.add(text_a)
                yield kind, text_a, text_b, (good, good != (kind in ("negated", "moved")))
            tries += 1
            if tries > _TRIES * count:
                raise OptionError(f"count: the grammar has fewer than {count} pairs of kind {kind}")


def _single(language: Language, random: Random, kind: str, *, good: bool) -> tuple[str, str]:
    predicate: Predicate = "verb" if random.random() < 1 / 4 else "adjective"
    about = _about(language, random)
    words = _words(language, random, predicate, good=good)
    # The same choices twice, so that the two differ in what they are meant to differ in alone.
    state = random.getstate()
    texts = []
    for form in (_PLAIN, _SECOND[kind]):
        random.setstate(state)
        clause = Clause(form, predicate, 0, *about[0])
        texts.append(" ".join(fill(language.clause(clause, random), (words, words))))
    return texts[0], texts[1]


def _moved(language: Language, random: Random, kind: str, *, good: bool) -> tuple[str, str]:  # noqa: ARG001
    """The first denies the second of two opposite words, the other the first."""
    about = _about(language, random)
    words = (
        _words(language, random, "adjective", good=good),
        _words(language, random, "adjective", good=not good),
    )
    state = random.getstate()
    texts = []
    for forms in ((_PLAIN, _NOT), (_NOT, _PLAIN)):
        random.setstate(state)
        first, second = (
            language.clause(Clause(form, "adjective", slot, *about[slot]), random)
            for slot, form in enumerate(forms)
        )
        joined = language.join(Shape(_AND, "adjective", *forms), first, second, random)
        texts.append(" ".join(fill(joined, words)))
    return texts[0], texts[1]


def _about(language: Language, random: Random) -> list[tuple[Noun, str]]:
    """Two nouns with their agreement."""
    agreement = random.choice(list(language.lexicon.nouns))
    return [(noun, agreement) for noun in random.sample(language.lexicon.nouns[agreement], 2)]


def _words(
    language: Language, random: Random, predicate: Predicate, *, good: bool
) -> list[OpinionWord]:
    lexicon = language.lexicon
    positive, negative = lexicon.verbs if predicate == "verb" else lexicon.adjectives
    return [random.choice(positive if good else negative)]
