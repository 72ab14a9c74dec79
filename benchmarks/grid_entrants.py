"""Grids and what they are compared with, each as large as a number of parameters allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from benchmarks.grid_tasks import Task
from vartai.nn import LSTM, GridLSTM
from vartai.nn.grid_lstm1d import GridLSTM1d
from vartai.sequences import SequenceBatch


class TiedStack(nn.Module):
    """A stack of LSTM layers that all have the same weights, but for the first, which reads inputs.

    A tied grid without its memory along depth.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int) -> None:
        super().__init__()
        self.first = LSTM(input_size, hidden_size)
        self.again = LSTM(hidden_size, hidden_size)
        self.num_layers = num_layers

    def forward(self, batch: SequenceBatch) -> tuple[SequenceBatch, None]:
        """Outputs of the last layer."""
        batch = self.first(batch)[0]
        for _ in range(self.num_layers - 1):
            batch = self.again(batch)[0]
        return batch, None


class OverSteps(nn.Module):
    """Layers over symbols, and a linear layer that answers at the last steps."""

    def __init__(self, task: Task, layers: nn.Module, hidden_size: int) -> None:
        super().__init__()
        self.symbols = task.inputs
        self.layers = layers
        self.scores = nn.Linear(hidden_size, task.classes)

    def forward(self, symbols: Tensor, answers: int) -> Tensor:
        """Scores ``[B, A, classes]`` of the last A steps of ``[B, T]``."""
        count, steps = symbols.shape
        rows = one_hot(symbols.flatten(), self.symbols).to(self.scores.weight.dtype)
        lengths = torch.full((count,), steps)
        found = self.layers(SequenceBatch(rows, lengths))[0].data
        scores: Tensor = self.scores(found.view(count, steps, -1)[:, -answers:])
        return scores


class OverVectors(nn.Module):
    """Layers over vectors, and a linear layer above."""

    def __init__(self, task: Task, layers: nn.Module, hidden_size: int) -> None:
        super().__init__()
        self.layers = layers
        self.scores = nn.Linear(hidden_size, task.classes)

    def forward(self, vectors: Tensor, answers: int) -> Tensor:
        """Scores ``[B, A, classes]``, where A is 1: a vector has one answer."""
        found = self.layers(vectors)
        hidden = found[0] if isinstance(found, tuple) else found
        scores: Tensor = self.scores(hidden).unsqueeze(1).expand(-1, answers, -1)
        return scores


class FeedForward(nn.Module):
    """Plain layers: no gates, no memory."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int, *, activation: str, tied: bool
    ) -> None:
        super().__init__()
        self.first = nn.Linear(input_size, hidden_size)
        count = 1 if tied else num_layers
        self.rest = nn.ModuleList(nn.Linear(hidden_size, hidden_size) for _ in range(count))
        self.num_layers = num_layers
        self.activation = {"tanh": torch.tanh, "relu": torch.relu}[activation]

    def forward(self, vectors: Tensor) -> Tensor:
        """``[B, H]``."""
        hidden = self.activation(self.first(vectors))
        for layer in range(self.num_layers):
            hidden = self.activation(self.rest[layer % len(self.rest)](hidden))
        return hidden


Make = Callable[[int, int, int], nn.Module]
STEPPED: Final[dict[str, Make]] = {
    "grid tied": lambda inputs, size, layers: GridLSTM(inputs, size, layers, tied=True),
    "grid": lambda inputs, size, layers: GridLSTM(inputs, size, layers),
    "stack": lambda inputs, size, layers: LSTM(inputs, size, layers),
    "stack tied": TiedStack,
}
VECTORS: Final[dict[str, Make]] = {
    "grid tied": lambda inputs, size, layers: GridLSTM1d(inputs, size, layers, tied=True),
    "grid": lambda inputs, size, layers: GridLSTM1d(inputs, size, layers),
    "tanh": lambda i, s, n: FeedForward(i, s, n, activation="tanh", tied=False),
    "tanh tied": lambda i, s, n: FeedForward(i, s, n, activation="tanh", tied=True),
    "relu": lambda i, s, n: FeedForward(i, s, n, activation="relu", tied=False),
    "relu tied": lambda i, s, n: FeedForward(i, s, n, activation="relu", tied=True),
}


def build(task: Task, kind: str, layers: int, size: int) -> nn.Module:
    """One entrant of a hidden size."""
    stepped = task.steps > 0
    inner = (STEPPED if stepped else VECTORS)[kind](task.inputs, size, layers)
    return (OverSteps if stepped else OverVectors)(task, inner, size)


_FORGETTING: Final = ("bias_ih", "bias_hh", "bias_time", "bias_down", "bias_right", "bias_depth")


def begin_by_remembering(module: nn.Module) -> None:
    """Set every forget bias, of all sides, to 1; all else is as it was drawn."""
    for name, parameter in module.named_parameters():
        part = name.rsplit(".", 1)[-1]
        if part.startswith(_FORGETTING):
            size = len(parameter) // 4
            with torch.no_grad():
                parameter[size : 2 * size] = 0.0 if part.startswith("bias_hh") else 1.0


def count(module: nn.Module) -> int:
    """Numbers that are learned."""
    return sum(parameter.numel() for parameter in module.parameters())


def closest_size(make: Callable[[int], nn.Module], parameters: int) -> int:
    """The hidden size at which a model comes closest to so many parameters."""

    def learned(size: int) -> int:
        with torch.device("meta"):
            return count(make(size))

    low, high = 1, 4096
    while high - low > 1:
        middle = (low + high) // 2
        if learned(middle) <= parameters:
            low = middle
        else:
            high = middle
    return min((low, high), key=lambda size: abs(learned(size) - parameters))


def fitting_size(task: Task, kind: str, layers: int, parameters: int) -> int:
    """The hidden size of an entrant of so many parameters."""
    return closest_size(lambda size: build(task, kind, layers, size), parameters)
