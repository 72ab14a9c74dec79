"""Lines to lines that go on from them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from vartai.cli.stream.running import Record, guarded, run_filter
from vartai.cli.task_verbs import Streaming, require_unset
from vartai.cli.translate.lines import one_line
from vartai.data.lines import Line
from vartai.decoding.options import SamplingOptions
from vartai.decoding.stopping import StopStrings
from vartai.errors import OptionError, require_range
from vartai.stream.language_stream import LanguageStream
from vartai.stream.opening import open_stream

_NAMES = ("text", "ended")


def run_writing(request: Streaming) -> None:
    """Answer every line with one that goes on from it.

    Raises:
        OptionError: an option that means nothing here, or out of bounds.
    """
    how = request.how
    require_unset(how, ("delay",), of="a language model")
    if how.state is not None and not how.endless:
        raise OptionError("--state has no use here: each line begins anew without --endless")
    require_range("length", how.length, at_least=1)
    stop = tuple(text.replace("\\n", "\n") for text in how.stop) or ("\n",)
    StopStrings(stop)
    stream = open_stream(request.saved.name, request.saved.task)
    assert isinstance(stream, LanguageStream)
    stream.model.transforms(request.sampling)
    writing = _Writing(stream, request.sampling, length=how.length, stop=stop, endless=how.endless)
    run_filter(writing, how, stream)


class _Writing:
    def __init__(
        self,
        stream: LanguageStream,
        sampling: SamplingOptions,
        *,
        length: int,
        stop: tuple[str, ...],
        endless: bool,
    ) -> None:
        self._stream = stream
        self._sampling = sampling
        self._length = length
        self._stop = stop
        self._endless = endless

    def take(self, line: Line) -> Iterable[Record]:
        """See `Filter`."""
        return guarded(line, lambda text: self._answer(line.number, text), _NAMES)

    def end(self) -> Iterable[Record]:
        """See `Filter`."""
        return ()

    def _answer(self, number: int, text: str) -> Iterator[Record]:
        stream = self._stream
        if not self._endless:
            stream.reset()
        stream.push(f"{text}\n" if self._endless else text)
        stream.flush()
        written, ended = _collect(
            stream.write(self._length, stop=self._stop, sampling=self._sampling)
        )
        if self._endless and ended == "length":
            # What is written next begins on a line of its own, as the answer does.
            stream.push("\n")
            stream.flush()
        yield Record(number, {"text": written, "ended": ended}, one_line(written))


def _collect(writing: Generator[str, None, str]) -> tuple[str, str]:
    pieces = []
    while True:
        try:
            pieces.append(next(writing))
        except StopIteration as done:
            return "".join(pieces), done.value
