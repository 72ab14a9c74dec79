"""What all routes of a service share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import Request

from vartai.serve.service.line import Group, Line
from vartai.serve.service.metrics import Metrics
from vartai.serve.service.models import ServedModels
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.refusals import too_much
from vartai.serve.service.sessions import Sessions
from vartai.serve.service.signing import Signer
from vartai.serve.service.waiting import wait_for


class Work:
    """Models, and the line before them.

    Args:
        models: that are served.
        options: of the service.
        metrics: told of what happens.
        signer: of states that leave.
    """

    def __init__(
        self, models: ServedModels, options: ServiceOptions, metrics: Metrics, signer: Signer
    ) -> None:
        self.models = models
        self.options = options
        self.metrics = metrics
        self.line = Line(delay=options.delay / 1000, bound=options.queue, watcher=metrics)
        self.sessions = Sessions(options, ended=metrics.ended)
        self.signer = signer
        self.stopping = asyncio.Event()
        metrics.watch("queue_requests", lambda: len(self.line))
        metrics.watch("sessions", lambda: len(self.sessions))
        metrics.watch("session_bytes", lambda: self.sessions.size)

    async def compute(self, request: Request, group: Group, inputs: Sequence[Any]) -> Sequence[Any]:
        """The answers to inputs, computed with those of other requests.

        Raises:
            Refusal: the line is full, the time over, or the client gone.
            VartaiError: an input that cannot be answered.
        """
        future = self.line.submit(group, inputs)
        return await wait_for(request, future, timeout=self.options.timeout)

    def require_size(self, inputs: Sequence[Any]) -> None:
        """Refuse more inputs or characters than a request may bring.

        Raises:
            Refusal: says how many, and how many there may be.
        """
        if len(inputs) > self.options.max_inputs:
            raise too_much(
                f"inputs: expected at most {self.options.max_inputs:,}, found {len(inputs):,}"
            )
        characters = sum(map(_characters, inputs))
        if characters > self.options.max_characters:
            raise too_much(
                f"expected at most {self.options.max_characters:,} characters in all texts of a "
                f"request, found {characters:,}"
            )


def _characters(value: Any) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    parts = value.values() if isinstance(value, dict) else value
    # A part costs something even if it is empty.
    return sum(1 + _characters(part) for part in parts if not isinstance(part, int))
