"""Probes can be failed, and say who failed them."""

from __future__ import annotations

import pytest
import torch

from vartai.errors import OptionError
from vartai.inspect.memory import CellsOptions, MemoryOptions, ProbeOptions, compare_cells
from vartai.inspect.memory.cells import CELLS, PROBES, fresh_model
from vartai.inspect.memory.probes.adding import AddingProbe
from vartai.inspect.memory.probes.copying import CopyProbe
from vartai.inspect.memory.probes.training import (
    ProbeModel,
    probe_quality,
    remembers,
    train_on_probe,
)
from vartai.kernels.padded import AnyBatch
from vartai.nn import GRU
from vartai.nn.stack_run import StackRun

SMALL = ProbeOptions(updates=250, delays=(0, 4, 8), tested=100, learning_rate=1e-2)
ONE_SYMBOL = CopyProbe(symbols=1, kinds=3)


class Forgetful(GRU):
    """A layer that begins anew at every step."""

    def run(self, batch: AnyBatch, state: object = None, **_: object) -> StackRun:  # type: ignore[override]
        return super().run(batch.cut(1))  # type: ignore[union-attr]


def trained(layers: GRU) -> tuple[float, ...]:
    model = ProbeModel(layers, ONE_SYMBOL.outputs)
    train_on_probe(ONE_SYMBOL, model, SMALL, seed=0)
    return probe_quality(ONE_SYMBOL, model, SMALL, seed=0)


def test_a_cell_that_forgets_at_every_step_fails_where_one_that_remembers_passes() -> None:
    torch.manual_seed(0)
    right = trained(GRU(ONE_SYMBOL.input_size, 12))
    assert min(right) > 0.95
    assert remembers(ONE_SYMBOL, SMALL.delays, right) == 8
    torch.manual_seed(0)
    wrong = trained(Forgetful(ONE_SYMBOL.input_size, 12))
    assert max(wrong) < 0.5
    assert remembers(ONE_SYMBOL, SMALL.delays, wrong) is None


def test_a_copy_is_asked_for_after_the_delay() -> None:
    generator = torch.Generator().manual_seed(1)
    probe = CopyProbe(symbols=2, kinds=4)
    drawn = probe.draw(torch.tensor([3, 0]), generator)
    assert drawn.batch.lengths.tolist() == [7, 4]
    first, second = (rows.argmax(1).tolist() for rows in drawn.batch.split())
    assert first[2:] == [4, 4, 4, 5, 5]
    assert second[2:] == [5, 5]
    assert drawn.asked.tolist() == [5, 6, 9, 10]
    assert drawn.answers.tolist() == [*first[:2], *second[:2]]
    scores = torch.eye(4)[drawn.answers]
    assert probe.quality(scores, drawn.answers) == 1.0


def test_a_sum_is_that_of_the_two_marked_numbers() -> None:
    generator = torch.Generator().manual_seed(1)
    probe = AddingProbe()
    drawn = probe.draw(torch.tensor([40, 1, 4, 77]), generator)
    assert drawn.batch.lengths.tolist() == [40, 4, 4, 77]
    for rows, answer in zip(drawn.batch.split(), drawn.answers, strict=True):
        marked = rows[:, 1].nonzero().squeeze(1)
        assert len(marked) == 2
        assert int(marked[0]) < max(1, len(rows) // 10)
        assert int(marked[1]) < len(rows) // 2
        assert float(rows[marked, 0].sum()) == pytest.approx(float(answer))
    many = probe.draw(torch.full((4000,), 30), generator)
    assert probe.quality(torch.ones(4000, 1), many.answers) == pytest.approx(0, abs=0.05)
    assert probe.quality(many.answers[:, None], many.answers) == 1.0


def test_remembering_ends_at_the_first_delay_that_is_failed() -> None:
    probe = CopyProbe(kinds=4)
    assert remembers(probe, (0, 5, 9), (1.0, 0.62, 1.0)) == 0
    assert remembers(probe, (0, 5, 9), (1.0, 0.63, 0.63)) == 9
    assert remembers(probe, (0, 5, 9), (0.3, 1.0, 1.0)) is None


def test_cells_are_compared_before_and_after_they_have_learned() -> None:
    options = CellsOptions(cells=("rnn tanh", "lstm forget 1"), hidden_size=6, seeds=2)
    budget = ProbeOptions(updates=3, delays=(0, 5), tested=8)
    said: list[str] = []
    results = compare_cells(options, budget=budget, measuring=MemoryOptions(), note=said.append)
    assert [result.cell for result in results] == ["rnn tanh", "lstm forget 1"]
    assert len(said) == 4
    plain, lstm = results
    assert plain.parameters == 6 * (6 + 6 + 2)
    assert lstm.parameters == 4 * plain.parameters
    assert len(plain.quality) == len(plain.remembered) == 2
    assert plain.before.back.longest == 2 * 2 + 5 - 1
    assert (plain.before.back.mean[1:] != plain.after.back.mean[1:]).all()
    assert plain.facts()["before"]["norm"] == "Frobenius norm of the whole Jacobian"


def test_forget_biases_are_what_their_names_say_and_rows_know_their_order() -> None:
    for name, forget in (("lstm forget 0", 0.0), ("lstm forget 1", 1.0)):
        layers = fresh_model(name, PROBES["copy"], 5, seed=0).layers
        assert layers.bias_ih_l0[5:10].tolist() == [forget] * 5  # type: ignore[index]
        assert layers.bias_ih_l0[:5].tolist() == [0.0] * 5  # type: ignore[index]
    assert {"rnn tanh", "rnn relu", "lstm forget 0", "lstm forget 1", "gru"} <= set(CELLS)


def test_unknown_cells_probes_and_delays_are_refused() -> None:
    with pytest.raises(OptionError, match="unknown cell 'lstn'; known: gru"):
        CellsOptions(cells=("lstn",))
    with pytest.raises(OptionError, match="unknown probe 'paste'; known: adding, copy"):
        CellsOptions(probe="paste")
    with pytest.raises(OptionError, match="delays must rise from 0 or more"):
        ProbeOptions(delays=(5, 0))
    with pytest.raises(OptionError, match="updates must be at least 1"):
        ProbeOptions(updates=0)
