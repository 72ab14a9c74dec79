"""Training layers on a probe for a fixed number of updates, and how far they remember then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.errors import OptionError, require_range
from vartai.inspect.memory.probes.examples import Examples, Probe
from vartai.inspect.memory.stacks import run_layers
from vartai.nn.sequence_layers import SequenceLayers


@dataclass(frozen=True, kw_only=True)
class ProbeOptions:
    """The budget, the same for every cell.

    Attributes:
        updates: of the weights.
        sequences: of each update; their delays are drawn evenly up to the longest.
        delays: that are tested, the longest of which bounds training too.
        tested: sequences of each delay.
        learning_rate: of Adam.
        clip: largest joint norm of the gradients.
    """

    updates: int = 2000
    sequences: int = 32
    delays: tuple[int, ...] = (0, 10, 20, 40, 70, 100)
    tested: int = 200
    learning_rate: float = 5e-3
    clip: float = 1.0

    def __post_init__(self) -> None:
        for name in ("updates", "sequences", "tested"):
            require_range(name, getattr(self, name), at_least=1)
        for name in ("learning_rate", "clip"):
            require_range(name, getattr(self, name), above=0)
        if list(self.delays) != sorted({abs(delay) for delay in self.delays}) or not self.delays:
            raise OptionError(f"delays must rise from 0 or more, were {self.delays}")


class ProbeModel(nn.Module):
    """Layers and a linear answer.

    Args:
        layers: that must remember.
        outputs: numbers of an answer.
    """

    def __init__(self, layers: SequenceLayers, outputs: int) -> None:
        super().__init__()
        self.layers = layers
        self.answer = nn.Linear(layers.hidden_size, outputs)

    def forward(self, examples: Examples) -> Tensor:
        """``[A, outputs]``: the answer at every row that is asked."""
        rows, _ = run_layers(self.layers, examples.batch)
        scores: Tensor = self.answer(rows.data[examples.asked])
        return scores


def train_on_probe(probe: Probe, model: ProbeModel, options: ProbeOptions, *, seed: int) -> None:
    """Train a model, in place; examples are drawn anew for every update.

    Args:
        probe: the task.
        model: with fresh weights.
        options: the budget.
        seed: of the examples.
    """
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    longest = max(options.delays)
    model.train()
    for _ in range(options.updates):
        delays = torch.randint(0, longest + 1, (options.sequences,), generator=generator)
        examples = probe.draw(delays, generator)
        loss = probe.loss(model(examples), examples.answers)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), options.clip)
        optimiser.step()


def probe_quality(
    probe: Probe, model: ProbeModel, options: ProbeOptions, *, seed: int
) -> tuple[float, ...]:
    """Quality at each of the options' delays, on sequences that training has not drawn."""
    model.eval()
    found = []
    for delay in options.delays:
        generator = torch.Generator().manual_seed(1_000_003 * (seed + 1) + delay)
        examples = probe.draw(torch.full((options.tested,), delay), generator)
        with torch.inference_mode():
            found.append(probe.quality(model(examples), examples.answers))
    return tuple(found)


def remembers(probe: Probe, delays: Sequence[int], quality: Sequence[float]) -> int | None:
    """The longest delay up to which the quality is at least half way from chance to 1.

    None if it is not even at the shortest delay tested. Read among the delays tested only.
    """
    half = (1 + probe.chance) / 2
    reached = None
    for delay, value in zip(delays, quality, strict=True):
        if value < half:
            break
        reached = delay
    return reached
