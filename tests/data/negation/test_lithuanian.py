"""Lithuanian agreement and case, checked against forms written out by hand."""

from __future__ import annotations

from random import Random

import pytest

from vartai.data.negation.lexicon import WORD_CLASSES, Clause
from vartai.data.negation.lithuanian import Lithuanian, decline_adjective
from vartai.data.negation.shapes import Form, Polarity


@pytest.mark.parametrize(
    "forms",
    [
        "geras gera geri geros",
        "puikus puiki puikūs puikios",
        "gražus graži gražūs gražios",
        "nuobodus nuobodi nuobodūs nuobodžios",
        "šlykštus šlykšti šlykštūs šlykščios",
        "apgailėtinas apgailėtina apgailėtini apgailėtinos",
    ],
)
def test_adjectives_decline(forms: str) -> None:
    assert list(decline_adjective(forms.split()[0]).values()) == forms.split()


@pytest.mark.parametrize(
    ("polarity", "object_form"), [("plain", "knygą"), ("not", "knygos"), ("not-at-all", "knygos")]
)
def test_the_object_of_a_denied_verb_stands_in_the_genitive(
    polarity: Polarity, object_form: str
) -> None:
    language = Lithuanian()
    book = language.lexicon.nouns["fs"][0]
    pattern = language.clause(Clause(Form("none", polarity), "verb", 0, book, "fs"), Random(0))
    assert pattern[-1] == object_form


def test_the_lexicon_fills_every_word_class_twice() -> None:
    lexicon = Lithuanian.lexicon
    assert all(len(nouns) >= 2 * WORD_CLASSES for nouns in lexicon.nouns.values())
    for positive, negative in (lexicon.adjectives, lexicon.verbs):
        assert len(positive) == len(negative) >= 2 * WORD_CLASSES
