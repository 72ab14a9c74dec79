"""Sessions: streams that the service keeps for its clients, bounded in number, bytes and time.

A session that is evicted or expires leaves a mark, so that its client is told what became of it.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vartai.serve.service.models import ServedModel
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.refusals import Refusal, come_back
from vartai.stream.stream import Stream

_MARKS = 20_000
"""Ended sessions that are remembered."""
_OVERHEAD = 2048
"""Bytes of a session beside its numbers and texts, about."""


@dataclass(eq=False)
class Session:
    """A stream of one client.

    Args:
        id: that only its client knows.
        model: of the stream.
        stream: where it stands.
        used: second of the last request.
        size: bytes, about.
        busy: whether a step is being computed.
    """

    id: str
    model: ServedModel
    stream: Stream[Any]
    used: float
    size: int
    busy: bool = False


class Sessions:
    """All sessions, the longest idle one first.

    Args:
        options: of the service.
        ended: told why a session ended: ``deleted``, ``expired``, ``evicted`` or ``failed``.
        clock: in seconds.
    """

    def __init__(
        self,
        options: ServiceOptions,
        *,
        ended: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.options = options
        self._ended = ended
        self._clock = clock
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._marks: OrderedDict[str, str] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def open(self, model: ServedModel, stream: Stream[Any]) -> Session:
        """Keep a stream, if need be in the place of the longest idle ones.

        Raises:
            Refusal: there is no room, as every session is being stepped.
        """
        self.expire()
        session = Session(secrets.token_urlsafe(18), model, stream, self._clock(), size_of(stream))
        if session.size > self.options.session_bytes:
            raise come_back("a session's state is larger than all may be", reason="sessions")
        while (
            len(self._kept) >= self.options.sessions
            or self.size + session.size > self.options.session_bytes
        ):
            self._evict(None)
        self._kept[session.id] = session
        self.size += session.size
        return session

    def find(self, name: str) -> Session:
        """A session by its id; it counts as used now.

        Raises:
            Refusal: it ended, and why; or there never was one.
        """
        self.expire()
        session = self._kept.get(name)
        if session is None:
            why = self._marks.get(name)
            if why is None:
                raise Refusal(404, f"no session {name!r:.60}")
            raise Refusal(410, why, reason="ended")
        session.used = self._clock()
        self._kept.move_to_end(name)
        return session

    def hold(self, name: str) -> Session:
        """A session that is about to be stepped.

        Raises:
            Refusal: as `find`; or a step of it is being computed.
        """
        session = self.find(name)
        if session.busy:
            raise Refusal(
                409, "a step of this session is still being computed: wait for its answer"
            )
        session.busy = True
        return session

    def release(self, session: Session, stream: Stream[Any] | None) -> None:
        """A step is over.

        Args:
            session: that was held.
            stream: where it stands now; None if it stands where it stood.
        """
        session.busy = False
        if stream is None or session.id not in self._kept:
            return
        session.stream = stream
        self.size -= session.size
        session.size = size_of(stream)
        self.size += session.size
        while self.size > self.options.session_bytes and self._can_evict(session):
            self._evict(session)

    def end(self, session: Session, reason: str, why: str) -> None:
        """Forget a session.

        Args:
            session: to forget.
            reason: one word, for the metrics.
            why: what whoever asks for it is told.
        """
        if self._kept.pop(session.id, None) is None:
            return
        self.size -= session.size
        self._marks[session.id] = why
        if len(self._marks) > _MARKS:
            self._marks.popitem(last=False)
        self._ended(reason)

    def expire(self) -> None:
        """Forget the sessions that nobody used for their time to live."""
        before = self._clock() - self.options.session_ttl
        for session in list(self._kept.values()):
            if session.used > before:
                return
            if not session.busy:
                self.end(
                    session,
                    "expired",
                    f"this session ended: nobody used it for {self.options.session_ttl:g} seconds",
                )

    def _can_evict(self, kept: Session) -> bool:
        return any(not each.busy and each is not kept for each in self._kept.values())

    def _evict(self, kept: Session | None) -> None:
        idle = (each for each in self._kept.values() if not each.busy and each is not kept)
        oldest = next(idle, None)
        if oldest is None:
            raise come_back("every session is being stepped; there is no room", reason="sessions")
        self.end(
            oldest,
            "evicted",
            f"this session ended: it was idle longest and had to make room (at most "
            f"{self.options.sessions:,} sessions of {self.options.session_bytes:,} bytes are "
            "kept); a state that was downloaded before can be gone on from",
        )


def size_of(stream: Stream[Any]) -> int:
    """Bytes of a stream, about."""
    numbers = sum(part.numel() * part.element_size() for part in stream._rows)
    return numbers + 4 * len(stream.pending) + _OVERHEAD
