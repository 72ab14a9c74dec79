"""The measurements of Grid LSTM: their questions, their peers, and that they can be interrupted."""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.grid_algorithms import Run, Setting
from benchmarks.grid_digits import MOVES, moved, patches
from benchmarks.grid_entrants import STEPPED, VECTORS, TiedStack, build, count, fitting_size
from benchmarks.grid_page import algorithm_section, characters_section, digits_section, read_runs
from benchmarks.grid_tasks import TASKS, Addition, Memorization, Parity

from benchmarks import grid_characters, grid_digits, grid_plans
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


def test_a_falling_rate_goes_on_falling_after_an_interruption(tmp_path: Path) -> None:
    setting = Setting("parity", 4, "grid", 2, 500, 8, batch=8, rate=0.4, falling=4)
    first = Run(setting, tmp_path, "cpu")
    for _ in range(2):
        first._update()
    assert first.adam.param_groups[0]["lr"] == 0.4
    first.train(60, every=1)
    again = Run(setting, tmp_path, "cpu")
    assert again.adam.param_groups[0]["lr"] == pytest.approx(0.4 / 4)
    assert "--falling 4 --updates 8 " in algorithm_section(read_runs(tmp_path), "parity")


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
    picture = torch.arange(28.0 * 28.0).view(1, 28, 28)
    places = patches(picture) * 0.31 + 0.13
    torch.testing.assert_close(places[0, 1, 2].view(4, 4), picture[0, 4:8, 8:12])


def test_moved_pictures_keep_what_they_show() -> None:
    pictures = torch.zeros(40, 28, 28)
    pictures[:, 13, 14] = 1.0
    found = moved(pictures, torch.Generator().manual_seed(0)).nonzero()[:, 1:]
    assert found.min(0).values.tolist() == [13 - MOVES, 14 - MOVES]
    assert found.max(0).values.tolist() == [13 + MOVES, 14 + MOVES]


def options_of(folder: Path) -> argparse.Namespace:
    return argparse.Namespace(device="cpu", runs=folder, time=1e6)


@pytest.mark.parametrize("model", ["grid tied", "grid", "stack"])
def test_a_model_of_characters_learns_what_always_follows(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tinyshakespeare").mkdir()
    text = "to be or not to be\n" * 100
    (tmp_path / "tinyshakespeare" / "input.txt").write_text(text, encoding="utf-8")
    monkeypatch.setenv("VARTAI_DATA", str(tmp_path))
    setting = grid_characters.Setting(model, 2, 12_000, 4, 4, 16, 0.02, 0.0, 0)
    run = grid_characters.Run(setting, options_of(tmp_path / "runs"))
    run.train(1e6)
    assert run.epochs == 4
    section = characters_section(read_runs(tmp_path / "runs"))
    nats = float(section.splitlines()[-1].split(" | ")[5])
    assert nats < 1.0  # the frequencies of its characters come to 2.2


@pytest.mark.parametrize("model", grid_digits.MODELS)
def test_digits_are_read_trained_on_and_tested_once(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist").mkdir()
    for part in ("train", "t10k"):
        labels = np.arange(60, dtype=np.uint8) % 10
        pictures = np.zeros((60, 28, 28), np.uint8)
        pictures[np.arange(60), 2 * labels + 4, 14] = 255
        for name, head, data in (
            ("images-idx3", (2051, 60, 28, 28), pictures),
            ("labels-idx1", (2049, 60), labels),
        ):
            with gzip.open(tmp_path / "mnist" / f"{part}-{name}-ubyte.gz", "wb") as file:
                file.write(np.array(head, ">i4").tobytes() + data.tobytes())
    monkeypatch.setenv("VARTAI_DATA", str(tmp_path))
    monkeypatch.setattr(grid_digits, "KEPT", 20)
    setting = grid_digits.Setting(model, 2, 4_000, 2, 8, 0.01, 0.0, 0)
    for _ in range(2):
        grid_digits.Run(setting, options_of(tmp_path / "runs")).train()
    (found,) = read_runs(tmp_path / "runs")
    assert [next(iter(line)) for line in found.lines] == ["epoch", "epoch", "test_error"]
    assert f"| {found.last['test_error']:.2%} |" in digits_section([found])
    with pytest.raises(SystemExit, match="begins with 2049, expected 2051"):
        grid_digits.read_idx(tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz", 3)


def test_every_plan_is_of_scripts_and_models_that_there_are() -> None:
    for plan in grid_plans.PLANS.values():
        for script, *typed in plan:
            given = dict(zip(typed[::2], typed[1::2], strict=True))
            if script == "grid_algorithms":
                task = TASKS[given["--task"]](int(given["--size"]))
                assert given["--model"] in (STEPPED if task.steps else VECTORS)
            elif script == "grid_digits":
                assert given["--model"] in grid_digits.MODELS
            else:
                assert script == "grid_characters"
