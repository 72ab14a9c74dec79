"""One case measured: a row of every table."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch

from vartai.kernels import native
from vartai.measure.agreement import OF_LARGEST, OF_LARGEST_NORMALISED, require_agreement
from vartai.measure.cases import Case
from vartai.measure.entrants import CONTROL, OURS, PEAK, TORCH_WAYS, gather
from vartai.measure.ratios import Ratio, paired_ratio
from vartai.measure.turns import take_turns


@dataclass(frozen=True)
class Row:
    """What came of a case.

    Args:
        case: what was done.
        times: seconds of one run in each round, by name of entrant; empty where Vartai is absent.
        absent: who was not there, and why.
    """

    case: Case
    times: Mapping[str, Sequence[float]]
    absent: Mapping[str, str]

    @property
    def rounds(self) -> int:
        """How often everyone had a turn."""
        return len(next(iter(self.times.values()))) if self.times else 0

    def milliseconds(self, name: str) -> float:
        """Median of an entrant's runs."""
        return 1000 * statistics.median(self.times[name])

    def ratio(self, name: str, *, over: str = OURS) -> Ratio | None:
        """An entrant's time over another's, if both were there: above 1, the other is faster."""
        if name not in self.times or over not in self.times:
            return None
        return paired_ratio(self.times[name], self.times[over])

    @property
    def torch_name(self) -> str | None:
        """The faster of torch's ways, if any was there: padded or packed, where rows are ragged."""
        ratios = {name: ratio.value for name in TORCH_WAYS if (ratio := self.ratio(name))}
        return min(ratios, key=lambda name: ratios[name], default=None)

    @property
    def against_torch(self) -> Ratio | None:
        """The time of the faster of torch's ways over Vartai's."""
        return None if self.torch_name is None else self.ratio(self.torch_name)

    @property
    def control(self) -> Ratio | None:
        """The same code against itself: what noise there was."""
        return self.ratio(CONTROL)

    @property
    def share_of_peak(self) -> Ratio | None:
        """Time of the products' arithmetic alone, in registers, over Vartai's."""
        return self.ratio(PEAK)

    def as_json(self) -> dict[str, Any]:
        """Everything, plainly: times, and what is told of them."""
        ratios = {name: self.ratio(name) for name in self.times}
        return {
            "name": self.case.name,
            "fill": round(self.case.fill, 3),
            **asdict(self),
            "milliseconds": {name: self.milliseconds(name) for name in self.times},
            "ratios": {name: ratio and asdict(ratio) for name, ratio in ratios.items()},
            "torch": self.torch_name,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Row:
        """From what `as_json` gave."""
        return cls(Case(**found["case"]), found["times"], found["absent"])


def measure(case: Case, *, seconds: float, thorough: bool = False, compiled: bool = False) -> Row:
    """Let everyone do the work of a case in turns.

    Args:
        case: the work.
        seconds: how long, all entrants together; more where rounds are long.
        thorough: as `gather` has it.
        compiled: as `gather` has it.

    Raises:
        RunError: results differ.
    """
    with _held_to(case.instruction_set):
        field = gather(case, thorough=thorough, compiled=compiled)
        if OURS not in field.entrants:
            return Row(case, {}, field.absent)
        normalised = case.kind == "layer norm"
        require_agreement(
            case.name,
            field.entrants,
            field.judge,
            of_largest=OF_LARGEST_NORMALISED if normalised else OF_LARGEST,
        )
        works = {name: entrant.run for name, entrant in field.entrants.items()}
        times = take_turns(works, seconds=seconds)
    return Row(case, times, field.absent)


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """So many threads for everyone meanwhile; None leaves them as they are."""
    before = torch.get_num_threads()
    torch.set_num_threads(before if count is None else count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _held_to(instruction_set: str | None) -> Iterator[None]:
    if instruction_set is None:
        yield
        return
    before = native.instruction_set()
    native.use_instruction_set(instruction_set)
    try:
        yield
    finally:
        native.use_instruction_set(before)
