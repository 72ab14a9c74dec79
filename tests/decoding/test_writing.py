"""The loop that writes, with a step that is no model: it counts what it has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.decoding.choosing import Sampler, choose_likeliest
from vartai.decoding.transforms import Scores
from vartai.decoding.writing import Begun, Row, write_rows

V = 7


@dataclass(frozen=True, eq=False)
class Sums:
    """Of the tokens that each row has read."""

    sums: Tensor

    def select(self, rows: Tensor) -> Sums:
        return Sums(self.sums[rows])


class Counting:
    """Scores that favour the sum of all tokens so far, modulo V, plus one."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def scores(self, sums: Tensor) -> Tensor:
        return torch.log_softmax(3.0 * torch.nn.functional.one_hot((sums + 1) % V, V), 1)

    def __call__(self, tokens: Sequence[int], state: Sums) -> tuple[Tensor, Sums]:
        self.sizes.append(len(tokens))
        sums = state.sums + torch.tensor(tokens)
        return self.scores(sums), Sums(sums)


def begin(step: Counting, starts: list[int]) -> Begun[Sums]:
    sums = torch.tensor(starts)
    return Begun(step.scores(sums), Sums(sums))


def write(starts: list[int], lengths: list[int], *, sampled: bool = False) -> list[list[int]]:
    step = Counting()
    rows = [Row(n, Sampler(3, n) if sampled else choose_likeliest) for n in range(len(starts))]
    finished = lambda row, _: len(row.written) == lengths[row.number]  # noqa: E731
    begun = begin(step, starts)
    for _ in write_rows(step, begun, rows, banned=(), transforms=[], finished=finished):
        pass
    return [row.written for row in rows]


def test_each_token_is_read_before_the_next_is_chosen() -> None:
    # 0: writes 1, sum 1, writes 2, sum 3, writes 4, sum 7, writes 8 mod 7.
    assert write([0], [4]) == [[1, 2, 4, 1]]


def test_rows_that_are_done_are_dropped_and_the_others_go_on_as_alone() -> None:
    together = write([0, 3, 5], [1, 6, 3], sampled=True)
    assert [len(row) for row in together] == [1, 6, 3]
    step = Counting()
    row = Row(1, Sampler(3, 1))
    done = lambda r, _: len(r.written) == 6  # noqa: E731
    begun = begin(step, [3])
    alone = write_rows(step, begun, [row], banned=(), transforms=[], finished=done)
    assert [token for _, token in alone] == together[1]


def test_no_step_is_taken_for_rows_that_are_done() -> None:
    step = Counting()
    rows = [Row(0, choose_likeliest), Row(1, choose_likeliest)]
    done = lambda row, _: len(row.written) == (2, 4)[row.number]  # noqa: E731
    begun = begin(step, [0, 0])
    tokens = list(write_rows(step, begun, rows, banned=(), transforms=[], finished=done))
    assert step.sizes == [2, 1, 1]
    assert [row.number for row, _ in tokens] == [0, 1, 0, 1, 1, 1]


def test_what_is_banned_is_never_chosen() -> None:
    step = Counting()
    rows = [Row(0, choose_likeliest)]
    done = lambda row, _: len(row.written) == 3  # noqa: E731
    begun = begin(step, [0])
    chosen = write_rows(step, begun, rows, banned=[1], transforms=[], finished=done)
    assert [token for _, token in chosen] == [0, 0, 0]  # of all others alike the first


def test_transforms_see_what_the_row_has_written() -> None:
    step = Counting()
    rows = [Row(0, choose_likeliest, written=[5])]
    seen: list[list[int]] = []

    def watch(scores: Scores, written: Sequence[int]) -> Scores:
        seen.append(list(written))
        return scores

    done = lambda row, _: len(row.written) == 4  # noqa: E731
    begun = begin(step, [0])
    list(write_rows(step, begun, rows, banned=(), transforms=[watch], finished=done))
    assert seen == [[5], [5, 1], [5, 1, 2]]
