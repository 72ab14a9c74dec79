"""Streams: every token a target once, the input of its successor, and chunks that go on."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.streams import BORDER_ID, Corpus, Streams, build_corpus


def corpus(count: int) -> Corpus:
    return build_corpus([np.arange(2, count + 2)], before=[BORDER_ID], ends=False)


def test_a_corpus_holds_every_token_and_where_documents_begin() -> None:
    found = build_corpus([np.array([5, 6]), np.array([7])], before=[0, 9], ends=False)
    assert found.inputs.tolist() == [0, 5, 9]
    assert found.targets.tolist() == [5, 6, 7]
    assert found.fresh.tolist() == [True, False, True]


def test_where_ends_are_asked_for_the_border_follows_every_document() -> None:
    found = build_corpus([np.array([5, 6]), np.array([], dtype=np.int64)], before=[0, 0], ends=True)
    assert found.targets.tolist() == [5, 6, 0, 0]
    assert found.inputs.tolist() == [0, 5, 6, 0]
    assert found.fresh.tolist() == [True, False, False, True]


def test_documents_without_tokens_make_an_empty_corpus() -> None:
    assert len(build_corpus([np.array([], dtype=np.int64)], before=[0], ends=False)) == 0
    assert len(build_corpus([], before=[], ends=True)) == 0


@given(
    count=st.integers(1, 60),
    streams=st.integers(1, 9),
    steps=st.integers(1, 9),
    shift=st.integers(0, 70),
)
def test_the_chunks_of_all_streams_hold_every_token_once(
    count: int, streams: int, steps: int, shift: int
) -> None:
    cut = Streams(corpus(count), count=streams, steps=steps)
    every = np.arange(cut.count)
    read: list[list[int]] = [[] for _ in every]
    for number in range(cut.chunks):
        chunk = cut.chunk(number, every, shift=shift)
        assert chunk.lengths.tolist() == cut.lengths(number, every).tolist()
        ends = np.cumsum(chunk.lengths)
        for stream, part in enumerate(np.split(chunk.targets, ends[:-1])):
            read[stream] += part.tolist()
    assert sorted(itertools.chain.from_iterable(read)) == list(range(2, count + 2))
    for part in read:
        # A stream is a stretch of the corpus, which is taken as a ring.
        assert all((b - a) % count == 1 % count for a, b in itertools.pairwise(part))
    lengths = [len(part) for part in read]
    assert max(lengths) - min(lengths) <= 1


def test_a_process_that_asks_for_some_streams_gets_what_all_would_give_it() -> None:
    cut = Streams(corpus(40), count=4, steps=3)
    every = cut.chunk(1, np.arange(4))
    some = cut.chunk(1, np.array([1, 3]))
    assert some.inputs.tolist() == [*every.inputs[3:6], *every.inputs[9:12]]
