"""Small models with random weights behind a service, and a client of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NamedTuple

import httpx
from fastapi import FastAPI
from tests.inspect import test_pairs_of_texts as pairs
from tests.stream import models as small
from tests.tasks.caption.test_task import small_task

from vartai.bundle.trained import SavedTask
from vartai.serve.service.application import build_service
from vartai.serve.service.models import ServedModel, ServedModels
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.signing import Signer
from vartai.serve.service.stepping import said_as_json
from vartai.serve.service.work import Work
from vartai.stream.opening import stream_of

HERE = "http://127.0.0.1:8000"
KEY = "k" * 32
OPTIONS = ServiceOptions(delay=0)


class Service(NamedTuple):
    """A running service, and a client of it."""

    client: httpx.AsyncClient
    work: Work
    app: FastAPI


@cache
def saved(name: str) -> SavedTask:
    """A model by the name of the service's tests."""
    task: Any = {
        "reviews": small.classifier,
        "both-ways": lambda: small.tagger(bidirectional=True),
        "tagger": small.tagger,
        "book": small.language_model,
        "translator": pairs.translator,
        "reader": pairs.reader,
        "pictures": small_task,
    }[name]()
    kind = {
        "reviews": "classify",
        "book": "generate",
        "translator": "translate",
        "reader": "answer",
        "pictures": "caption",
    }
    return SavedTask(kind.get(name, "tag"), task, {}, "# A card")


def served(*names: str, options: ServiceOptions = OPTIONS) -> ServedModels:
    return ServedModels([ServedModel(name, saved(name), options) for name in names])


@asynccontextmanager
async def running(
    *names: str,
    options: ServiceOptions = OPTIONS,
    token: str | None = None,
) -> AsyncIterator[Service]:
    """A service that computes until the end of the block."""
    signer = Signer(KEY, ttl=options.state_ttl)
    app = build_service(served(*names, options=options), options, signer=signer, token=token)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=HERE) as client,
    ):
        yield Service(client, app.state.work, app)


def with_service(
    test: Callable[[Service], Awaitable[Any]],
    *names: str,
    options: ServiceOptions = OPTIONS,
    token: str | None = None,
) -> Any:
    """Run a test's coroutine against a service of its own."""

    async def run() -> Any:
        async with running(*(names or ("reviews",)), options=options, token=token) as service:
            return await test(service)

    return asyncio.run(run())


async def post(service: Service, path: str, body: Any) -> httpx.Response:
    """Post JSON in ASCII: half characters too, which httpx would not send."""
    headers = {"content-type": "application/json"}
    return await service.client.post(path, content=json.dumps(body), headers=headers)


def problem(answer: httpx.Response) -> str:
    """The sentence of an error, which is all that its body has."""
    body = answer.json()
    assert list(body) == ["error"], body
    text: str = body["error"]
    return text


async def begin(service: Service, model: str | None = None, state: str | None = None) -> str:
    """A new session's id."""
    body = {} if model is None else {"model": model}
    body |= {} if state is None else {"state": state}
    answer = await service.client.post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["session"]
    return name


async def step(service: Service, session: str, fragment: Any, *, flush: bool = False) -> Any:
    """What a session says of a fragment."""
    body = {"input": fragment, "flush": flush}
    answer = await service.client.post(f"/v1/sessions/{session}/step", json=body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said.pop("session") == session
    return said


def alone(name: str, fragments: list[Any]) -> list[Any]:
    """What a stream of the same model says that no service steps."""
    stream = stream_of(small.live(saved(name).task))
    told = []
    for fragment in fragments:
        said = stream.push(fragment)
        told.append(json.loads(json.dumps(said_as_json(said, stream, top=5))))
    return told
