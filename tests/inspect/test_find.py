"""Stretches with the state of another: what is nearest, what is on together, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from tests.inspect.models import language_model, tagger

from vartai.errors import InputError, OptionError
from vartai.inspect.cut import cut
from vartai.inspect.find import FindOptions, Marked, find_matches, find_nearest, read_marked
from vartai.inspect.hits import BestHits, Hit, best_spots

_CORPUS = [
    (1, "the red boat is red"),
    (2, "a blue sky and a green boat"),
    (4, "so red the boat"),
]


def _states(task: object, text: str, layer: str = "l0") -> np.ndarray:
    with torch.inference_mode():
        return cut(task, [text]).run(keep=True).traces[layer].hidden.numpy().astype(float)


def test_the_stretch_itself_is_found_first_and_nearest_are_all_there_are() -> None:
    task = language_model()
    query = read_marked("a blue [sky] and a green boat")
    for metric, best in (("cosine", 1.0), ("euclidean", 0.0)):
        found = find_nearest(task, _CORPUS, query, options=FindOptions(metric=metric, top=5))
        first = found.hits[0]
        assert (first.line, first.start, first.end, first.text) == (2, 7, 10, "sky")
        assert first.score == pytest.approx(best, abs=1e-6)
        assert (found.texts, found.tokens, found.layer) == (3, 64, "l0")
        # By hand: the distance of every other token's state.
        wanted = _states(task, query.text)[10]
        for hit in found.hits[1:]:
            state = _states(task, dict(_CORPUS)[hit.line])[hit.end]
            apart = float(np.linalg.norm(state - wanted))
            cosine = float(state @ wanted / np.linalg.norm(state) / np.linalg.norm(wanted))
            assert hit.score == pytest.approx(cosine if metric == "cosine" else -apart, abs=1e-5)


def test_a_corpus_in_batches_gives_what_it_gives_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    task, query = language_model(), read_marked("so [red] the boat")
    corpus = [(line, text) for line in range(1, 40) for _, text in _CORPUS]
    whole = find_nearest(task, corpus, query)
    monkeypatch.setattr("vartai.inspect.find._AT_ONCE", 7)
    assert find_nearest(task, iter(corpus), query) == whole


def test_the_corpus_is_read_as_it_is_searched_and_never_held() -> None:
    held: list[int] = []

    def corpus() -> Iterator[tuple[int, str]]:
        for line in range(1, 3001):
            held.append(line)
            yield line, "the red boat"

    found = find_nearest(language_model(), corpus(), read_marked("the [red] boat"))
    assert (found.texts, len(found.hits), held[-1]) == (3000, 10, 3000)
    assert [hit.line for hit in found.hits] == list(range(1, 11))  # of equal ones the earlier


def test_the_mean_over_a_stretch_is_compared_with_means_over_as_many_tokens() -> None:
    task = language_model()
    query = read_marked("a [blue sky] and a green boat")
    found = find_nearest(task, _CORPUS, query, options=FindOptions(compare="mean", top=3))
    assert (found.hits[0].text, found.hits[0].tokens) == ("blue sky", 8)
    other = found.hits[1]
    states = _states(task, dict(_CORPUS)[other.line])[1:]
    mean = states[other.start : other.end].mean(0)
    wanted = _states(task, query.text)[1:][2:10].mean(0)
    cosine = mean @ wanted / np.linalg.norm(mean) / np.linalg.norm(wanted)
    assert other.score == pytest.approx(float(cosine), abs=1e-5)


def test_matches_are_all_runs_of_the_units_and_those_with_fewest_others_come_first() -> None:
    task = language_model()
    options = FindOptions(threshold=0.0, tokens=2, top=100)
    query = read_marked("so [red] the boat")
    found = find_matches(task, _CORPUS, query, options=options)
    states = _states(task, query.text)[1:]
    assert found.units == tuple(np.flatnonzero((states[3:6] > 0).all(0)))
    expected = set()
    for line, text in _CORPUS:
        on = (_states(task, text) > 0)[:, list(found.units)].all(1).tolist()
        for start in range(len(on)):
            for end in range(start + 2, len(on) + 1):
                longest = not (start and on[start - 1]) and not (end < len(on) and on[end])
                if all(on[start:end]) and longest:
                    expected.add((line, end - 1))
    assert {(hit.line, hit.end) for hit in found.hits} == expected
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1.001


def test_a_run_does_not_reach_into_the_next_text() -> None:
    task = tagger(bidirectional=False)
    corpus = [(1, "the red"), (2, "boat the")]
    options = FindOptions(threshold=-2.0, tokens=1)
    found = find_matches(task, corpus, read_marked("the [red]"), options=options, units=(1,))
    assert sorted((hit.line, hit.text) for hit in found.hits) == [(1, "the red"), (2, "boat the")]
    longer = FindOptions(threshold=-2.0, tokens=3)
    assert not find_matches(task, corpus, read_marked("[the]"), options=longer, units=(1,)).hits


def test_neighbours_of_a_better_place_are_the_same_place() -> None:
    scores = np.array([0.1, 0.9, 0.8, 0.2, 0.85, 0.7])
    spots = best_spots(scores, np.array([4, 2]), span=2, count=9, floor=0.0)
    assert [(spot.text, spot.last) for spot in spots] == [(0, 1), (1, 0), (0, 3)]
    assert len(best_spots(scores, np.array([4, 2]), span=2, count=1, floor=0.0)) == 1
    assert not best_spots(scores, np.array([4, 2]), span=2, count=9, floor=0.9)


def test_the_heap_keeps_the_best_and_of_equal_ones_the_earlier() -> None:
    best = BestHits(2)
    for line, score in enumerate((0.2, 0.5, 0.5, 0.1, 0.5), start=1):
        best.add(Hit(score, line, 0, 1, "", "a", "", 1))
    assert [hit.line for hit in best.ranked()] == [2, 3]
    assert best.floor == 0.5


@pytest.mark.parametrize("text", ["no mark", "[]", "[ ]", "a [b", "a] b", "[a] [b]", "[a [b]]"])
def test_a_text_without_exactly_one_mark_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"expected a text with one stretch in \[brackets\]"):
        read_marked(text)


def test_what_cannot_be_searched_for_is_refused() -> None:
    task, words = language_model(), tagger()
    query = read_marked("the [red] boat")
    with pytest.raises(OptionError, match="unknown layer 'l4'; known: l0"):
        find_nearest(task, _CORPUS, query, options=FindOptions(layer="l4"))
    with pytest.raises(OptionError, match="unknown part 'reset'; known: candidate, cell, forget"):
        find_nearest(task, _CORPUS, query, options=FindOptions(part="reset"))
    with pytest.raises(OptionError, match="unknown metric 'angle'"):
        FindOptions(metric="angle")
    with pytest.raises(InputError, match="the mark 're' cuts a token: it reaches from 'red'"):
        find_nearest(words, _CORPUS, Marked("the red", 4, 6))
    with pytest.raises(InputError, match="the mark ' ' holds no token"):
        find_nearest(words, _CORPUS, Marked("the red", 3, 4))
    with pytest.raises(InputError, match="expected texts to search, found none"):
        find_nearest(task, [], query)
    with pytest.raises(InputError, match=r"no unit of l0\.hidden is above 1\.0 all through"):
        find_matches(task, _CORPUS, query, options=FindOptions(threshold=1.0))
    with pytest.raises(OptionError, match=r"unit 99: l0\.hidden has the units 0 to 11"):
        find_matches(task, _CORPUS, query, units=(99,))
