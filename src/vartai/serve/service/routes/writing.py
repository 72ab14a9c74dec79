"""Language models write: whole texts, or as they are written, as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from vartai.decoding.options import SamplingOptions
from vartai.errors import OptionError, VartaiError
from vartai.serve.answers import problem_json
from vartai.serve.service.bodies import GenerateBody, SamplingBody, WriteBody, Written
from vartai.serve.service.models import ServedModel
from vartai.serve.service.refusals import too_much
from vartai.serve.service.routes.sessions import begin, end_poisoned
from vartai.serve.service.stepping import WRITE, PoisonedError, Writer, WritingAsked
from vartai.serve.service.work import Work
from vartai.stream.language_stream import LanguageStream

EVENTS = "text/event-stream"
_TOLD: dict[int | str, dict[str, Any]] = {200: {"content": {EVENTS: {}}}}
Turns = AsyncGenerator[str, None]
Over = Callable[[Writer | None, BaseException | None], None]


def writing_routes(work: Work) -> APIRouter:
    """The verbs of language models."""
    router = APIRouter(prefix="/v1", tags=["generate"])

    @router.post("/generate", response_model=Written, responses=_TOLD)
    async def generate(body: GenerateBody, request: Request) -> Response | Written:
        """Go on from a prompt. With `stream`, events: `{"text": …}`, at last `{"ended": …}`."""
        work.require_size([body.prompt, *body.stop])
        model = work.models.find(body.model, tasks=("generate",))
        stream = begin(work, model, None)
        assert isinstance(stream, LanguageStream)
        writer = Writer(stream, body.prompt, _asked(work, body))
        return await _answer(work, request, model, writer, body.stream, lambda _, __: None)

    return router


def session_writing_routes(work: Work) -> APIRouter:
    """Writing on from where a session stands."""
    router = APIRouter(prefix="/v1/sessions", tags=["sessions"])

    @router.post("/{session}/write", response_model=Written, responses=_TOLD)
    async def write(session: str, body: WriteBody, request: Request) -> Response | Written:
        """Write on. Only if the text was told to its end does the session stand behind it."""
        work.require_size(body.stop)
        asked = _asked(work, body)
        held = work.sessions.hold(session)
        try:
            stream = held.stream
            if not isinstance(stream, LanguageStream):
                raise OptionError(f"{held.model.name} is for {held.model.task}; it does not write")
            writer = Writer(stream.fork(), "", asked)
        except BaseException:
            work.sessions.release(held, None)
            raise

        def over(written: Writer | None, fault: BaseException | None) -> None:
            work.sessions.release(held, None if written is None else written.stream)
            if isinstance(fault, PoisonedError):
                end_poisoned(work, held)

        return await _answer(work, request, held.model, writer, body.stream, over)

    return router


def _asked(work: Work, body: SamplingBody) -> WritingAsked:
    most = work.options.max_length
    if body.length > most:
        raise too_much(f"length: expected at most {most:,} tokens, found {body.length:,}")
    sampling = SamplingOptions(
        temperature=body.temperature,
        top_k=body.top_k,
        top_p=body.top_p,
        repetition_penalty=body.repetition_penalty,
        seed=body.seed,
    )
    return WritingAsked(body.length, tuple(body.stop), sampling)


async def _answer(
    work: Work,
    request: Request,
    model: ServedModel,
    writer: Writer,
    streamed: bool,
    over: Over,
) -> Response | Written:
    turns = _turns(work, request, writer, over)
    if not streamed:
        text = "".join([piece async for piece in turns])
        return Written(model=model.name, text=text, ended=writer.ended)
    # What is wrong with the request itself is told by its status: the first turn comes before it.
    first = await anext(turns, "")
    return _Events(_events(first, turns, writer), turns)


async def _turns(
    work: Work, request: Request, writer: Writer, over: Over
) -> AsyncGenerator[str, None]:
    """The text, turn by turn; `over` is told when it ends, however it ends."""
    fault: BaseException | None = None
    try:
        while not writer.ended:
            (piece,) = await work.compute(request, WRITE, [writer])
            if piece:
                yield piece
    except BaseException as error:
        fault = error
        raise
    finally:
        over(writer if fault is None else None, fault)


class _Events(StreamingResponse):
    """Server-sent events. A client that leaves stops the writing at once, wherever it was."""

    def __init__(self, events: AsyncGenerator[bytes, None], turns: Turns) -> None:
        super().__init__(events, media_type=EVENTS)
        self._generators = (events, turns)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            for generator in self._generators:
                await generator.aclose()


async def _events(first: str, turns: Turns, writer: Writer) -> AsyncGenerator[bytes, None]:
    try:
        if first:
            yield _event({"text": first})
        async for piece in turns:
            yield _event({"text": piece})
        yield _event({"ended": writer.ended})
    except VartaiError as error:
        yield b"event: error\ndata: " + problem_json(str(error)) + b"\n\n"


def _event(value: dict[str, str]) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode("utf-8", "backslashreplace")
