"""One run of `vartai stream`: lines of standard input, each answered before the next is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from vartai.cli.stream.verb import StreamOptions
from vartai.cli.task_verbs import Streaming, answer, load_for
from vartai.cli.voice import Voice
from vartai.data.lines import Line
from vartai.data.live_lines import live_lines
from vartai.decoding.options import SamplingOptions
from vartai.errors import InputError, OptionError, SaveError
from vartai.stream.state import StreamState, longest_state
from vartai.stream.stream import Stream

MAX_BYTES = 4_000_000  # of a line; what is longer is no text
_NAMED = 20


class Record(NamedTuple):
    """The answer to one line.

    Args:
        line: its number, from 1.
        values: for programs, without line and error.
        text: for people and pipes, of one line.
        error: why the line could not be answered; then there is nothing else.
    """

    line: int
    values: Mapping[str, Any]
    text: str
    error: str | None = None


class Filter(Protocol):
    """Answers lines, each in its place; perhaps not before later ones have come."""

    def take(self, line: Line) -> Iterable[Record]:
        """The answers that are due after this line."""

    def end(self) -> Iterable[Record]:
        """Those that are due when the input has ended."""


def run_stream(model: str, how: StreamOptions, sampling: SamplingOptions) -> None:
    """Answer every line."""
    saved = load_for("stream", model)
    answer("stream", Streaming(saved, how, sampling))


def run_filter(made: Filter, how: StreamOptions, stream: Stream[Any]) -> None:
    """Read lines, write answers, and say what was noticed.

    Args:
        made: answers the lines.
        how: as it was asked for.
        stream: whose state is kept where that was asked for.
    """
    voice = Voice(json=how.json)
    keeper = None if how.state is None else _Keeper(Path(how.state), stream)
    if sys.stdin.isatty():
        voice.say("Type a line; Ctrl-D ends.")
    counts = _Counts()
    try:
        for line in live_lines(sys.stdin.buffer, max_bytes=MAX_BYTES):
            counts.lines = line.number
            _write(made.take(line), how, counts)
        _write(made.end(), how, counts)
    finally:
        if keeper is not None:
            keeper.leave()
    voice.say_all(counts.notes())


def fault_of(line: Line) -> str | None:
    """What is wrong with a line before anything is read of it."""
    return None if line.fault is None else f"{line.fault.reason}: {line.fault.detail}"


def failed(line: Line, error: InputError | str, names: Sequence[str]) -> Record:
    """The answer to a line that cannot be read: `names` have no value."""
    return Record(line.number, dict.fromkeys(names), "", str(error))


def guarded(
    line: Line, work: Callable[[str], Iterator[Record]], names: Sequence[str]
) -> Iterator[Record]:
    """The answers to a line, of values with these names; or why there are none."""
    fault = fault_of(line)
    if fault is not None:
        yield failed(line, fault, names)
        return
    try:
        yield from work(line.text)
    except InputError as error:
        yield failed(line, error, names)


def _write(records: Iterable[Record], how: StreamOptions, counts: _Counts) -> None:
    for record in records:
        counts.notice(record)
        if how.json:
            made = {"line": record.line, **record.values, "error": record.error}
            print(json.dumps(made, ensure_ascii=False), flush=True)
        elif record.error is not None:
            print(f"!error\tline {record.line}: {record.error}", flush=True)
        else:
            print(record.text, flush=True)


@dataclass(eq=False)
class _Counts:
    """What was noticed, in memory that does not grow."""

    lines: int = 0
    faulty: int = 0
    first: list[str] = field(default_factory=list)

    def notice(self, record: Record) -> None:
        """Count an answer."""
        if record.error is None:
            return
        self.faulty += 1
        if len(self.first) < _NAMED:
            self.first.append(f"line {record.line}: {record.error}")

    def notes(self) -> list[str]:
        """As sentences."""
        if not self.faulty:
            return []
        more = self.faulty - len(self.first)
        return [
            *self.first,
            *([f"… and {more:,} more such lines."] if more else []),
            f"{self.faulty:,} of {self.lines:,} lines could not be read: an error stands in the "
            "place of each answer.",
        ]


@dataclass(eq=False)
class _Keeper:
    """Takes a stream's state from a file and leaves it there."""

    file: Path
    stream: Stream[Any]

    def __post_init__(self) -> None:
        try:
            with self.file.open("rb") as opened:
                raw = opened.read(longest_state(self.stream.model) + 1)
        except FileNotFoundError:
            return
        except OSError as error:
            raise OptionError(f"{self.file}: cannot be read ({error.strerror})") from error
        self.stream.load(StreamState.from_bytes(raw, of=self.stream.model))

    def leave(self) -> None:
        """Write the state; an older one survives any failure."""
        made = self.file.with_name(f".{self.file.name}.new")
        try:
            made.write_bytes(self.stream.state.to_bytes())
            made.replace(self.file)
        except OSError as error:
            raise SaveError(f"{self.file}: cannot be written ({error.strerror})") from error
