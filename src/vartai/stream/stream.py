"""One text that goes on: fragments in, what the task says out, the state kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import torch

from vartai.errors import InputError, OptionError
from vartai.stream.live import Fragment, LiveModel, Place, Said, Taken
from vartai.stream.rows import Rows, read_tokens
from vartai.stream.state import StreamState, restored_rows

Own = TypeVar("Own", bound="Stream")  # type: ignore[type-arg]


class Stream(Generic[Said]):
    """A text, or a sentence, that a model reads as it comes.

    What it holds does not grow with what it has read. A stream is not to be used by two threads at
    once; different ones of the same model are.

    Args:
        model: from `vartai.stream.opening.open_live`.
    """

    def __init__(self, model: LiveModel[Said]) -> None:
        self.model = model
        self.reset()

    def push(self, fragment: Fragment) -> Said:
        """Read on.

        Args:
            fragment: text, cut anywhere; or bytes of UTF-8, cut anywhere; or tokens. What more
                text could change stays pending, and nothing is said of it yet.

        Raises:
            InputError: the fragment is not what was expected; the stream is as before.
        """
        return self._advance(fragment, flush=False)

    def flush(self) -> Said:
        """Read what is pending as it stands, as if the text ended here; more may follow.

        Raises:
            InputError: it ends within a character; the stream is as before.
        """
        return self._advance("", flush=True)

    def end(self) -> Said:
        """The text ends here: `flush`, then `reset`."""
        said = self.flush()
        self.reset()
        return said

    def reset(self) -> None:
        """Begin anew."""
        self._place = Place()
        self._rows = self.model.reader.fresh()

    def fork(self: Own) -> Own:
        """A second stream that stands where this one does; each goes on by itself."""
        other = type(self)(self.model)
        other._place, other._rows = self._place, self._rows
        return other

    @property
    def state(self) -> StreamState:
        """All that a stream of the same model needs to go on from here."""
        arrays = [part[0].numpy().copy() for part in self._rows]
        names = [field.name for field in self.model.reader.fields]
        return StreamState(self.model.digest, self._place, dict(zip(names, arrays, strict=True)))

    def load(self, state: StreamState) -> None:
        """Stand where the state was taken.

        Raises:
            OptionError: it is one of another model.
        """
        self._rows = restored_rows(state, self.model)
        self._place = state.place

    @property
    def tokens(self) -> int:
        """How many were read since it began."""
        return self._place.tokens

    @property
    def pending(self) -> str:
        """Text that was pushed and not read, for more text may change its tokens."""
        return self._place.pending.text

    def _advance(self, fragment: Fragment, *, flush: bool) -> Said:
        (said,) = advance([self], [fragment], flush=flush)
        if isinstance(said, InputError):
            raise said
        return said


def push_together(
    streams: Sequence[Stream[Said]], fragments: Sequence[Fragment], *, flush: bool = False
) -> list[Said | InputError]:
    """Push a fragment to each of many streams, and step them as one batch.

    Each answers, bit for bit, as it would alone, in any order and company. A fragment that cannot
    be read changes nothing of its stream, nor of any other.

    Args:
        streams: of one model, each once.
        fragments: one for each.
        flush: read what is pending afterwards, too, as if each text ended there.

    Returns:
        What each says, or why its fragment was not read.

    Raises:
        OptionError: the streams are not of one model, or one of them comes twice.
    """
    if len(streams) != len(fragments):
        raise OptionError(
            f"expected a fragment a stream, found {len(fragments)} for {len(streams)}"
        )
    if any(stream.model is not streams[0].model for stream in streams):
        raise OptionError("expected streams of one model, found several: push to each by itself")
    if len({id(stream) for stream in streams}) < len(streams):
        raise OptionError("expected each stream once, found one twice: join its fragments")
    return advance(streams, fragments, flush=flush)


@torch.no_grad()
def advance(
    streams: Sequence[Stream[Said]], fragments: Sequence[Fragment], *, flush: bool
) -> list[Said | InputError]:
    """As `push_together`, unchecked."""
    if not streams:
        return []
    model = streams[0].model
    answers: list[Said | InputError] = []
    going: list[int] = []
    taken: list[Taken] = []
    for number, (stream, fragment) in enumerate(zip(streams, fragments, strict=True)):
        try:
            taken.append(model.take(stream._place, fragment, flush=flush))
            going.append(number)
        except InputError as error:
            answers.append(error)
            continue
        answers.append(None)  # type: ignore[arg-type]
    _read(model, [streams[number] for number in going], taken, answers, going)
    return answers


def _read(
    model: LiveModel[Said],
    streams: Sequence[Stream[Said]],
    taken: Sequence[Taken],
    answers: list[Said | InputError],
    going: Sequence[int],
) -> None:
    if not streams:
        return
    heard = model.listen(len(streams))
    rows: list[Rows] = read_tokens(
        model.reader,
        [stream._rows for stream in streams],
        [each.tokens for each in taken],
        [stream._place.tokens for stream in streams],
        notice=heard,
    )
    rows = [model.finish(own, each) for own, each in zip(rows, taken, strict=True)]
    said = model.say(rows, taken, heard)
    for number, stream, own, (answer, place) in zip(going, streams, rows, said, strict=True):
        stream._rows, stream._place = own, place
        answers[number] = answer
