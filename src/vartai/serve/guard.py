"""Who may talk to the application: this machine, and only pages that came from it.

A page of another site can make a browser send requests to this machine. Three things stop it. A
foreign *Host* header is refused, so a name that was pointed at 127.0.0.1 afterwards (DNS rebinding)
reaches nothing. A POST must be JSON from our own page, which another page cannot send without
being asked about first, and is not. And no answer may be read, framed or embedded elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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

_ALWAYS = {**PROTECTION, "cross-origin-opener-policy": "same-origin", "x-frame-options": "DENY"}


def loopback_hosts(port: int) -> frozenset[str]:
    """The *Host* headers by which this machine's own browser reaches a port."""
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))


class Guard:
    """Middleware that turns foreign and oversized requests away and sets headers of protection.

    Args:
        app: what is guarded.
        hosts: the *Host* headers that are let in, in lower case.
        largest_body: bytes that a request may bring.
        policy: the Content-Security-Policy of every answer.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Iterable[str], largest_body: int, policy: str
    ) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.largest_body = largest_body
        self.headers = {**_ALWAYS, "content-security-policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            return
        fault = self._fault(scope["method"], headers_of(scope))

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(message, self.headers)
            await send(message)

        if fault is None:
            await self.app(scope, receive, protected)
        else:
            await _refuse(protected, *fault)

    def _fault(self, method: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Status and reason, if this request is not let in."""
        host = header(headers, "host").lower()
        if host not in self.hosts:
            known = " or ".join(sorted(self.hosts))
            return 403, f"this page is for this machine only, at {known}; asked for {host!r}"
        if method in ("GET", "HEAD"):
            return None
        if method != "POST":
            return 405, f"expected GET or POST, found {method}"
        origin = header(headers, "origin")
        if origin not in ("", f"http://{host}"):
            return 403, f"requests from other pages are refused; this one came from {origin!r}"
        if comes_from_elsewhere(headers):
            return 403, "requests from other pages are refused"
        if fault := fault_of_type(headers):
            return 415, fault
        # The server below never hands on more than the length that was announced.
        length = announced(headers)
        if length is None:
            return 411, "expected a Content-Length"
        if length > self.largest_body:
            return 413, f"a request may bring {self.largest_body:,} bytes, this one brings more"
        return None


async def _refuse(send: Send, status: int, problem: str) -> None:
    body = problem_json(problem)
    headers = [(b"content-type", JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
