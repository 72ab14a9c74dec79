"""Words to tags: a word a line, an empty line where a sentence ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from vartai.cli.stream.running import Record, failed, fault_of, run_filter
from vartai.cli.task_verbs import Streaming, require_unset
from vartai.data.lines import Line
from vartai.errors import InputError, OptionError
from vartai.stream.opening import open_stream
from vartai.stream.stream import Stream
from vartai.stream.tag import Tagged

_NAMES = ("word", "tag")
_MOST_WAITING = 1_000


def run_tags(request: Streaming) -> None:
    """Answer every word with its tag.

    Raises:
        OptionError: an option that means nothing here.
    """
    how, task = request.how, request.saved.task
    require_unset(how, ("endless", "length", "stop"), of="a tagger")
    if how.state is not None and how.delay:
        raise OptionError("--state goes with tags that are told at once, without --delay")
    stream = open_stream(request.saved.name, task, delay=how.delay)
    columns = len(task.vocabulary.columns)
    run_filter(_Tags(stream, columns=columns), how, stream)


class _Tags:
    """Answers in the order of the lines, though tags may come some words late."""

    def __init__(self, stream: Stream[list[Tagged]], *, columns: int) -> None:
        self._stream = stream
        self._columns = columns
        # Lines not answered yet, at most the delay's words and the faults between them: the number
        # of a line that waits for its tag, or an answer that waits for those before it.
        self._waiting: deque[int | Record] = deque()

    def take(self, line: Line) -> Iterable[Record]:
        """See `Filter`."""
        fault = fault_of(line)
        if fault is not None:
            return self._fail(failed(line, fault, _NAMES))
        if not line.text.strip():
            tags = self._stream.end()
            yielded = list(self._due(tags))
            return [*yielded, Record(line.number, dict.fromkeys(_NAMES), "")]
        try:
            told = self._stream.push([self._word(line.text)])
        except InputError as error:
            return self._fail(failed(line, error, _NAMES))
        self._waiting.append(line.number)
        return self._due(told)

    def end(self) -> Iterable[Record]:
        """See `Filter`."""
        return self._due(self._stream.flush())

    def _fail(self, record: Record) -> Iterable[Record]:
        self._waiting.append(record)
        # Words that wait for a later one must not hold up answers without end.
        ended = len(self._waiting) > _MOST_WAITING
        return self._due(self._stream.flush() if ended else [])

    def _word(self, text: str) -> str | tuple[str, ...]:
        if not self._columns:
            return text.strip()
        return tuple(text.split("\t"))

    def _due(self, told: Sequence[Tagged]) -> Iterator[Record]:
        tags = iter(told)
        while self._waiting:
            first = self._waiting[0]
            if isinstance(first, Record):
                yield first
            else:
                tagged = next(tags, None)
                if tagged is None:
                    return
                yield Record(first, {"word": tagged.word, "tag": tagged.tag}, tagged.tag)
            self._waiting.popleft()
