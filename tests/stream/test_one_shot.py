"""A stream says what the model says of the whole text, wherever the text is cut."""

from __future__ import annotations

import copy
import dataclasses
import itertools

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.stream.fragments import TEXT, cut
from tests.stream.models import (
    CELLS,
    POOLS,
    UNITS,
    classifier,
    language_model,
    live,
    sentence,
    tagger,
    wide_classifier,
)

from vartai.models.stepped_language_model import SteppedLanguageModel
from vartai.stream.opening import stream_of
from vartai.text.cutting import cut_words

TOLERANCE = 1e-5
CLASSIFIERS = [
    *itertools.product(UNITS, ["lstm"], POOLS, [None]),
    *itertools.product(["word"], ["gru", "rnn", "bag"], ["max", "last"], [None]),
    *itertools.product(["char"], ["lstm", "gru"], ["max", "mean", "attention"], [3]),
]


@pytest.mark.parametrize("kind", CLASSIFIERS, ids=str)
@settings(max_examples=8)
@given(text=TEXT, data=st.data())
def test_a_classifier_says_of_fragments_what_it_says_of_the_text(
    kind: tuple[str, str, str, int | None], text: str, data: st.DataObject
) -> None:
    task = classifier(*kind)
    stream = stream_of(live(task))
    for fragment in cut(text, data):
        stream.push(fragment)
    said = stream.flush()
    expected = task.probabilities([text])[0]
    assert np.abs(list(said.probabilities.values()) - expected).max() < TOLERANCE
    assert said.tokens == len(task.tokenizer.encode_ids([text])[0])
    assert said.label == task.labels[int(np.argmax(list(said.probabilities.values())))]


@pytest.mark.parametrize(("unit", "long"), [*((unit, False) for unit in UNITS), ("word", True)])
@settings(max_examples=25)
@given(text=TEXT, data=st.data())
@example(text="BΣ:B BΣ. B", data=None)
@example(text="你好。世界 a:BΣ", data=None)
@example(text="zzz a at", data=None)
def test_a_classifier_with_n_grams_counts_those_of_the_whole_text(
    unit: str, long: bool, text: str, data: st.DataObject | None
) -> None:
    task = wide_classifier(unit, long=long)
    stream = stream_of(live(task))
    for fragment in text if data is None else cut(text, data):
        stream.push(fragment)
    said = stream.flush()
    expected = task.probabilities([text])[0]
    assert np.abs(list(said.probabilities.values()) - expected).max() < TOLERANCE
    alone = task.alone().probabilities([text])[0]
    assert np.abs(expected - alone).max() > TOLERANCE  # so that the n-grams count


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=8)
@given(text=TEXT, data=st.data())
def test_a_tagger_gives_each_word_at_once_the_tag_of_the_whole_sentence(
    cell: str, text: str, data: st.DataObject
) -> None:
    task, told = tagger(cell), []
    stream = stream_of(live(task))
    for fragment in cut(text, data):
        told += stream.push(fragment)
        assert len(told) == stream.tokens
    told += stream.flush()
    words = cut_words(text)
    assert [word for word, _ in told] == list(words)
    expected = task.predict([sentence(*words)])[0] if words else ()
    assert tuple(tag for _, tag in told) == tuple(expected)


WORDS = st.lists(st.sampled_from(["Not", "bad", "a", "ėjo", "zzz", "3.5"]), max_size=12)


@settings(max_examples=30)
@given(words=WORDS, sizes=st.lists(st.integers(1, 4)))
def test_a_field_with_a_delay_as_long_as_the_sentence_gives_the_best_tags(
    words: list[str], sizes: list[int]
) -> None:
    task = tagger(crf=True)
    stream = stream_of(live(task, delay=12))
    rest, told = list(words), []
    for size in sizes:
        told += stream.push(rest[:size])
        del rest[:size]
    told += [*stream.push(rest), *stream.flush()]
    expected = task.predict([sentence(*words)])[0] if words else ()
    assert [(word, tag) for word, tag in told] == list(zip(words, expected, strict=True))


@settings(max_examples=30)
@given(words=WORDS, sizes=st.lists(st.integers(1, 4)), delay=st.integers(0, 3))
def test_a_field_tells_each_tag_after_its_delay_however_the_words_come(
    words: list[str], sizes: list[int], delay: int
) -> None:
    model = live(tagger(crf=True), delay=delay)
    one_by_one, chunked = stream_of(model), stream_of(model)
    expected, told, rest = [], [], list(words)
    for number, word in enumerate(words, start=1):
        expected += one_by_one.push([word])
        assert len(expected) == max(0, number - delay)
    for size in sizes:
        told += chunked.push(rest[:size])
        del rest[:size]
    told += [*chunked.push(rest), *chunked.flush()]
    assert told == [*expected, *one_by_one.flush()]
    assert [word for word, _ in told] == words


@pytest.mark.parametrize("delay", [0, 1, 3])
@settings(max_examples=10)
@given(words=WORDS)
def test_a_late_tag_is_that_of_the_best_row_of_tags_so_far(delay: int, words: list[str]) -> None:
    task = tagger(crf=True)
    open_ended = copy.deepcopy(task)
    crf = open_ended.model.crf
    assert crf is not None
    assert crf.legal is not None
    with torch.no_grad():
        crf.end.zero_()
    crf.legal = dataclasses.replace(crf.legal, end=torch.ones_like(crf.legal.end))
    stream = stream_of(live(task, delay=delay))
    for count, word in enumerate(words, start=1):
        told = [tag for _, tag in stream.push([word])]
        best = open_ended.predict([sentence(*words[:count])])[0]
        assert told == ([best[count - 1 - delay]] if count > delay else [])


LANGUAGE_MODELS = [
    ("char", "lstm", "spaces", False, "full"),
    ("char", "gru", "spaces", True, "full"),
    ("word", "rnn", "spaces", False, "adaptive"),
    ("word", "lstm", "words", True, "adaptive"),
    ("bpe", "gru", "spaces", False, "full"),
]


@pytest.mark.parametrize("kind", LANGUAGE_MODELS, ids=str)
@settings(max_examples=10)
@given(text=TEXT, data=st.data())
def test_a_language_model_foretells_after_fragments_what_it_does_after_the_text(
    kind: tuple[str, str, str, bool, str], text: str, data: st.DataObject
) -> None:
    unit, cell, words, tied, softmax = kind
    task = language_model(unit, cell, words=words, tied=tied, softmax=softmax)
    stream = stream_of(live(task))
    for fragment in cut(text, data):
        stream.push(fragment)
    said = stream.flush()
    ids = [0, *task.tokenizer.encode_ids([text])[0].tolist()]
    expected, _ = SteppedLanguageModel(task.model).begin(torch.tensor(ids))
    assert np.abs(said.log_probabilities - expected[0].numpy()).max() < TOLERANCE
    assert said.tokens == len(ids) - 1


def test_the_probabilities_grow_with_the_text_token_by_token() -> None:
    task = classifier("word", "lstm", "mean")
    stream = stream_of(live(task))
    for end in range(1, 6):
        said = stream.push(f"bad{end} ")
        text = " ".join(f"bad{number}" for number in range(1, end + 1))
        expected = task.probabilities([text])[0]
        assert np.abs(list(said.probabilities.values()) - expected).max() < TOLERANCE


def test_a_text_longer_than_the_model_reads_at_once_is_read_whole() -> None:
    task = classifier("char", "lstm", "mean")
    text = "ab " * 800
    stream = stream_of(live(task))
    assert stream.push(text).tokens == 2400 > task.tokenizer.max_tokens
