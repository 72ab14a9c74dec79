"""A step of a stream whose state the client carries: any replica can take it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from vartai.serve.service.bodies import StepBody
from vartai.serve.service.routes.sessions import STREAMED, begin, fragment_of, is_long
from vartai.serve.service.stepping import Push
from vartai.serve.service.work import Work


def carried_routes(work: Work) -> APIRouter:
    """Steps without sessions."""
    router = APIRouter(prefix="/v1", tags=["sessions"])

    @router.post("/step")
    async def step(body: StepBody, request: Request) -> dict[str, Any]:
        """Read on from a state, and hand out the next one; nothing is kept here."""
        work.require_size([body.input])
        model = work.models.find(body.model, tasks=STREAMED)
        push = Push(begin(work, model, body.state), fragment_of(body), body.top, body.numbers)
        group = model.step[body.flush, is_long(push)]
        (stepped,) = await work.compute(request, group, [push])
        state, until = work.signer.sign(stepped.stream.state)
        return {"model": model.name, **stepped.said, "state": state, "until": until}

    return router
