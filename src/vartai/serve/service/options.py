"""Every bound of the service, with its default."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import OptionError, require_range

# As `vartai.stream.tag` has it, which brings torch along.
_MOST_DELAY = 100


@dataclass(frozen=True, kw_only=True)
class ServiceOptions:
    """What the service takes on, and how long it waits.

    Attributes:
        batch: most inputs that are computed at once.
        delay: milliseconds that an input waits for others to be computed with; 0 takes those that
            wait already.
        queue: most requests that wait to be computed; of more each is answered 503.
        timeout: seconds after which a request is answered, if only with 504.
        max_body: most bytes of a request.
        max_inputs: most inputs of a request.
        max_characters: most characters of all texts of a request.
        max_pictures: most pictures of a request to be captioned.
        max_pixels: most pixels of a picture; its header is asked before anything is decoded.
        picture_bytes: most bytes of all pictures that wait; beyond it requests are answered 503.
        max_length: most tokens that a request may ask to be written.
        rate: most requests a second from one address; no limit if not given.
        sessions: most sessions that are kept; beyond it the longest idle one is evicted.
        session_bytes: most bytes of all their states, likewise.
        session_ttl: seconds without a request after which a session ends.
        state_ttl: seconds for which a state that was handed out is taken back.
        tag_delay: words after which a session tells a tag, of taggers trained with --crf.
        threads: processor threads that compute.
    """

    batch: int = 64
    delay: float = 2.0
    queue: int = 2048
    timeout: float = 30.0
    max_body: int = 1 << 20
    max_inputs: int = 256
    max_characters: int = 50_000
    max_pictures: int = 16
    max_pixels: int = 25_000_000
    picture_bytes: int = 256 << 20
    max_length: int = 1000
    rate: float | None = None
    sessions: int = 10_000
    session_bytes: int = 256 << 20
    session_ttl: float = 600.0
    state_ttl: float = 86_400.0
    tag_delay: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("batch", "queue", "max_inputs", "max_characters", "max_length", "threads"):
            require_range(name, getattr(self, name), at_least=1)
        for name in ("sessions", "session_bytes", "max_pictures", "max_pixels", "picture_bytes"):
            require_range(name, getattr(self, name), at_least=1)
        for name in ("timeout", "session_ttl", "state_ttl"):
            require_range(name, getattr(self, name), above=0, below=float("inf"))
        require_range("delay", self.delay, at_least=0, below=1001)
        require_range("max_body", self.max_body, at_least=1024)
        require_range("tag_delay", self.tag_delay, at_least=0, below=_MOST_DELAY + 1)
        if self.rate is not None:
            require_range("rate", self.rate, above=0, below=float("inf"))
        if self.delay / 1000 >= self.timeout:
            raise OptionError("delay must be shorter than timeout: no request would be answered")
