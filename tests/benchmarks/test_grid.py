"""The measurements of Grid LSTM: their questions, their peers, and that they can be interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from benchmarks.grid_algorithms import Run, Setting
from benchmarks.grid_digits import MOVES, moved, patches
from benchmarks.grid_entrants import STEPPED, VECTORS, TiedStack, build, count, fitting_size
from benchmarks.grid_page import algorithm_section, read_runs
from benchmarks.grid_tasks import TASKS, Addition, Memorization, Parity

from vartai.nn import LSTM
from vartai.sequences import SequenceBatch


def test_a_sum_is_asked_and_answered_digit_by_digit_from_the_highest() -> None:
    asked = Addition(3).ask(torch.tensor([[123, 899], [7, 0]]))
    sign = 10
    assert asked.inputs.tolist()[0] == [1, 2, 3, sign, 8, 9, 9, sign, sign, sign, sign]
    assert asked.inputs.size(1) == Addition(3).steps
    assert asked.answers.tolist() == [[1, 0, 2, 2], [0, 0, 0, 7]]


def test_symbols_are_answered_in_their_order_once_all_are_read() -> None:
    asked = Memorization(3).ask(torch.tensor([[5, 63, 0]]))
    assert asked.inputs.tolist() == [[5, 63, 0, 64, 64, 64]]
    assert asked.answers.tolist() == [[5, 63, 0]]


def test_parity_is_of_ones() -> None:
    asked = Parity(4).ask(torch.tensor([[1, 0, 1, 1], [0, 0, 0, 0]]))
    assert asked.inputs.tolist() == [[1, -1, 1, 1], [-1, -1, -1, -1]]
    assert asked.answers.tolist() == [[1], [0]]


@pytest.mark.parametrize("name", TASKS)
def test_test_questions_never_occur_in_training_and_seeds_repeat_them(name: str) -> None:
    task = TASKS[name](2 if name == "addition" else 8)
    seen = {
        tuple(row) for seed in range(8) for row in task.draw(64, seed, test=False).inputs.tolist()
    }
    kept = {tuple(row) for row in task.draw(64, 5, test=True).inputs.tolist()}
    assert seen.isdisjoint(kept)
    again = task.draw(64, 5, test=True)
    assert {tuple(row) for row in again.inputs.tolist()} == kept
    assert len(again.answers) == 64


@pytest.mark.parametrize("kind", [*STEPPED, *VECTORS])
def test_every_entrant_has_about_as_many_parameters_and_answers_every_place(kind: str) -> None:
    for task in (Addition(3), Parity(6)):
        if kind in (STEPPED if task.steps else VECTORS):
            model = build(task, kind, 3, fitting_size(task, kind, 3, 20_000))
            assert abs(count(model) - 20_000) < 1_000
            drawn = task.draw(5, 0, test=False)
            scores = model(drawn.inputs, drawn.answers.size(1))
            assert scores.shape == (*drawn.answers.shape, task.classes)


def test_a_tied_stack_is_a_stack_whose_upper_layers_are_one() -> None:
    torch.manual_seed(0)
    tied, plain = TiedStack(3, 4, 3), LSTM(3, 4, 3)
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(plain, f"{name}_l0").copy_(getattr(tied.first, f"{name}_l0"))
            for layer in (1, 2):
                getattr(plain, f"{name}_l{layer}").copy_(getattr(tied.again, f"{name}_l0"))
    batch = SequenceBatch(torch.randn(7, 3), torch.tensor([3, 4]))
    torch.testing.assert_close(tied(batch)[0].data, plain(batch)[0].data)


def test_an_interrupted_run_comes_to_what_an_uninterrupted_one_does(tmp_path: Path) -> None:
    def run(folder: str, updates: int) -> Run:
        setting = Setting("addition", 1, "grid tied", 2, 2000, updates, batch=8)
        one = Run(setting, tmp_path / folder, "cpu")
        one.train(60, every=3)
        return one

    whole = run("whole", 6)
    run("parts", 3)
    rest = run("parts", 6)
    assert rest.done == 6
    for one, other in zip(whole.model.parameters(), rest.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_page_says_what_the_runs_came_to(tmp_path: Path) -> None:
    for seed in (0, 1):
        Run(
            Setting("parity", 4, "grid tied", 2, 500, 4, batch=8, seed=seed), tmp_path, "cpu"
        ).train(60, every=2)
    runs = read_runs(tmp_path)
    section = algorithm_section(runs, "parity")
    row = section.splitlines()[-1]
    mean = sum(run.last["symbols"] for run in runs) / 2
    assert f"| {mean:.1%} [" in row
    assert "seeds 0, 1" in section
    assert json.loads(next(tmp_path.glob("*.jsonl")).read_text().splitlines()[0])["size"] == 4


def test_patches_lie_where_they_lay_in_the_picture() -> None:
    picture = torch.arange(28 * 28).view(1, 28, 28)
    assert torch.equal(patches(picture)[0, 1, 2].view(4, 4), picture[0, 4:8, 8:12])


def test_moved_pictures_keep_what_they_show() -> None:
    pictures = torch.zeros(40, 28, 28)
    pictures[:, 13, 14] = 1.0
    found = moved(pictures, torch.Generator().manual_seed(0)).nonzero()[:, 1:]
    assert found.min(0).values.tolist() == [13 - MOVES, 14 - MOVES]
    assert found.max(0).values.tolist() == [13 + MOVES, 14 + MOVES]
