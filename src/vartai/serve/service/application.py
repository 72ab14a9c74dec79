"""The service as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import torch
from fastapi import APIRouter, FastAPI

from vartai.serve.service.bodies import Problem
from vartai.serve.service.door import Door, Terms
from vartai.serve.service.metrics import Metrics
from vartai.serve.service.models import ServedModels
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.problems import answer_problems
from vartai.serve.service.rate import Rate
from vartai.serve.service.routes.captioning import caption_routes
from vartai.serve.service.routes.carried import carried_routes
from vartai.serve.service.routes.page import page_routes
from vartai.serve.service.routes.sessions import no_session_routes, session_routes
from vartai.serve.service.routes.state_of_service import service_routes
from vartai.serve.service.routes.verbs import verb_routes
from vartai.serve.service.routes.writing import session_writing_routes, writing_routes
from vartai.serve.service.signing import Signer
from vartai.serve.service.work import Work

_TOLD: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": said}
    for status, said in (
        (400, "The request cannot be read, or an input cannot be."),
        (401, "The token is missing or another."),
        (403, "A forged state, or a request that a page of another site makes."),
        (404, "There is nothing of this name."),
        (408, "The body did not come in time."),
        (409, "It cannot be done as things stand."),
        (410, "It has ended, or its time is over."),
        (413, "More than the service takes on."),
        (415, "The body is not JSON."),
        (422, "A value is of another type, missing or unknown."),
        (429, "More requests than the address may make."),
        (500, "A state that is not finite, or a mistake of the program."),
        (503, "Busy or stopping; Retry-After says when to try again."),
        (504, "Not computed in time."),
    )
}


def build_service(
    models: ServedModels,
    options: ServiceOptions,
    *,
    signer: Signer,
    token: str | None = None,
    local: bool = True,
    keeps: bool = True,
) -> FastAPI:
    """An application that serves models; it computes between start and end of its lifespan.

    Args:
        models: that are served.
        options: its bounds.
        signer: of states that leave.
        token: that requests must bear; None for none.
        local: whether only this machine's own names are let in as *Host*.
        keeps: whether it keeps sessions; where several processes answer, none could.
    """
    metrics = Metrics()
    work = Work(models, options, metrics, signer)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        torch.set_num_threads(options.threads)
        work.line.start()
        expiring = asyncio.create_task(_expire(work))
        try:
            yield
        finally:
            work.stopping.set()
            expiring.cancel()
            # What was accepted is computed; the loop stays free to deliver it.
            await asyncio.to_thread(work.line.close)

    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(
        title="Vartai",
        summary="Recurrent models at work: predictions, and sessions that keep their state.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=live,
        responses=_TOLD,
    )
    for router in _routers(work, keeps=keeps):
        app.include_router(router)
    answer_problems(app, metrics)
    terms = Terms(options.max_body, options.timeout, token, local)
    rate = None if options.rate is None else Rate(options.rate)
    app.add_middleware(Door, terms=terms, metrics=metrics, rate=rate)
    app.state.work = work
    return app


def _routers(work: Work, *, keeps: bool) -> list[APIRouter]:
    own = [service_routes(work), verb_routes(work), writing_routes(work), carried_routes(work)]
    own += [caption_routes(work), *page_routes(work)]
    if keeps:
        return [*own, session_routes(work), session_writing_routes(work)]
    return [*own, no_session_routes()]


async def _expire(work: Work) -> None:
    """Forget sessions over their time even when nobody asks for any."""
    while True:
        await asyncio.sleep(min(60.0, work.options.session_ttl))
        work.sessions.expire()
