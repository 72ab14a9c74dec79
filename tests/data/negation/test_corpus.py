"""The negation corpus: its labels are right, its words tell nothing, its test is new."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest

from vartai.data.negation import NegationCorpus, Sentence, generate_corpus
from vartai.data.negation.sampling import LANGUAGES
from vartai.errors import OptionError


def _everything(corpus: NegationCorpus) -> list[Sentence]:
    pairs = [sentence for pair in corpus.minimal_pairs for sentence in pair]
    return corpus.train + corpus.valid + corpus.test + pairs


def test_no_text_occurs_twice(corpus: NegationCorpus) -> None:
    texts = [sentence.text for sentence in _everything(corpus)]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_any_function_of_the_bag_of_words_is_right_about_half(
    corpus: NegationCorpus, split: str
) -> None:
    labels: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for sentence in getattr(corpus, split):
        labels[tuple(sorted(sentence.words))][sentence.label] += 1
    assert all(count["positive"] == count["negative"] for count in labels.values())


def test_minimal_pairs_hold_the_same_words_and_opposite_labels(corpus: NegationCorpus) -> None:
    assert Counter(one.language for one, _ in corpus.minimal_pairs) == {"en": 150, "lt": 150}
    for positive, negative in corpus.minimal_pairs:
        assert sorted(positive.words) == sorted(negative.words)
        assert (positive.label, negative.label) == ("positive", "negative")


def test_languages_and_labels_are_equally_frequent(corpus: NegationCorpus) -> None:
    for split, size in ((corpus.train, 8_000), (corpus.valid, 400), (corpus.test, 2_000)):
        counts = Counter((sentence.language, sentence.label) for sentence in split)
        assert set(counts.values()) == {size // 4}


def test_held_out_shapes_occur_in_the_test_alone(corpus: NegationCorpus) -> None:
    trained = {sentence.shape for sentence in corpus.train + corpus.valid}
    tested = {sentence.shape for sentence in corpus.test}
    assert not trained & tested
    assert tested == corpus.held_out_shapes


Polarities = Mapping[str, Mapping[str, int]]


def _content_pairs(sentences: list[Sentence], polarities: Polarities) -> set[tuple[str, str, str]]:
    """Opinion words of opposite polarity, and nouns with opinion words, that share a sentence."""
    found: set[tuple[str, str, str]] = set()
    for sentence in sentences:
        polarity = polarities[sentence.language]
        nouns = LANGUAGES[sentence.language].lexicon.nouns
        names = {form for group in nouns.values() for noun in group for form in noun}
        opinions = [word for word in sentence.words if word in polarity]
        for one in opinions:
            for other in sentence.words:
                if other in names or (other in polarity and polarity[one] != polarity[other]):
                    found.add((sentence.language, one, other))
    return found


def test_content_words_of_a_test_sentence_never_met_in_training(
    corpus: NegationCorpus, polarities: Polarities
) -> None:
    pairs = [sentence for pair in corpus.minimal_pairs for sentence in pair]
    trained = _content_pairs(corpus.train + corpus.valid, polarities)
    assert not trained & _content_pairs(corpus.test + pairs, polarities)


def test_every_word_of_the_test_is_known_from_training(corpus: NegationCorpus) -> None:
    known = {word for sentence in corpus.train for word in sentence.words}
    assert {word for sentence in corpus.test for word in sentence.words} <= known


def test_sentences_are_four_to_twenty_five_words_long(corpus: NegationCorpus) -> None:
    lengths = [len(sentence.words) for sentence in _everything(corpus)]
    assert (min(lengths), max(lengths)) == (4, 25)
    assert all(sentence.text.split(" ") == list(sentence.words) for sentence in corpus.test)


def test_the_same_seed_gives_the_same_corpus_and_another_seed_another() -> None:
    one, same, other = (generate_corpus(seed=s, train=40, valid=4, test=4) for s in (7, 7, 8))
    assert one == same
    assert one.train != other.train


def test_twenty_thousand_sentences_take_seconds() -> None:
    start = time.perf_counter()
    generate_corpus(seed=0, train=16_000, valid=2_000, test=2_000)
    # Under 1 s on an idle core; the bound leaves room for a busy machine.
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("size", [0, -4, 6])
def test_a_size_that_cannot_be_halved_twice_is_refused(size: int) -> None:
    with pytest.raises(OptionError, match=rf"valid must be a positive multiple of 4, was {size}"):
        generate_corpus(seed=0, train=4, valid=size, test=4)
