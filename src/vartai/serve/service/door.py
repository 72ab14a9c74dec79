"""What every request passes: who may ask, how much, how fast; and what is told of it afterwards.

A body is read here, counted while it comes, and refused at the first byte too many: it is never
held. Whatever fails behind the door is answered in JSON, and a line of the log names the place in
the program, not the text.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import math
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vartai.serve.answers import PROTECTION, add_headers, problem_json
from vartai.serve.headers import (
    JSON,
    announced,
    comes_from_elsewhere,
    fault_of_type,
    header,
    headers_of,
)
from vartai.serve.service.logs import log_event
from vartai.serve.service.metrics import Metrics
from vartai.serve.service.rate import Rate
from vartai.serve.service.refusals import Refusal, too_much
from vartai.serve.service.waiting import GONE

_OPEN = re.compile(r"/(health|ready|static/.*|inspect/[^/]+/?)?")
"""Paths that need no token: whether it is well, and pages, which know nothing without one."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
_DRAINED, _PATIENCE = 1 << 16, 1.0
"""Bytes and seconds in which the rest of a request is taken that is refused."""
_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_ALWAYS = {
    **PROTECTION,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True)
class Terms:
    """On which a request is let in.

    Args:
        max_body: bytes that it may bring.
        timeout: seconds in which it must have come, and in which each part of the answer must be
            taken.
        token: that it must bear; None for none.
        local: only requests to this machine by its own names, so that no page of another site
            reaches it by a name of its own (DNS rebinding).
    """

    max_body: int
    timeout: float
    token: str | None = None
    local: bool = False


class Door:
    """Middleware around the service.

    Args:
        app: the service.
        terms: on which a request is let in.
        metrics: told of every request.
        rate: of each address; None for no bound.
    """

    def __init__(self, app: ASGIApp, *, terms: Terms, metrics: Metrics, rate: Rate | None) -> None:
        self.app = app
        self.terms = terms
        self.metrics = metrics
        self.rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit, incoming = _Visit(send, self.terms.timeout), _Incoming(receive)
        try:
            self._admit(scope)
            body = await self._read(scope, incoming)
            await self.app(scope, _replay(body, receive), visit.send)
        except Refusal as refusal:
            self.metrics.rejected(refusal.reason)
            await incoming.drain(min(_PATIENCE, self.terms.timeout))
            await visit.refuse(refusal)
        except Exception as error:  # noqa: BLE001 - an answer, whatever happens
            visit.fault = _place(error)
            problem = f"a mistake of the program ({type(error).__name__}); its log names the place"
            await visit.refuse(Refusal(500, problem))
        finally:
            self._tell(scope, visit)

    def _admit(self, scope: Scope) -> None:
        headers = headers_of(scope)
        if self.terms.local:
            host = header(headers, "host").lower().rpartition(":")
            name = host[0] if host[0] and host[2].isdigit() else "".join(host)
            if name not in _LOCAL:
                raise Refusal(
                    403, f"expected a Host of this machine, found {name!r:.60}", reason="host"
                )
        if comes_from_elsewhere(headers) and scope["method"] not in ("GET", "HEAD"):
            raise Refusal(403, "requests from pages of other sites are refused", reason="page")
        if self.rate is not None and scope["client"] is not None:
            wait = self.rate.wait(scope["client"][0])
            if wait:
                raise Refusal(
                    429,
                    f"expected at most {self.rate.rate:g} requests a second from one address",
                    reason="rate",
                    headers={"retry-after": str(math.ceil(wait))},
                )
        if self.terms.token is not None and not _OPEN.fullmatch(scope["path"]):
            _require_token(header(headers, "authorization"), self.terms.token)
        if (announced(headers) or 0) > self.terms.max_body:
            raise self._too_long()
        length = header(headers, "content-length")
        bears = length not in ("", "0") or "transfer-encoding" in headers
        if bears and (fault := fault_of_type(headers)):
            raise Refusal(415, fault)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        if scope["method"] in ("GET", "HEAD"):
            return b""
        body = bytearray()
        try:
            async with asyncio.timeout(self.terms.timeout):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refusal(GONE, "the client went away", reason="gone")
                    body += message.get("body", b"")
                    if len(body) > self.terms.max_body:
                        raise self._too_long()
                    more = message.get("more_body", False)
        except TimeoutError:
            raise Refusal(
                408, f"expected the body within {self.terms.timeout:g} seconds", reason="slow"
            ) from None
        return bytes(body)

    def _too_long(self) -> Refusal:
        return too_much(f"expected at most {self.terms.max_body:,} bytes, found more")

    def _tell(self, scope: Scope, visit: _Visit) -> None:
        seconds = time.perf_counter() - visit.begun
        route = getattr(scope.get("route"), "path", "other")
        # A client can make up methods without end; each would be a series of its own.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.answered(method, route, visit.status, seconds)
        facts: dict[str, Any] = {
            "id": visit.id,
            "method": method,
            "route": route,
            "status": visit.status,
            "seconds": round(seconds, 4),
            "bytes": visit.sent,
        }
        if visit.fault:
            facts["fault"] = visit.fault
        log_event("request", facts, level=logging.ERROR if visit.fault else logging.INFO)


class _Incoming:
    """The body of a request on its way in.

    Args:
        receive: its next part.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self, seconds: float) -> None:
        """Take what is on its way, if it is little and comes soon.

        A connection that is closed while it brings something is reset, and its client may never
        see the answer.
        """
        taken = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._ended and taken < _DRAINED:
                    message = await self()
                    taken += len(message.get("body", b""))


class _Visit:
    """One request on its way out."""

    def __init__(self, send: Send, timeout: float) -> None:
        self._send = send
        self._timeout = timeout
        self.id = secrets.token_hex(8)
        self.begun = time.perf_counter()
        self.status = GONE
        self.sent = 0
        self.fault = ""

    async def send(self, message: Message) -> None:
        """Hand on a part of the answer, if the client takes it in time."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            add_headers(message, {**_ALWAYS, "x-request-id": self.id})
        else:
            self.sent += len(message.get("body", b""))
        async with asyncio.timeout(self._timeout):
            await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer, unless an answer has begun."""
        if self.status != GONE or refusal.status == GONE:
            return
        body = problem_json(str(refusal))
        headers = {
            "content-type": JSON,
            "content-length": str(len(body)),
            # What was not read of the body would be taken for the next request.
            "connection": "close",
            **({"www-authenticate": "Bearer"} if refusal.status == 401 else {}),
            **refusal.headers,
        }
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        start = {"type": "http.response.start", "status": refusal.status, "headers": pairs}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _require_token(given: str, token: str) -> None:
    kind, _, value = given.partition(" ")
    # Compared in constant time, whatever was given.
    right = hmac.compare_digest(value.strip().encode(), token.encode())
    if kind.lower() != "bearer" or not right:
        found = "another" if given else "none"
        raise Refusal(
            401, f"expected the service's token, Authorization: Bearer …, found {found}",
            reason="token",
        )  # fmt: skip


def _replay(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _place(error: BaseException) -> str:
    """Where in the program an error came from; its text may hold what a user sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = Path(trace.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} at {file}:{trace.tb_lineno}"
