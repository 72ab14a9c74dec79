"""Adding, memorising and parity: grids against stacks at equal parameters.

    python -m benchmarks.grid_algorithms --task addition --size 3 --model "grid tied" --layers 6
        --parameters 40000 --batch 32 --rate 5e-3 --seed 0 --time 3600 --runs FOLDER
    python -m benchmarks.grid_page --runs FOLDER

`benchmarks.grid_plans` makes all runs that are published. A run writes a file of JSON lines and a
checkpoint in FOLDER; one that was interrupted goes on where it stopped, one that is over is left
alone. Update number u of seed s sees the same questions whatever is trained. A run ends early once
its test answers are right three times in a row.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.grid_entrants import begin_by_remembering, build, count, fitting_size
from benchmarks.grid_record import Record, describe_place
from benchmarks.grid_tasks import TASKS, Drawn, Task

TEST = 1024
TEST_SEED = 987_654_321
RIGHT = 0.998  # of whole answers; three times in a row and it is learned
_STRIDE = 10_000_000  # updates between the questions of one seed and the next


@dataclass(frozen=True)
class Setting:
    """One run."""

    task: str
    size: int
    model: str
    layers: int
    parameters: int
    updates: int
    batch: int = 64
    rate: float = 1e-3
    clip: float = 1.0
    seed: int = 0
    falling: int = 0  # of the updates, the last so many: the rate goes in a straight line to 0

    @property
    def name(self) -> str:
        """Of its files."""
        model = self.model.replace(" ", "-")
        tuned = "" if (self.batch, self.rate) == (64, 1e-3) else f"-b{self.batch}-r{self.rate:g}"
        tuned += f"-falling{self.falling}of{self.updates}" if self.falling else ""
        return (
            f"{self.task}-{self.size}-{model}-{self.layers}-p{self.parameters}{tuned}-s{self.seed}"
        )


class Run:
    """A model in training, its file and its checkpoint."""

    def __init__(self, setting: Setting, runs: Path, device: str) -> None:
        self.setting = setting
        self.task: Task = TASKS[setting.task](setting.size)
        self.device = device
        self.size = fitting_size(self.task, setting.model, setting.layers, setting.parameters)
        torch.manual_seed(setting.seed)
        self.model = build(self.task, setting.model, setting.layers, self.size)
        begin_by_remembering(self.model)
        self.model.to(device)
        self.adam = torch.optim.Adam(self.model.parameters(), setting.rate)
        self.done, self.seconds, self.right = 0, 0.0, 0
        self.test = self.task.draw(TEST, TEST_SEED, test=True)
        facts = {"hidden": self.size, "learned": count(self.model), "device": device}
        self.record = Record(
            runs, setting.name, asdict(setting) | facts | {"machine": describe_place(device)}
        )
        place = self.record.go_on(self.model, self.adam, device)
        if place is not None:
            self.done, self.seconds, self.right = place["done"], place["seconds"], place["right"]

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do."""
        return self.right >= 3 or self.done >= self.setting.updates

    def train(self, seconds: float, every: int) -> None:
        """Until it is over, or so many seconds of this run, earlier sittings included, are."""
        while not self.over and self.seconds < seconds:
            began = time.perf_counter()
            losses: list[float] = []
            stop = min(self.done + every, self.setting.updates)
            while self.done < stop:
                loss = self._update()
                if loss is not None:
                    losses.append(loss)
                if self.seconds + time.perf_counter() - began > seconds:
                    break
            self.seconds += time.perf_counter() - began
            symbols, whole = self.score()
            self.right = self.right + 1 if whole >= RIGHT else 0
            self.record.say(
                {
                    "updates": self.done,
                    "seconds": round(self.seconds, 1),
                    "loss": round(sum(losses) / max(len(losses), 1), 5),
                    "symbols": symbols,
                    "whole": whole,
                }
            )
            place = {"done": self.done, "seconds": self.seconds, "right": self.right}
            self.record.keep(self.model, self.adam, place)

    def _update(self) -> float | None:
        setting = self.setting
        seed = setting.seed * _STRIDE + self.done
        drawn = self.task.draw(setting.batch, seed, test=False)
        if setting.falling:
            left = (setting.updates - self.done) / setting.falling
            self.adam.param_groups[0]["lr"] = setting.rate * min(1.0, left)
        self.model.train()
        loss = self._loss(drawn)
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), setting.clip)
        self.adam.step()
        self.done += 1
        # Asking a GPU for every loss would make it wait for us.
        return loss.item() if self.device == "cpu" or self.done % 20 == 0 else None

    def _scores(self, drawn: Drawn) -> Tensor:
        scores: Tensor = self.model(drawn.inputs.to(self.device), drawn.answers.size(1))
        return scores

    def _loss(self, drawn: Drawn) -> Tensor:
        answers = drawn.answers.to(self.device)
        return cross_entropy(self._scores(drawn).flatten(0, 1), answers.flatten())

    @torch.no_grad()
    def score(self) -> tuple[float, float]:
        """Shares of symbols right, and of answers right as a whole, on the test questions."""
        self.model.eval()
        right = self._scores(self.test).argmax(-1).cpu() == self.test.answers
        return right.float().mean().item(), right.all(1).float().mean().item()


def run_one(options: argparse.Namespace) -> None:
    """The run that the options describe."""
    names = set(Setting.__dataclass_fields__)
    setting = Setting(**{k: v for k, v in vars(options).items() if k in names})
    run = Run(setting, options.runs, options.device)
    run.train(options.time, options.every)


def main() -> None:
    """Train one model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--parameters", type=int, required=True)
    parser.add_argument("--updates", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=Setting.batch)
    parser.add_argument("--rate", type=float, default=Setting.rate)
    parser.add_argument("--falling", type=int, default=0, help="updates in which the rate falls")
    parser.add_argument("--clip", type=float, default=Setting.clip)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=250)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--time", type=float, default=3600.0, help="seconds of the run")
    parser.add_argument("--runs", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run_one(options)


if __name__ == "__main__":
    main()
