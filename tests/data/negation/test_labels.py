"""A second, independent opinion about what the sentences of the negation corpus say.

The reader below knows which words are positive and which negative, which words negate, and which
half of a sentence prevails after which connective. It knows nothing of shapes: it reads the words
in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vartai.data.negation import NegationCorpus, Sentence

NEGATIONS = {
    # "no doubt" and "do not doubt" are two negations each, so that they cancel.
    "en": {"not", "no", "nobody", "neither", "doubt", "anything", "far"},
    "lt": {"netiesa", "nemanau", "nepasakytų", "nebuvo", "neturėjo"},
}
CONCESSIONS = {"en": {"although", "though"}, "lt": {"nors"}}
PREFERENCES = {"en": [["rather", "than"]], "lt": [["nei"]]}
DENIALS = {"en": [[",", "not"], ["and", "not", "to"]], "lt": [[",", "o", "ne"]]}
REPLACEMENTS = {"en": [["but"], ["but", "to"]], "lt": [[",", "o"], [",", "bet"]]}


def read_label(sentence: Sentence, polarity: Mapping[str, int]) -> str:
    """The label of a sentence, from its words alone."""
    language, words = sentence.language, list(sentence.words)
    places = [place for place, word in enumerate(words) if word in polarity]
    half = len(places) // 2
    before = words[: places[0]]
    between = words[places[half - 1] + 1 : places[half]]
    first, second = polarity[words[places[0]]], polarity[words[places[half]]]
    if between in PREFERENCES[language] + DENIALS[language]:
        return _label(first, before, language)
    if between in REPLACEMENTS[language]:
        # The negation next to the first word is what the second replaces: it turns nothing round.
        return _label(-second, before + (["nebuvo"] if _bare_ne(before) else []), language)
    if CONCESSIONS[language] & set(between):
        return _label(first, before, language)
    return _label(second, between, language)


def _bare_ne(before: Sequence[str]) -> bool:
    return before[-1] == "ne"


def _label(polarity: int, words: Sequence[str], language: str) -> str:
    negations = sum(word in NEGATIONS[language] for word in words)
    return "positive" if polarity * (-1) ** negations > 0 else "negative"


def test_a_reader_that_knows_no_shapes_recovers_every_label(
    corpus: NegationCorpus, polarities: Mapping[str, Mapping[str, int]]
) -> None:
    pairs = [sentence for pair in corpus.minimal_pairs for sentence in pair]
    sentences = corpus.train + corpus.valid + corpus.test + pairs
    wrong = [s for s in sentences if read_label(s, polarities[s.language]) != s.label]
    assert wrong[:5] == []
    assert corpus.best_accuracy == 1.0


def test_the_last_opinion_word_alone_does_not_decide(
    corpus: NegationCorpus, polarities: Mapping[str, Mapping[str, int]]
) -> None:
    right = 0
    for sentence in corpus.test:
        signs = [polarities[sentence.language].get(word, 0) for word in sentence.words]
        last = [sign for sign in signs if sign][-1]
        right += (last > 0) == (sentence.label == "positive")
    assert 0.3 < right / len(corpus.test) < 0.7
