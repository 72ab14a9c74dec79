"""A language model of Shakespeare's characters: grids against stacks at equal parameters.

    VARTAI_DATA=… python -m benchmarks.grid_characters --model "grid tied" --layers 6 --runs FOLDER
    python -m benchmarks.grid_page --runs FOLDER

The last tenth of tiny Shakespeare is kept: it judges, and chooses the epoch, for every model alike.
The text is read as streams side by side, whose states are carried on from piece to piece; gradients
flow back through one piece. Runs are kept in FOLDER and go on where they stopped.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.grid_entrants import begin_by_remembering, closest_size, count
from benchmarks.grid_record import Record, describe_place
from benchmarks.public_data import data_folder
from vartai.nn import LSTM, GridLSTM

VECTOR: Final = 64
Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Setting:
    """One run."""

    model: str
    layers: int
    parameters: int
    epochs: int
    streams: int
    steps: int
    rate: float
    dropout: float
    seed: int

    @property
    def name(self) -> str:
        """Of its files."""
        parts = (
            self.model.replace(" ", "-"),
            self.layers,
            f"p{self.parameters}",
            f"e{self.epochs}",
            f"n{self.streams}x{self.steps}",
            f"r{self.rate:g}",
            f"d{self.dropout:g}",
            f"s{self.seed}",
        )
        return "characters-" + "-".join(map(str, parts))


class Writer(nn.Module):
    """Vectors of characters, layers, and scores of the next character."""

    def __init__(self, setting: Setting, characters: int, size: int) -> None:
        super().__init__()
        layers, dropout = setting.layers, setting.dropout
        self.vectors = nn.Embedding(characters, VECTOR)
        self.layers: GridLSTM | LSTM
        if setting.model.startswith("grid"):
            tied = setting.model == "grid tied"
            self.layers = GridLSTM(VECTOR, size, layers, tied=tied, dropout=dropout)
        else:
            self.layers = LSTM(VECTOR, size, layers, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(size, characters)

    def forward(self, characters: Tensor, state: Pair | None) -> tuple[Tensor, Pair]:
        """``[T, B]`` to scores ``[T, B, V]`` and the state after it."""
        outputs, after = self.layers(self.vectors(characters), state)
        return self.scores(self.dropout(outputs)), after


def read_text() -> tuple[Tensor, int]:
    """The text as numbers of its characters, and how many kinds there are."""
    place = data_folder() / "tinyshakespeare" / "input.txt"
    text = place.read_text(encoding="utf-8")
    kinds = {character: number for number, character in enumerate(sorted(set(text)))}
    return torch.tensor([kinds[character] for character in text]), len(kinds)


def side_by_side(text: Tensor, streams: int) -> Tensor:
    """``[T, streams]``, each stream a part of the text; what is left over at the end is lost."""
    steps = len(text) // streams
    return text[: steps * streams].view(streams, steps).T.contiguous()


class Run:
    """A model in training."""

    def __init__(self, setting: Setting, options: argparse.Namespace) -> None:
        self.setting, self.device = setting, options.device
        text, characters = read_text()
        cut = len(text) * 9 // 10
        self.text = side_by_side(text[:cut], setting.streams).to(self.device)
        self.kept = side_by_side(text[cut:], 8).to(self.device)
        size = closest_size(lambda size: Writer(setting, characters, size), setting.parameters)
        torch.manual_seed(setting.seed)
        self.model = Writer(setting, characters, size)
        begin_by_remembering(self.model)
        self.model.to(self.device)
        self.adam = torch.optim.Adam(self.model.parameters(), setting.rate)
        self.epochs, self.seconds = 0, 0.0
        facts = {"hidden": size, "learned": count(self.model), "device": self.device}
        self.record = Record(
            options.runs,
            setting.name,
            asdict(setting) | facts | {"machine": describe_place(self.device)},
        )
        place = self.record.go_on(self.model, self.adam, self.device)
        if place is not None:
            self.epochs, self.seconds = place["epochs"], place["seconds"]

    def train(self, seconds: float) -> None:
        """All epochs, or those that begin before the time is over."""
        while self.epochs < self.setting.epochs and self.seconds < seconds:
            began = time.perf_counter()
            loss = self._epoch()
            self.epochs += 1
            self.seconds += time.perf_counter() - began
            facts = {"epoch": self.epochs, "seconds": round(self.seconds, 1), "loss": loss}
            self.record.say(facts | {"nats": self.score()})
            place = {"epochs": self.epochs, "seconds": self.seconds}
            self.record.keep(self.model, self.adam, place)

    def _epoch(self) -> float:
        """One pass, the rate falling along a cosine over all passes; the mean loss."""
        setting = self.setting
        torch.manual_seed(setting.seed * 1000 + self.epochs)
        self.model.train()
        state: Pair | None = None
        starts = range(0, len(self.text) - 1, setting.steps)
        total = torch.zeros((), device=self.device)
        for number, start in enumerate(starts):
            done = (self.epochs + number / len(starts)) / setting.epochs
            share = min(1.0, done * 50 + 0.01) * (0.5 + 0.5 * math.cos(math.pi * done))
            self.adam.param_groups[0]["lr"] = setting.rate * share
            stop = min(start + setting.steps, len(self.text) - 1)
            scores, after = self.model(self.text[start:stop], state)
            state = after[0].detach(), after[1].detach()
            loss = cross_entropy(scores.flatten(0, 1), self.text[start + 1 : stop + 1].flatten())
            self.adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.adam.step()
            total += loss.detach()
        return round(total.item() / len(starts), 5)

    @torch.no_grad()
    def score(self) -> float:
        """Nats a character on the tenth that was kept."""
        self.model.eval()
        state: Pair | None = None
        total, judged = 0.0, 0
        for start in range(0, len(self.kept) - 1, 256):
            stop = min(start + 256, len(self.kept) - 1)
            scores, state = self.model(self.kept[start:stop], state)
            wanted = self.kept[start + 1 : stop + 1].flatten()
            total += cross_entropy(scores.flatten(0, 1), wanted, reduction="sum").item()
            judged += len(wanted)
        return total / judged


def main() -> None:
    """Train one model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("grid tied", "grid", "stack"), default="grid tied")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--parameters", type=int, default=600_000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--time", type=float, default=7200.0, help="seconds")
    parser.add_argument("--runs", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names = set(Setting.__dataclass_fields__)
    setting = Setting(**{name: value for name, value in vars(options).items() if name in names})
    Run(setting, options).train(options.time)


if __name__ == "__main__":
    main()
