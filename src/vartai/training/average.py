"""A running average of the weights, exact, at the cost of the rows in use.

The average of a parameter w follows ``average += (1 - decay) * (w - average)`` after every step.
Between two uses a row of an embedding does not change, so its average approaches it by a power that
is known: the row is brought up to date when it is next used, or when the average is read.

Source: Polyak & Juditsky 1992, in the exponential form; the decay rises from 0.1 in the first steps
so that the random start does not linger.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vartai.nn.embedding import Embedding


class WeightAverage:
    """The running average of every parameter of a model.

    Args:
        model: the weights now are the first average.
        decay: how much of the average stays at each step, below 1.
    """

    def __init__(self, model: nn.Module, *, decay: float) -> None:
        self.decay = decay
        self._tables = {
            name: module for name, module in model.named_modules() if isinstance(module, Embedding)
        }
        by_row = {id(table.weight) for table in self._tables.values()}
        self._dense = {n: p for n, p in model.named_parameters() if id(p) not in by_row}
        self._dense_averages = {n: p.detach().clone() for n, p in self._dense.items()}
        self._row_averages = {n: t.weight.detach().clone() for n, t in self._tables.items()}
        # The sum of log decays up to the step that last touched each row, and up to now.
        self._row_logs = {
            n: torch.zeros(t.weight.size(0), dtype=torch.float64, device=t.weight.device)
            for n, t in self._tables.items()
        }
        self._log = 0.0
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights after a step; the embeddings must still list their rows in use."""
        decay = min(self.decay, (1 + self._steps) / (10 + self._steps))
        self._steps += 1
        log_before, self._log = self._log, self._log + math.log(decay)
        torch._foreach_lerp_(
            list(self._dense_averages.values()),
            [parameter.detach() for parameter in self._dense.values()],
            1 - decay,
        )
        for name, table in self._tables.items():
            averages, logs = self._row_averages[name], self._row_logs[name]
            for use in table.in_use:
                stale = torch.exp(log_before - logs[use.ids]).to(averages.dtype).unsqueeze(1)
                rows = use.rows.detach().lerp(averages[use.ids], stale)
                rows.lerp_(table.weight[use.ids], 1 - decay)
                averages.index_copy_(0, use.ids, rows)
                logs[use.ids] = self._log

    @torch.no_grad()
    def weights(self) -> dict[str, Tensor]:
        """The averages as a `state_dict` of the model: fresh tensors."""
        averages = {name: value.clone() for name, value in self._dense_averages.items()}
        for name, table in self._tables.items():
            stale = torch.exp(self._log - self._row_logs[name]).to(table.weight.dtype).unsqueeze(1)
            key = f"{name}.weight" if name else "weight"
            averages[key] = table.weight.detach().lerp(self._row_averages[name], stale)
        return averages

    def state(self) -> dict[str, Tensor]:
        """Everything needed to go on, as named tensors."""
        state = {f"dense.{name}": value for name, value in self._dense_averages.items()}
        for name in self._tables:
            state[f"rows.{name}"] = self._row_averages[name]
            state[f"logs.{name}"] = self._row_logs[name]
        state["clock"] = torch.tensor([self._log, float(self._steps)], dtype=torch.float64)
        return state

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from `state()` of an average of the same model."""
        for name, value in self.state().items():
            value.copy_(state[name])
        self._log = float(state["clock"][0])
        self._steps = int(state["clock"][1])
