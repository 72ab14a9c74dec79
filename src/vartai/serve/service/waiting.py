"""Waiting for a job as long as someone waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import Request

from vartai.serve.service.refusals import Refusal

# A client that leaves sooner costs less than looking out for it.
_GRACE = 0.1
GONE = 499
"""Status, in logs and metrics, of a request whose client did not wait."""


async def wait_for(
    request: Request, future: asyncio.Future[Sequence[Any]], *, timeout: float
) -> Sequence[Any]:
    """The answers of a job.

    Args:
        request: that asked.
        future: of the job; cancelled if nobody waits any more.
        timeout: seconds.

    Raises:
        Refusal: the time was over, or the client went away.
    """
    gone: asyncio.Task[None] | None = None
    try:
        await asyncio.wait([future], timeout=min(_GRACE, timeout))
        if not future.done():
            gone = asyncio.create_task(_leave(request))
            waited: list[asyncio.Future[Any]] = [future, gone]
            await asyncio.wait(
                waited,
                timeout=max(0.0, timeout - _GRACE),
                return_when=asyncio.FIRST_COMPLETED,
            )
        if future.done():
            return future.result()
        if gone is not None and gone.done():
            raise Refusal(GONE, "the client went away", reason="gone")
        raise Refusal(
            504, f"not computed within {timeout:g} seconds; nothing was changed", reason="timeout"
        )
    finally:
        if not future.done():
            future.cancel()
        if gone is not None:
            gone.cancel()


async def _leave(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
