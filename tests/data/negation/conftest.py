"""One negation corpus for every test of its room, and the polarity of its words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from vartai.data.negation import NegationCorpus, generate_corpus
from vartai.data.negation.sampling import LANGUAGES


@pytest.fixture(scope="package")
def corpus() -> NegationCorpus:
    """A corpus large enough for every shape to occur."""
    return generate_corpus(seed=3, train=8_000, valid=400, test=2_000)


@pytest.fixture(scope="package")
def polarities() -> Mapping[str, Mapping[str, int]]:
    """By language: +1 or -1 for every form of every opinion word."""
    return {
        code: {
            form: sign
            for kind in (language.lexicon.adjectives, language.lexicon.verbs)
            for sign, words in zip((1, -1), kind, strict=True)
            for word in words
            for form in word.values()
        }
        for code, language in LANGUAGES.items()
    }
