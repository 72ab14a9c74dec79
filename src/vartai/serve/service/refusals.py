"""Requests that are refused, each with its status and one sentence."""

from __future__ import annotations

from collections.abc import Mapping

from vartai.errors import UserError


class Refusal(UserError):  # noqa: N818 - reads as the fact it states
    """A request that is not done; answered with a status and the reason.

    Args:
        status: of HTTP.
        problem: what was expected, and what came.
        reason: under which the metrics count it.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        problem: str,
        *,
        reason: str = "request",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


def too_much(problem: str) -> Refusal:
    """A request that is larger than what the service takes on."""
    return Refusal(413, problem, reason="size")


def come_back(problem: str, *, reason: str, seconds: int = 1) -> Refusal:
    """A request that could be done a little later."""
    return Refusal(503, problem, reason=reason, headers={"retry-after": str(seconds)})
