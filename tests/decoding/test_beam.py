"""Beam search against trying everything, and its promises: alone, batched, in any order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from vartai.decoding.beam import BeamOptions, Written, beam_search
from vartai.errors import OptionError

END, BEGIN = 0, 1


@dataclass(frozen=True)
class Read:
    """Which table each row writes by, and all that it has read."""

    table: Tensor
    history: list[tuple[int, ...]]

    def select(self, rows: Tensor) -> Read:
        return Read(self.table[rows], [self.history[place] for place in rows.tolist()])


class Tables:
    """Scores that depend on the table and on all tokens read, drawn when first asked for."""

    def __init__(self, vocabulary: int, seed: int) -> None:
        self.vocabulary = vocabulary
        self.seed = seed
        self.asked = 0

    def scores(self, table: int, read: tuple[int, ...]) -> Tensor:
        number = hash((self.seed, table, read)) % 2**31
        draw = torch.Generator().manual_seed(number)
        return torch.log_softmax(2 * torch.randn(self.vocabulary, generator=draw), 0)

    def __call__(self, ids: Tensor, state: Read) -> tuple[Tensor, Read]:
        self.asked += 1
        read = [(*own, token) for own, token in zip(state.history, ids.tolist(), strict=True)]
        rows = [
            self.scores(table, own) for table, own in zip(state.table.tolist(), read, strict=True)
        ]
        return torch.stack(rows), Read(state.table, read)


def search(
    tables: Tables, order: list[int], limits: list[int], options: BeamOptions
) -> list[list[Written]]:
    state = Read(torch.tensor(order), [()] * len(order))
    return beam_search(tables, state, torch.full((len(order),), BEGIN), limits, options)


def everything(tables: Tables, table: int, limit: int, penalty: float) -> list[Written]:
    """Every sequence within the limit, best first."""
    found = []
    others = [token for token in range(tables.vocabulary) if token != END]
    for length in range(1, limit + 1):
        for ids in itertools.product(others, repeat=length - 1):
            found.append(scored(tables, table, ids, penalty))
    return sorted(found, key=lambda one: one.score, reverse=True)


def scored(tables: Tables, table: int, ids: tuple[int, ...], penalty: float) -> Written:
    nats = 0.0
    for place, token in enumerate((*ids, END)):
        nats += float(tables.scores(table, (BEGIN, *ids[:place]))[token])
    return Written(ids, nats, nats / ((6 + len(ids)) / 6) ** penalty, cut=False)


@given(
    seed=st.integers(0, 2**16),
    limit=st.integers(1, 4),
    penalty=st.sampled_from((0.0, 0.6, 1.0, 2.0)),
    best=st.integers(1, 3),
)
def test_a_beam_as_wide_as_the_space_finds_the_best(
    seed: int, limit: int, penalty: float, best: int
) -> None:
    tables = Tables(3, seed)
    options = BeamOptions(beam=3**limit, length_penalty=penalty, end=END, best=best)
    [found] = search(tables, [0], [limit], options)
    expected = everything(tables, 0, limit, penalty)[:best]
    whole = [one for one in found if not one.cut]
    assert [one.ids for one in whole] == [one.ids for one in expected]
    for one, other in zip(whole, expected, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)
        assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)


@given(seed=st.integers(0, 2**16), beam=st.integers(1, 6), penalty=st.sampled_from((0.0, 1.0)))
def test_alone_batched_and_in_any_order_are_the_same(seed: int, beam: int, penalty: float) -> None:
    tables = Tables(40, seed)
    options = BeamOptions(beam=beam, length_penalty=penalty, end=END, best=min(beam, 2))
    limits = {0: 5, 1: 1, 2: 8, 3: 3}
    alone = {table: search(tables, [table], [limits[table]], options)[0] for table in limits}
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        together = search(tables, order, [limits[table] for table in order], options)
        for table, found in zip(order, together, strict=True):
            assert [one.ids for one in found] == [one.ids for one in alone[table]]


@given(seed=st.integers(0, 2**16))
def test_a_beam_of_one_takes_the_likeliest_token_at_every_step(seed: int) -> None:
    tables, limit = Tables(12, seed), 6
    options = BeamOptions(beam=1, length_penalty=1.0, end=END)
    [[found]] = search(tables, [0], [limit], options)
    ids: list[int] = []
    while len(ids) < limit:
        token = int(tables.scores(0, (BEGIN, *ids)).argmax())
        if token == END:
            break
        ids.append(token)
    assert found.ids == tuple(ids)
    assert found.cut == (len(ids) == limit)


def test_what_never_ends_is_cut_at_its_limit_and_said_to_be() -> None:
    class Loop(Tables):
        def scores(self, table: int, read: tuple[int, ...]) -> Tensor:
            return torch.log(torch.tensor([1e-9, 1e-6, 1.0]))

    loop = Loop(3, 0)
    [found] = search(loop, [0], [7], BeamOptions(beam=2, length_penalty=0.0, end=END))
    assert found[0].cut
    assert found[0].ids == (2,) * 7
    assert loop.asked == 7


def test_a_token_that_is_impossible_is_never_written() -> None:
    class Barred(Tables):
        def scores(self, table: int, read: tuple[int, ...]) -> Tensor:
            open_ = super().scores(table, read)
            open_[2:] = -torch.inf
            return open_

    options = BeamOptions(beam=4, length_penalty=1.0, end=END, best=4)
    [found] = search(Barred(5, 3), [0], [3], options)
    assert found
    assert all(set(one.ids) <= {1} for one in found)


def test_sequences_that_ended_are_not_stepped_on() -> None:
    class Ends(Tables):
        def scores(self, table: int, read: tuple[int, ...]) -> Tensor:
            return torch.log(torch.tensor([1.0, 1e-9, 1e-9]))

    ends = Ends(3, 0)
    search(ends, [0, 1], [50, 50], BeamOptions(beam=3, length_penalty=1.0, end=END))
    assert ends.asked == 1  # nothing else could overtake


def test_none_to_write_is_none_written() -> None:
    assert search(Tables(3, 0), [], [], BeamOptions(beam=2, length_penalty=1.0, end=END)) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"beam": 0, "length_penalty": 1.0}, "beam must be at least 1"),
        ({"beam": 2, "length_penalty": -1.0}, "length_penalty must be at least 0"),
        ({"beam": 2, "length_penalty": 1.0, "best": 3}, "best must be at least 1 and below 3"),
    ],
)
def test_options_out_of_bounds_are_refused(options: dict[str, float], told: str) -> None:
    with pytest.raises(OptionError, match=told):
        BeamOptions(end=END, **options)  # type: ignore[arg-type]
