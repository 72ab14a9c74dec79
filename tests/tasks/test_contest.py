"""Cells compared: equal sizes, runs that are kept, differences that claim no more than is there."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tasks.classify.texts import colours

from vartai.data.passages import TextSplits
from vartai.errors import InputError, OptionError, RunError
from vartai.kernels.cell_names import CELLS
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.contest import ClassifyContest
from vartai.tasks.classify.experiment import Splits
from vartai.tasks.contest import Contestant, Kept, Measured, Run, equal_size, hold, require_cells
from vartai.tasks.contest_table import difference, sign_test, standings
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions
from vartai.tasks.generate.contest import GenerateContest
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions


@dataclass
class Counted:
    """A contest whose runs are counted and not trained."""

    measure: str = "score"
    higher: bool = True
    stop_at: int | None = None
    breaks: tuple[str, int] | None = None
    trained: list[tuple[str, int]] = field(default_factory=list)

    def sized(self, cell: str, hidden_size: int) -> str:
        return f"{cell} {hidden_size}"

    def parameters(self, config: str) -> int:
        cell, size = config.split(" ")
        return int(size) ** 2 * {"lstm": 4, "gru": 3, "rnn": 1}[cell]

    def identity(self, config: str, *, seed: int) -> str:
        return f"{config}/{seed}"

    def run(self, config: str, *, seed: int) -> Measured | None:
        if (config, seed) == self.breaks:
            raise RunError("the loss is not finite")
        if len(self.trained) == self.stop_at:
            return None
        self.trained.append((config, seed))
        return Measured({"score": 0.5 + seed / 10}, 3, 2, "epochs", 1.5)


def contestants(*cells: str, parameters: int = 40_000) -> list[Contestant]:
    return equal_size(Counted(), cells, parameters=parameters)


def test_units_are_chosen_so_that_parameters_are_equal() -> None:
    found = contestants("lstm", "gru", "rnn")
    assert [each.hidden_size for each in found] == [100, 115, 200]
    assert [each.parameters for each in found] == [40_000, 39_675, 40_000]


def test_a_cell_that_cannot_come_near_is_refused_by_name() -> None:
    with pytest.raises(OptionError, match=r"lstm: 2 units have 16 parameters.* within 2% of 20;"):
        contestants("lstm", "rnn", parameters=20)
    with pytest.raises(OptionError, match="rnn: 4096 units have fewer than 100,000,000 parameters"):
        contestants("rnn", parameters=100_000_000)
    with pytest.raises(OptionError, match="cells: gru is named twice"):
        contestants("gru", "lstm", "gru")
    with pytest.raises(OptionError, match="unknown cell 'lstn'"):
        require_cells(["lstm", "lstn"], tuple(CELLS))
    with pytest.raises(OptionError, match="a comparison needs two cells at least"):
        require_cells(["lstm"], tuple(CELLS))


@pytest.mark.parametrize("both", [False, True])
def test_every_cell_of_the_house_meets_a_number_of_parameters(both: bool) -> None:
    options = ClassifierOptions(layers=2, bidirectional=both, embedding_size=16)
    config = ClassifyConfig(model=options)
    contest = ClassifyContest(config, Splits(colours(), colours(), colours()))
    for each in equal_size(contest, tuple(CELLS), parameters=200_000):
        assert abs(each.parameters - 200_000) <= 4_000, each.name
        assert each.config.model.hidden_size == each.hidden_size


def test_parameters_are_those_of_the_recurrent_layers_alone() -> None:
    model = LanguageModelOptions(embedding_size=10, softmax="adaptive")
    contest = GenerateContest(GenerateConfig(model=model), TextSplits((), (), ()))
    assert contest.parameters(contest.sized("lstm", 7)) == 4 * 7 * (10 + 7 + 2)


def held(contest: Counted, kept: Kept, seeds: int = 2) -> list[Run]:
    return list(hold(contest, contestants("lstm", "gru"), range(seeds), kept=kept, workers=1))


def test_all_cells_are_trained_with_a_seed_before_the_next(tmp_path: Path) -> None:
    contest = Counted()
    runs = held(contest, Kept(tmp_path / "runs.jsonl"))
    assert contest.trained == [("lstm 100", 0), ("gru 115", 0), ("lstm 100", 1), ("gru 115", 1)]
    assert [(run.name, run.seed) for run in runs] == [
        (cell, seed) for seed, cell in itertools.product((0, 1), ("lstm", "gru"))
    ]


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    first = Counted(stop_at=3)
    assert len(held(first, Kept(path))) == 3
    with path.open("a", encoding="utf-8") as file:
        file.write('{"key": "cut sho')  # as a machine leaves it that lost its power
    again = Counted()
    runs = held(again, Kept(path), seeds=3)
    assert again.trained == [("gru 115", 1), ("lstm 100", 2), ("gru 115", 2)]
    assert len(runs) == 6
    assert [run.seed for run in runs[:3]] == [0, 0, 1]


def test_a_training_that_fails_is_a_result_and_stops_no_other(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "runs.jsonl")
    runs = held(Counted(breaks=("gru 115", 0)), kept)
    assert [run.measured.reason for run in runs] == [
        "epochs", "failed: the loss is not finite", "epochs", "epochs",
    ]  # fmt: skip
    assert Kept(tmp_path / "runs.jsonl").runs == kept.runs
    table = standings(contestants("lstm", "gru"), runs, measure="score", higher=True)
    assert [(each.failed, sorted(each.scores)) for each in table] == [(0, [0, 1]), (1, [1])]
    alone = standings(contestants("gru"), runs[1:2], measure="score", higher=True)
    assert alone[0].mean is None
    json.dumps(alone[0].facts(), allow_nan=False)


def test_a_line_that_is_no_run_is_named(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    held(Counted(), Kept(path), seeds=1)
    whole = path.read_text(encoding="utf-8")
    for wrong in ("[]\n", "{}\n", whole.replace('"seed": 0', '"seed": "0"'), "nonsense\n"):
        path.write_text(whole + wrong, encoding="utf-8")
        with pytest.raises(InputError, match=r"runs.jsonl.*line 3.*expected a finished run"):
            Kept(path)


def test_the_standings_set_every_cell_beside_the_first_seed_by_seed() -> None:
    both = contestants("lstm", "gru")
    scores = {"lstm": [2.0, 2.1, 2.4], "gru": [1.9, 2.2, 2.1]}
    runs = [
        Run(f"{name}{seed}", name, 1, 1, seed, Measured({"bits": score}, 2, 1, "time", 4.0))
        for name, own in scores.items()
        for seed, score in enumerate(own)
    ]
    first, second = standings(both, runs, measure="bits", higher=False)
    assert first.difference is None
    assert first.mean == pytest.approx(6.5 / 3)
    found = second.difference
    assert found is not None
    assert (found.better, found.seeds) == (2, 3)
    assert (found.low, found.high, found.mean) == pytest.approx((-0.1, 0.3, 0.1))
    assert found.p == 0.75  # of the eight choices of signs six are as far from zero
    json.dumps(second.facts(), allow_nan=False)


def test_seeds_that_only_one_has_are_not_compared() -> None:
    found = difference({0: 0.5, 3: 0.9}, {0: 0.4, 1: 0.1}, higher=True)
    assert found is not None
    assert found.seeds == 1
    assert found.p == 1.0
    assert difference({3: 0.9}, {0: 0.4}, higher=True) is None


@given(st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=1, max_size=8))
def test_the_p_value_is_a_share_of_the_choices_of_signs(differences: list[float]) -> None:
    p = sign_test(differences)
    assert p is not None
    assert 2 ** (1 - len(differences)) <= p + 1e-12 or not any(differences)
    assert p <= 1.0
    assert sign_test([-each for each in differences]) == p
    assert sign_test([0.0] * 4) == 1.0
    assert sign_test([1.0] * 5) == 2 / 32
    assert sign_test([1.0] * 17) is None


def test_a_comparison_has_one_budget_and_hides_nothing() -> None:
    splits = Splits(colours(), colours(), colours())
    with pytest.raises(OptionError, match="wide: scores of n-grams would hide what cells"):
        ClassifyContest(ClassifyConfig(model=ClassifierOptions(wide=True)), splits)
    contest = ClassifyContest(ClassifyConfig(), splits)
    with pytest.raises(OptionError, match="a bag has no recurrent layers to be compared"):
        contest.sized("bag", 10)


def small(training: TrainingOptions) -> ClassifyContest:
    config = ClassifyConfig(
        text=TextOptions(min_frequency=1),
        model=ClassifierOptions(embedding_size=8, hidden_size=8, bidirectional=False),
        training=training,
    )
    return ClassifyContest(config, Splits(colours(), colours(), colours()))


def test_the_budget_and_the_seed_belong_to_what_a_run_is() -> None:
    contest = small(TrainingOptions(epochs=1))
    longer = small(TrainingOptions(epochs=1, time="9m"))
    own = contest.identity(contest.sized("gru", 8), seed=0)
    assert own == contest.identity(contest.sized("gru", 8), seed=0)
    others = {
        contest.identity(contest.sized("gru", 8), seed=1),
        contest.identity(contest.sized("gru", 9), seed=0),
        contest.identity(contest.sized("rnn", 8), seed=0),
        longer.identity(longer.sized("gru", 8), seed=0),
    }
    assert own not in others
    assert len(others) == 4


def test_processes_give_what_one_gives(tmp_path: Path) -> None:
    contest = small(TrainingOptions(epochs=1, threads=1))
    cells = equal_size(contest, ("lstm", "min-gru"), parameters=3_000)
    found: list[dict[tuple[str, int], float]] = []
    for workers, name in ((1, "one"), (2, "two")):
        kept = Kept(tmp_path / name)
        runs = hold(contest, cells, (0,), kept=kept, workers=workers)
        found.append({(run.name, run.seed): run.measured.scores["loss"] for run in runs})
    assert found[0] == found[1]
    assert len(found[0]) == 2
