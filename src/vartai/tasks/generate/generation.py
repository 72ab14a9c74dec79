"""Text that goes on from a prompt, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from vartai.data.streams import BORDER_ID
from vartai.decoding.choosing import Chooser, Sampler, choose_likeliest
from vartai.decoding.cycles import Cycle, find_cycle
from vartai.decoding.options import SamplingOptions, build_transforms
from vartai.decoding.stopping import StopStrings
from vartai.decoding.writing import Begun, Row, write_rows
from vartai.errors import InputError, require_range
from vartai.models.stepped_language_model import LanguageState, SteppedLanguageModel
from vartai.tasks.generate.task import GenerateTask
from vartai.text.writing import TextWriter, text_writer

# How many samples are stepped side by side.
_TOGETHER = 64


@dataclass(frozen=True, kw_only=True)
class WritingOptions:
    """How much is written.

    Attributes:
        length: most units that are written.
        stop: strings of which any ends the text, and is not part of it.
        samples: texts that are written, each with random numbers of its own.
    """

    length: int = 400
    stop: tuple[str, ...] = ()
    samples: int = 1

    def __post_init__(self) -> None:
        require_range("length", self.length, at_least=1)
        require_range("samples", self.samples, at_least=1)
        StopStrings(self.stop)


class Prompt(NamedTuple):
    """What was read, and where writing goes on from.

    Args:
        text: as given.
        ids: as read, the border in front of a fresh document left out.
        unknown: its units that the vocabulary lacks, as the text has them.
    """

    text: str
    ids: tuple[int, ...]
    unknown: tuple[str, ...]


@dataclass(eq=False)
class Sample:
    """One text that was written.

    Args:
        number: of the sample, from 0.
        text: what was written, the prompt left out.
        ids: its units.
        ended: why it ended: ``length``, ``stop``, or ``end`` of the document; empty before that.
    """

    number: int
    text: str = ""
    ids: list[int] = field(default_factory=list)
    ended: str = ""

    def cycle(self) -> Cycle | None:
        """The circle that it goes round in, if it does."""
        return find_cycle(self.ids)


class Generation:
    """A language model that writes; its state is stepped, and nothing is read twice.

    Args:
        task: the language model.
    """

    def __init__(self, task: GenerateTask) -> None:
        self.task = task
        self._step = SteppedLanguageModel(task.model)
        self._begun: Begun[LanguageState] | None = None
        self._before = ""

    def read(self, text: str) -> Prompt:
        """Read on: from the beginning of a document the first time, later from where it stands.

        Raises:
            InputError: a text of which no unit is in the vocabulary.
        """
        task = self.task
        encoded = task.tokenizer.encode([text])[0]
        unknown = encoded.ids == task.tokenizer.unknown_id
        missing = tuple(text[a:b] for a, b in encoded.offsets[unknown].tolist())
        if len(missing) and len(missing) == len(encoded.ids):
            raise InputError(
                f"the prompt has no {task.unit} that the model knows; found {_named(missing)}"
            )
        fresh = self._begun is None
        ids = [BORDER_ID, *encoded.ids.tolist()] if fresh else encoded.ids.tolist()
        if ids:
            state = None if self._begun is None else self._begun.state
            self._begun = Begun(*self._step.begin(torch.tensor(ids), state))
        self._before += text
        return Prompt(text, tuple(encoded.ids.tolist()), missing)

    def write(
        self, prompt: Prompt, options: WritingOptions, sampling: SamplingOptions
    ) -> Iterator[tuple[Sample, str]]:
        """Write samples that go on from what was read.

        Yields:
            Each sample with the piece of text that it just grew by, an empty one when it ends.
            After one sample reading and writing can go on from its end; where the model ended the
            document, from the beginning of a new one.

        Raises:
            RunError: every unit is banned.
        """
        for first in range(0, options.samples, _TOGETHER):
            numbers = range(first, min(options.samples, first + _TOGETHER))
            yield from self._write(prompt, options, sampling, numbers)

    def _write(
        self,
        prompt: Prompt,
        options: WritingOptions,
        sampling: SamplingOptions,
        numbers: Sequence[int],
    ) -> Iterator[tuple[Sample, str]]:
        begun = self._begun
        if begun is None:
            raise RuntimeError("nothing was read")
        writers = {n: _Writer(self.task, options, n, self._before) for n in numbers}
        rows = [Row(n, _chooser(sampling, n), list(prompt.ids)) for n in numbers]
        every = torch.zeros(len(rows), dtype=torch.int64)
        together = Begun(begun.scores.index_select(0, every), begun.state.select(every))
        kept = _Kept(self._step)
        chosen = write_rows(
            kept,
            together,
            rows,
            banned=self._banned(),
            transforms=build_transforms(sampling, banned=()),
            finished=lambda row, token: writers[row.number].take(token),
        )
        for row, _ in chosen:
            writer = writers[row.number]
            yield writer.sample, writer.piece
        if len(rows) == 1 and options.samples == 1:
            self._go_on_from(writers[numbers[0]].sample, kept.last() or together)

    def _go_on_from(self, sample: Sample, last: Begun[LanguageState]) -> None:
        """Stand behind what was written: its last unit was chosen, and not yet read."""
        if sample.ended == "end":
            self._begun, self._before = None, ""
            return
        self._before += sample.text
        end = sample.ids[-1:]
        self._begun = Begun(*self._step(end, last.state)) if end else last

    def _banned(self) -> list[int]:
        """Units that are never written: the unknown one, and the end where no text had any."""
        banned = [self.task.tokenizer.unknown_id]
        return banned if self.task.ends else [*banned, BORDER_ID]


class _Kept:
    """A step that remembers what it last gave; what it read before that is written over.

    So each state must be its own to read, and read once.
    """

    def __init__(self, step: SteppedLanguageModel) -> None:
        self._step = step
        self._spare: LanguageState | None = None
        self._last: tuple[torch.Tensor, LanguageState] | None = None

    def __call__(
        self, tokens: Sequence[int], state: LanguageState
    ) -> tuple[torch.Tensor, LanguageState]:
        self._last = self._step(tokens, state, self._spare)
        self._spare = state
        return self._last

    def last(self) -> Begun[LanguageState] | None:
        return None if self._last is None else Begun(*self._last)


class _Writer:
    """One sample as it grows: units to text, up to whatever ends it."""

    def __init__(
        self, task: GenerateTask, options: WritingOptions, number: int, before: str
    ) -> None:
        self.sample = Sample(number)
        self.piece = ""
        self._length = options.length
        self._stop = StopStrings(options.stop)
        self._text: TextWriter = text_writer(task.tokenizer, after=before)

    def take(self, token: int) -> bool:
        """Grow by a unit; whether the sample ends with it."""
        sample = self.sample
        if token == BORDER_ID:
            sample.ended, self.piece = "end", self._rest()
        else:
            sample.ids.append(token)
            self.piece = self._stop.feed(self._text.piece(token))
            if self._stop.stopped:
                sample.ended = "stop"
            elif len(sample.ids) == self._length:
                sample.ended = "length"
                self.piece += self._rest()
        sample.text += self.piece
        return bool(sample.ended)

    def _rest(self) -> str:
        return self._stop.feed(self._text.rest()) + self._stop.rest()


def _chooser(sampling: SamplingOptions, number: int) -> Chooser:
    return choose_likeliest if sampling.temperature == 0 else Sampler(sampling.seed, number)


def _named(units: Sequence[str]) -> str:
    """The first few different ones."""
    different = list(dict.fromkeys(units))
    shown = ", ".join(map(repr, different[:5]))
    return shown if len(different) <= 5 else f"{shown} and {len(different) - 5} more"


def note_of_unknown(prompt: Prompt, unit: str) -> str | None:
    """A sentence about what of a prompt the model does not know; None if it knows all."""
    if not prompt.unknown:
        return None
    count = len(prompt.unknown)
    noun = f"1 {unit} of the prompt is" if count == 1 else f"{count} {unit}s of the prompt are"
    return f"{noun} not in the vocabulary and read as unknown: {_named(prompt.unknown)}"


def note_of_cycle(sample: Sample, unit: str) -> str | None:
    """A sentence about a text that goes round in circles; None if it does not."""
    cycle = sample.cycle()
    if cycle is None:
        return None
    return (
        f"the text goes round in a circle: its last {cycle.period} {unit}s came "
        f"{cycle.times} times in a row. That is what always choosing the likeliest comes to, not "
        "a fault of the text; a higher temperature, a repetition penalty or no-repeat leads out."
    )
