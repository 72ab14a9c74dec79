"""Handwritten digits as planes of patches: a 3-D grid against stacked LSTM at equal parameters.

    VARTAI_DATA=… python -m benchmarks.grid_digits --model "grid" --runs FOLDER
    python -m benchmarks.grid_page --runs FOLDER

A picture of 28 x 28 becomes 7 x 7 patches of 4 x 4. The grid reads them as a plane, its layers from
the four corners in turn; a stack reads them row by row as a sequence of 49. The hidden vectors
above the last layer are averaged over all patches and classified. 55,000 pictures are trained on,
moved by up to two pixels; 5,000 are kept and watched on the way, and the test pictures are looked
at once, at the end. The rate falls as epochs or time run out, whichever is sooner. Runs are kept in
FOLDER and go on where they stopped.
"""

from __future__ import annotations

import argparse
import gzip
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from benchmarks.grid_entrants import begin_by_remembering, closest_size, count
from benchmarks.grid_record import Record, describe_place
from benchmarks.public_data import data_folder
from vartai.nn import LSTM, GridLSTM3d
from vartai.nn.grid_lstm3d import CORNERS
from vartai.sequences import SequenceBatch

SIDE, PATCH, MOVES = 28, 4, 2
KEPT = 5_000  # pictures to watch training by
_PLANE = SIDE // PATCH
_MEAN, _DEVIATION = 0.13, 0.31  # of the pictures, roughly
_HEADS = {3: 2051, 1: 2049}  # first number of an idx file, by its dimensions


@dataclass(frozen=True)
class Setting:
    """One run."""

    model: str
    layers: int
    parameters: int
    epochs: int
    batch: int
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
            f"b{self.batch}",
            f"r{self.rate:g}",
            f"d{self.dropout:g}",
            f"s{self.seed}",
        )
        return "digits-" + "-".join(map(str, parts))


def read_idx(path: Path, dimensions: int) -> Tensor:
    """The bytes of an idx file: ``[N, 28, 28]`` pictures or ``[N]`` labels."""
    with gzip.open(path) as file:
        head = np.frombuffer(file.read(4 * (dimensions + 1)), ">i4").tolist()
        if head[0] != _HEADS[dimensions]:
            raise SystemExit(f"{path}: begins with {head[0]}, expected {_HEADS[dimensions]}")
        data = np.frombuffer(file.read(), np.uint8).copy()
    return torch.from_numpy(data).view(head[1:])


def read_digits(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    """Pictures ``[N, 28, 28]`` of bytes and their labels; part is ``train`` or ``t10k``."""
    pictures = read_idx(folder / f"{part}-images-idx3-ubyte.gz", 3)
    return pictures, read_idx(folder / f"{part}-labels-idx1-ubyte.gz", 1).long()


def patches(pictures: Tensor) -> Tensor:
    """``[B, 28, 28]`` of 0 to 1 to ``[B, 7, 7, 16]`` around 0."""
    pictures = (pictures - _MEAN) / _DEVIATION
    cut = pictures.unflatten(1, (_PLANE, PATCH)).unflatten(3, (_PLANE, PATCH))
    return cut.transpose(2, 3).flatten(3)


def moved(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Each picture moved by up to `MOVES` pixels, its edge filled with black."""
    shifts = torch.randint(0, 2 * MOVES + 1, (2, len(pictures)), generator=generator)
    places = torch.arange(SIDE) + shifts[..., None]
    places = places.to(pictures.device)
    wide = pad(pictures, (MOVES,) * 4)
    number = torch.arange(len(pictures), device=pictures.device)[:, None, None]
    return wide[number, places[0][:, :, None], places[1][:, None, :]]


class OfPlane(nn.Module):
    """A 3-D grid over patches, averaged and classified."""

    def __init__(self, size: int, layers: int, *, tied: bool, dropout: float) -> None:
        super().__init__()
        self.layers = GridLSTM3d(
            PATCH * PATCH, size, layers, tied=tied, corners=CORNERS, dropout=dropout
        )
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(size, 10)

    def forward(self, planes: Tensor) -> Tensor:
        """``[B, 7, 7, 16]`` to scores ``[B, 10]``."""
        pooled = self.layers(planes)[0].mean((1, 2))
        scores: Tensor = self.scores(self.dropout(pooled))
        return scores


class OfRows(nn.Module):
    """A stack of LSTM layers over the same patches row by row, averaged and classified."""

    def __init__(self, size: int, layers: int, *, both_ways: bool, dropout: float) -> None:
        super().__init__()
        self.layers = LSTM(PATCH * PATCH, size, layers, dropout=dropout, bidirectional=both_ways)
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(self.layers.output_size, 10)

    def forward(self, planes: Tensor) -> Tensor:
        """``[B, 7, 7, 16]`` to scores ``[B, 10]``."""
        steps = _PLANE * _PLANE
        lengths = torch.full((len(planes),), steps)
        rows = self.layers(SequenceBatch(planes.flatten(0, 2), lengths))[0].data
        scores: Tensor = self.scores(self.dropout(rows.unflatten(0, (-1, steps)).mean(1)))
        return scores


MODELS: Final[dict[str, Callable[[int, int, float], nn.Module]]] = {
    "grid": lambda size, layers, dropout: OfPlane(size, layers, tied=False, dropout=dropout),
    "grid tied": lambda size, layers, dropout: OfPlane(size, layers, tied=True, dropout=dropout),
    "stack": lambda size, layers, dropout: OfRows(size, layers, both_ways=False, dropout=dropout),
    "stack both ways": lambda size, layers, dropout: OfRows(
        size, layers, both_ways=True, dropout=dropout
    ),
}


class Run:
    """A model in training, its file and its checkpoint."""

    def __init__(self, setting: Setting, options: argparse.Namespace) -> None:
        self.setting = setting
        self.device = options.device
        folder = data_folder() / "mnist"
        pictures, labels = read_digits(folder, "train")
        self.pictures, self.labels = self._ready(pictures[:-KEPT]), labels[:-KEPT].to(self.device)
        self.kept = self._ready(pictures[-KEPT:]), labels[-KEPT:].to(self.device)
        self.folder, self.limit = folder, options.time
        torch.manual_seed(setting.seed)
        size = closest_size(
            lambda size: MODELS[setting.model](size, setting.layers, 0.0), setting.parameters
        )
        self.model = MODELS[setting.model](size, setting.layers, setting.dropout)
        begin_by_remembering(self.model)
        self.model.to(self.device)
        self.adam = torch.optim.AdamW(self.model.parameters(), setting.rate, weight_decay=0.01)
        self.updates_each = len(self.pictures) // setting.batch
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

    def _ready(self, pictures: Tensor) -> Tensor:
        return pictures.to(self.device).float() / 255

    def share_done(self, seconds: float, number: int) -> float:
        """Of the run, by updates or by the clock."""
        updates = self.epochs * self.updates_each + number
        by_updates = updates / (self.updates_each * self.setting.epochs)
        return max(by_updates, (self.seconds + seconds) / self.limit)

    def train(self) -> None:
        """All epochs that there is time for; then the test pictures."""
        if self.record.ended("test_error"):
            return
        while self.share_done(0.0, 0) < 1.0:
            began = time.perf_counter()
            losses = self._epoch()
            self.epochs += 1
            self.seconds += time.perf_counter() - began
            self.record.say(
                {
                    "epoch": self.epochs,
                    "updates": len(losses),
                    "seconds": round(self.seconds, 1),
                    "loss": losses.mean().item(),
                    "kept_error": self.error(*self.kept),
                }
            )
            place = {"epochs": self.epochs, "seconds": self.seconds}
            self.record.keep(self.model, self.adam, place)
        pictures, labels = read_digits(self.folder, "t10k")
        error = self.error(self._ready(pictures), labels.to(self.device))
        self.record.say({"test_error": error, "seconds": round(self.seconds, 1)})

    def _epoch(self) -> Tensor:
        """One pass; all losses. The rate rises for a twentieth of all updates, then falls."""
        generator = torch.Generator().manual_seed(self.setting.seed * 1000 + self.epochs)
        torch.manual_seed(self.setting.seed * 1000 + self.epochs)
        self.model.train()
        order = torch.randperm(len(self.pictures), generator=generator).to(self.device)
        losses = []
        began = time.perf_counter()
        for number in range(self.updates_each):
            done = min(1.0, self.share_done(time.perf_counter() - began, number))
            if done == 1.0 and losses:
                break
            share = min(1.0, done * 20 + 0.01) * (0.5 + 0.5 * math.cos(math.pi * done))
            self.adam.param_groups[0]["lr"] = self.setting.rate * share
            chosen = order[number * self.setting.batch : (number + 1) * self.setting.batch]
            planes = patches(moved(self.pictures[chosen], generator))
            loss = cross_entropy(self.model(planes), self.labels[chosen])
            self.adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.adam.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    @torch.no_grad()
    def error(self, pictures: Tensor, labels: Tensor) -> float:
        """Share of pictures that are taken for another digit."""
        self.model.eval()
        wrong = sum(
            int((self.model(patches(some)).argmax(1) != own).sum())
            for some, own in zip(pictures.split(500), labels.split(500), strict=True)
        )
        return wrong / len(labels)


def main() -> None:
    """Train one model, then test it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="grid")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--parameters", type=int, default=330_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--time", type=float, default=7200.0, help="seconds")
    parser.add_argument("--runs", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names = set(Setting.__dataclass_fields__)
    setting = Setting(**{name: value for name, value in vars(options).items() if name in names})
    Run(setting, options).train()


if __name__ == "__main__":
    main()
