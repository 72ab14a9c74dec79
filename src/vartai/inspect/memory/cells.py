"""The same measured on several cells of one size, before and after they have learned a probe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch

from vartai.errors import require_range, unknown_name
from vartai.inspect.memory.gradients import Memory, layer_memory
from vartai.inspect.memory.options import MemoryOptions
from vartai.inspect.memory.probes.adding import AddingProbe
from vartai.inspect.memory.probes.copying import CopyProbe
from vartai.inspect.memory.probes.examples import Probe
from vartai.inspect.memory.probes.training import (
    ProbeModel,
    ProbeOptions,
    probe_quality,
    remembers,
    train_on_probe,
)
from vartai.nn.first_weights import begin_well
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN

Build = Callable[[int, int], RecurrentLayers]


def _started(layers: RecurrentLayers, *, forget: float | None = None) -> RecurrentLayers:
    begin_well(layers)
    if forget is not None:
        size = layers.hidden_size
        with torch.no_grad():
            layers.weights("l0")[2][size : 2 * size] = forget
    return layers


CELLS: Final[dict[str, Build]] = {
    "rnn tanh": lambda inputs, size: _started(RNN(inputs, size)),
    "rnn relu": lambda inputs, size: _started(RNN(inputs, size, nonlinearity="relu")),
    "lstm forget 0": lambda inputs, size: _started(LSTM(inputs, size), forget=0.0),
    "lstm forget 1": lambda inputs, size: _started(LSTM(inputs, size), forget=1.0),
    "gru": lambda inputs, size: _started(GRU(inputs, size)),
    "rnn tanh, torch": RNN,
    "lstm, torch": LSTM,
    "gru, torch": GRU,
}
"""Builders of one layer from D and H. The first five begin with orthogonal recurrent weights and
biases of 0, but for a forget bias of 1 where it is said; the others as `torch.nn` begins, uniformly
within ±1/√H."""

USUAL = ("rnn tanh", "rnn relu", "lstm forget 0", "lstm forget 1", "gru")
PROBES: Final[dict[str, Probe]] = {"copy": CopyProbe(), "adding": AddingProbe()}

# Sequences that gradients are measured on.
_MEASURED = 8


@dataclass(frozen=True, kw_only=True)
class CellsOptions:
    """What is compared.

    Attributes:
        cells: names of `CELLS`.
        probe: copy or adding.
        hidden_size: H, of every cell.
        seeds: how many trainings of each cell.
    """

    cells: tuple[str, ...] = USUAL
    probe: str = "copy"
    hidden_size: int = 32
    seeds: int = 1

    def __post_init__(self) -> None:
        for cell in self.cells:
            if cell not in CELLS:
                raise unknown_name("cell", cell, CELLS)
        if self.probe not in PROBES:
            raise unknown_name("probe", self.probe, PROBES)
        require_range("hidden_size", self.hidden_size, at_least=1)
        require_range("seeds", self.seeds, at_least=1)


@dataclass(frozen=True, eq=False)
class CellResult:
    """One cell.

    Args:
        cell: its name.
        parameters: of the layer.
        before: gradients of states by states with fresh weights, on the probe's sequences of the
            longest delay; of the first seed.
        after: the same once trained.
        quality: of each seed at each delay.
        remembered: of each seed the longest delay up to which it remembers; None for none.
    """

    cell: str
    parameters: int
    before: Memory
    after: Memory
    quality: tuple[tuple[float, ...], ...]
    remembered: tuple[int | None, ...]

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        return {
            "cell": self.cell,
            "parameters": self.parameters,
            "before": self.before.facts(),
            "after": self.after.facts(),
            "quality": [list(one) for one in self.quality],
            "remembered": list(self.remembered),
        }


def compare_cells(
    options: CellsOptions,
    *,
    budget: ProbeOptions,
    measuring: MemoryOptions,
    note: Callable[[str], None],
) -> list[CellResult]:
    """Measure fresh weights, train on the probe, measure again: every cell the same way.

    Args:
        options: what is compared.
        budget: of training.
        measuring: how gradients are measured.
        note: told of each training as it begins.
    """
    return [_compare(cell, options, budget, measuring, note=note) for cell in options.cells]


def _compare(
    cell: str,
    options: CellsOptions,
    budget: ProbeOptions,
    measuring: MemoryOptions,
    *,
    note: Callable[[str], None],
) -> CellResult:
    probe = PROBES[options.probe]
    memories: list[Memory] = []
    quality = []
    for seed in range(options.seeds):
        note(f"{cell}: training {seed + 1} of {options.seeds}")
        model = fresh_model(cell, probe, options.hidden_size, seed=seed)
        if seed == 0:
            memories.append(_measure(probe, model, budget, measuring))
        train_on_probe(probe, model, budget, seed=seed)
        if seed == 0:
            memories.append(_measure(probe, model, budget, measuring))
        quality.append(probe_quality(probe, model, budget, seed=seed))
    return CellResult(
        cell=cell,
        parameters=sum(weight.numel() for weight in model.layers.parameters()),
        before=memories[0],
        after=memories[1],
        quality=tuple(quality),
        remembered=tuple(remembers(probe, budget.delays, one) for one in quality),
    )


def fresh_model(cell: str, probe: Probe, hidden_size: int, *, seed: int) -> ProbeModel:
    """A cell with an answer for the probe; torch's random numbers are left as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ProbeModel(CELLS[cell](probe.input_size, hidden_size), probe.outputs)


def _measure(
    probe: Probe, model: ProbeModel, budget: ProbeOptions, measuring: MemoryOptions
) -> Memory:
    delays = torch.full((_MEASURED,), max(budget.delays))
    examples = probe.draw(delays, torch.Generator().manual_seed(measuring.seed))
    return layer_memory(model.layers, examples.batch, of="states", options=measuring)


def spread(values: Sequence[float]) -> str:
    """Mean, and the range in brackets where there are several.

    >>> spread([0.5, 1.0])
    '0.75 (0.50–1.00)'
    """
    mean = sum(values) / len(values)
    if len(values) == 1:
        return f"{mean:.2f}"
    return f"{mean:.2f} ({min(values):.2f}–{max(values):.2f})"
