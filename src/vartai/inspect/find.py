"""Find where else in a corpus a model's state is what it is here.

Two questions can be asked of a stretch of text that somebody has marked:

    nearest   where is the state nearest to the one that the stretch leaves behind?
    match     where are the units that are on all through the stretch on together again?

The second is the match view of LSTMVis (Strobelt et al. 2018). The corpus is read in batches and
forgotten; only the best hits are kept, so its size is bounded by patience alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.errors import InputError, OptionError, unknown_name
from vartai.inspect.cut import Cut, cut
from vartai.inspect.find_options import FindOptions as FindOptions
from vartai.inspect.flags.corpus import batches
from vartai.inspect.flags.units import parts_of
from vartai.inspect.hits import BestHits, Hit, Spot, best_spots, shown

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Line = tuple[int, str]
Search = Callable[[Cut, NDArray[np.int64], float], list[Spot]]
WindowMeans = Callable[[int], Floats]

_AT_ONCE = 512


@dataclass(frozen=True)
class Marked:
    """A text with one stretch of it marked, in characters ``[start, end)``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """What a search gave.

    Args:
        hits: best first. Scores: cosine, negative distance, or the share of units in common.
        texts: that were searched.
        tokens: in them.
        layer: whose states were compared.
        units: match: numbers of the units looked for; empty otherwise.
        notes: what was not read, each sentence once.
    """

    hits: tuple[Hit, ...]
    texts: int
    tokens: int
    layer: str
    units: tuple[int, ...]
    notes: tuple[str, ...]


_FIND = FindOptions()


def read_marked(text: str) -> Marked:
    """A text whose stretch stands in square brackets, which are not part of it.

    Raises:
        InputError: not exactly one pair of brackets with something between them.

    >>> read_marked("Alisa [ir Tomas] ėjo")
    Marked(text='Alisa ir Tomas ėjo', start=6, end=14)
    """
    before, opening, rest = text.partition("[")
    inside, closing, after = rest.partition("]")
    if not opening or not closing or not inside.strip() or set("[]") & set(inside + after):
        raise InputError(
            f"expected a text with one stretch in [brackets], found {text!r:.80}; "
            "where the text itself has brackets, say where: --span START:END"
        )
    return Marked(before + inside + after, len(before), len(before) + len(inside))


def find_nearest(
    task: object, corpus: Iterable[Line], query: Marked, *, options: FindOptions = _FIND
) -> Found:
    """Stretches, as many tokens long as the marked one, whose state is nearest to its own.

    Args:
        task: a trained task that classifies, tags or generates.
        corpus: line and text, one after another; read once.
        query: the marked stretch.
        options: how.

    Raises:
        InputError: the mark holds no token, or cuts one; no text in the corpus.
        OptionError: no such layer or part.
    """
    made = cut(task, [query.text])
    layer = options.layer or _topmost(made)
    first, last = _tokens_of(query, made)
    wanted = _window_means(_states(made, layer, options.part), np.array([len(made.tokens[0])]))
    span = last - first + 1
    state = wanted(1 if options.compare == "end" else span)[last]

    def search(batch: Cut, lengths: NDArray[np.int64], floor: float) -> list[Spot]:
        rows = _window_means(_states(batch, layer, options.part), lengths)
        states = rows(1 if options.compare == "end" else span)
        scores = _closeness(states, state, options.metric)
        scores[_place_in_text(lengths) < span - 1] = -np.inf
        scores[_empty(batch)] = -np.inf
        return best_spots(scores, lengths, span=span, count=options.top, floor=floor)

    return _search(task, corpus, search, layer=layer, options=options, units=())


def find_matches(
    task: object,
    corpus: Iterable[Line],
    query: Marked,
    *,
    options: FindOptions = _FIND,
    units: Sequence[int] = (),
) -> Found:
    """Runs of tokens through which all the units are on that are on all through the marked stretch.

    A hit is a longest run of at least `options.tokens` tokens in which every chosen unit is above
    the threshold. Best are those through which few other units are on: the score is the share that
    the chosen ones are of all that are on throughout. Of equals the longer run is better.

    Args:
        task: as `find_nearest`.
        corpus: as there.
        query: the marked stretch.
        options: how.
        units: numbers of the units, in place of those that are on all through the stretch.

    Raises:
        InputError: no unit is on all through the stretch; or as `find_nearest`.
        OptionError: no such layer, part or unit.
    """
    made = cut(task, [query.text])
    layer = options.layer or _topmost(made)
    first, last = _tokens_of(query, made)
    states = _states(made, layer, options.part)
    chosen = _chosen(states[first : last + 1], units, options, layer)

    def search(batch: Cut, lengths: NDArray[np.int64], floor: float) -> list[Spot]:
        on = _states(batch, layer, options.part) > options.threshold
        return _runs(on, lengths, chosen, options, floor)

    return _search(task, corpus, search, layer=layer, options=options, units=tuple(chosen.tolist()))


def _search(
    task: object,
    corpus: Iterable[Line],
    search: Search,
    *,
    layer: str,
    options: FindOptions,
    units: tuple[int, ...],
) -> Found:
    best = BestHits(options.top)
    texts = tokens = 0
    notes: dict[str, None] = {}
    for lines in _in_batches(corpus):
        batch = cut(task, [text for _, text in lines])
        lengths = np.array([len(own) for own in batch.tokens], dtype=np.int64)
        texts, tokens = texts + len(lines), tokens + int(lengths.sum())
        notes.update(dict.fromkeys(note for own in batch.notes for note in own))
        for spot in search(batch, lengths, best.floor):
            line, text = lines[spot.text]
            bounds = [(token.start, token.end) for token in batch.tokens[spot.text]]
            best.add(shown(spot, line, text, bounds))
    if not texts:
        raise InputError("expected texts to search, found none")
    return Found(tuple(best.ranked()), texts, tokens, layer, units, tuple(notes))


def _in_batches(corpus: Iterable[Line]) -> Iterator[list[Line]]:
    held: list[Line] = []
    for line in corpus:
        held.append(line)
        if len(held) == _AT_ONCE:
            yield from _cut_apart(held)
            held = []
    yield from _cut_apart(held)


def _cut_apart(lines: list[Line]) -> Iterator[list[Line]]:
    for chosen in batches([text for _, text in lines]):
        yield lines[chosen]


def _topmost(made: Cut) -> str:
    return f"l{made.layers.num_layers - 1}"


def _states(made: Cut, layer: str, part: str) -> Floats:
    """``[N, units]`` of one part of one layer."""
    with torch.inference_mode():
        traces = made.run(keep=True).traces
    if layer not in traces:
        raise unknown_name("layer", layer, traces)
    parts = parts_of(traces[layer])
    if part not in parts:
        raise unknown_name("part", part, parts)
    return parts[part].astype(np.float64)


def _tokens_of(query: Marked, made: Cut) -> tuple[int, int]:
    """First and last token of the marked stretch."""
    inside = query.text[query.start : query.end]
    start = query.start + len(inside) - len(inside.lstrip())
    end = query.end - len(inside) + len(inside.rstrip())
    touched = [
        place
        for place, token in enumerate(made.tokens[0])
        if token.start < end and token.end > start
    ]
    if not touched:
        raise InputError(f"the mark {inside!r:.60} holds no token")
    first, last = made.tokens[0][touched[0]], made.tokens[0][touched[-1]]
    head = query.text[first.start : start].strip()
    if head or last.end > end:
        raise InputError(
            f"the mark {inside!r:.60} cuts a token: it reaches from {first.text!r} to {last.text!r}"
        )
    return touched[0], touched[-1]


def _place_in_text(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    starts = np.cumsum(lengths) - lengths
    places: NDArray[np.int64] = np.arange(int(lengths.sum())) - np.repeat(starts, lengths)
    return places


def _empty(batch: Cut) -> Bools:
    """Tokens that stand for nothing: the border that a language model reads first."""
    return np.array([token.end <= token.start for own in batch.tokens for token in own])


def _window_means(states: Floats, lengths: NDArray[np.int64]) -> WindowMeans:
    """States averaged over so many tokens up to each; over fewer where its text has fewer."""

    def means(span: int) -> Floats:
        if span == 1:
            return states
        sums = np.concatenate([np.zeros((1, states.shape[1])), np.cumsum(states, axis=0)])
        stop = np.arange(1, len(states) + 1)
        size = np.minimum(span, _place_in_text(lengths) + 1)
        averaged: Floats = (sums[stop] - sums[stop - size]) / size[:, None]
        return averaged

    return means


def _closeness(states: Floats, state: Floats, metric: str) -> Floats:
    if metric == "euclidean":
        distances: Floats = -np.sqrt(np.maximum(0.0, ((states - state) ** 2).sum(1)))
        return distances
    sizes = np.linalg.norm(states, axis=1) * np.linalg.norm(state)
    cosines: Floats = np.divide(states @ state, sizes, out=np.zeros(len(states)), where=sizes > 0)
    return cosines


def _chosen(
    stretch: Floats, units: Sequence[int], options: FindOptions, layer: str
) -> NDArray[np.int64]:
    width = stretch.shape[1]
    for number in units:
        if not 0 <= number < width:
            raise OptionError(
                f"unit {number}: {layer}.{options.part} has the units 0 to {width - 1}"
            )
    chosen = np.array(sorted(set(units)), dtype=np.int64)
    if not len(chosen):
        chosen = np.flatnonzero((stretch > options.threshold).all(0))
    if not len(chosen):
        raise InputError(
            f"no unit of {layer}.{options.part} is above {options.threshold} all through the mark: "
            "lower the threshold, or mark less"
        )
    return chosen


def _runs(
    on: Bools,
    lengths: NDArray[np.int64],
    chosen: NDArray[np.int64],
    options: FindOptions,
    floor: float,
) -> list[Spot]:
    """Longest runs of tokens through which all the chosen units are on."""
    all_on: Bools = np.all(on[:, chosen], axis=1)
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    # A run ends where the units do, and where its text does.
    same = np.concatenate([[False], all_on[1:] & all_on[:-1] & (text_of[1:] == text_of[:-1])])
    begins = np.flatnonzero(all_on & ~same)
    goes_on = np.concatenate([same[1:], [False]])
    ends = np.flatnonzero(all_on & ~goes_on)
    spots = []
    for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
        if last - first + 1 < options.tokens:
            continue
        share = len(chosen) / int(on[first : last + 1].all(0).sum())
        # Of equal shares the longer run; a million tokens do not add up to a share.
        score = share + min(last - first, 999_999) * 1e-9
        if score > floor:
            text = int(text_of[first])
            before = int(starts[text])
            spots.append(Spot(score, text, first - before, last - before))
    return spots
