"""Sessions: streams that the service keeps, or whose states the client carries."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from vartai.serve.service.bodies import OpenBody, PushBody, SessionFacts, StateBody, StateOut
from vartai.serve.service.models import ServedModel
from vartai.serve.service.refusals import Refusal
from vartai.serve.service.sessions import Session
from vartai.serve.service.stepping import SHORT, PoisonedError, Push, Stepped
from vartai.serve.service.work import Work
from vartai.stream.opening import stream_of
from vartai.stream.stream import Stream

STREAMED = ("classify", "tag", "generate")


def session_routes(work: Work) -> APIRouter:
    """Sessions that are kept."""
    router = APIRouter(prefix="/v1/sessions", tags=["sessions"])

    @router.post("", status_code=201)
    async def create(body: OpenBody) -> SessionFacts:
        """Begin a session, or go on from a state that was handed out."""
        model = work.models.find(body.model, tasks=STREAMED)
        stream = begin(work, model, body.state)
        return _facts(work, work.sessions.open(model, stream))

    @router.get("/{session}")
    async def show(session: str) -> SessionFacts:
        """Where a session stands."""
        return _facts(work, work.sessions.find(session))

    @router.post("/{session}/step")
    async def step(session: str, body: PushBody, request: Request) -> dict[str, Any]:
        """Read on, and tell what the model says now. A step that fails was not taken."""
        work.require_size([body.input])
        held = work.sessions.hold(session)
        push = Push(held.stream, fragment_of(body), body.top, body.numbers)
        stepped = await take(work, request, held, push, flush=body.flush)
        return {"session": held.id, **stepped.said}

    @router.get("/{session}/state")
    async def download(session: str) -> StateOut:
        """The state, for any replica with the same key and model."""
        found = work.sessions.find(session)
        state, until = work.signer.sign(found.stream.state)
        return StateOut(model=found.model.name, state=state, until=until)

    @router.put("/{session}/state")
    async def upload(session: str, body: StateBody) -> SessionFacts:
        """Stand where a state was taken."""
        held = work.sessions.hold(session)
        stream = None
        try:
            stream = begin(work, held.model, body.state)
        finally:
            work.sessions.release(held, stream)
        return _facts(work, held)

    @router.delete("/{session}", status_code=204)
    async def delete(session: str) -> None:
        """End a session."""
        found = work.sessions.find(session)
        work.sessions.end(found, "deleted", "this session ended: it was deleted")

    return router


def no_session_routes() -> APIRouter:
    """Where several processes answer: none is sure to be asked twice."""
    router = APIRouter(prefix="/v1/sessions", tags=["sessions"])

    @router.api_route("", methods=["GET", "POST"], include_in_schema=False)
    @router.api_route(
        "/{path:path}", methods=["GET", "POST", "PUT", "DELETE"], include_in_schema=False
    )
    async def refuse(path: str = "") -> None:
        del path
        raise Refusal(
            501,
            "this service runs several workers and keeps no sessions: POST /v1/step takes a state "
            "and hands out the next",
        )

    return router


def begin(work: Work, model: ServedModel, state: str | None) -> Stream[Any]:
    """A stream of a model, fresh or from a state.

    Raises:
        Refusal: the model keeps no state, or the state is not one of it.
    """
    live = model.require_live()
    stream = stream_of(live)
    if state is not None:
        stream.load(work.signer.read(state, live, name=model.name))
    return stream


async def take(work: Work, request: Request, held: Session, push: Push, *, flush: bool) -> Stepped:
    """Step a session that was held, and release it, whatever happens.

    Raises:
        Refusal: it was not computed.
        PoisonedError: the session's numbers are not finite; it has ended.
    """
    stream: Stream[Any] | None = None
    try:
        group = held.model.step[flush, is_long(push)]
        (stepped,) = await work.compute(request, group, [push])
        found: Stepped = stepped
        stream = found.stream
    except PoisonedError:
        end_poisoned(work, held)
        raise
    finally:
        # Without an answer the session stands where it stood, whatever is still being computed.
        work.sessions.release(held, stream)
    return found


def end_poisoned(work: Work, held: Session) -> None:
    """End a session whose numbers are not finite: every later step's would not be, either."""
    work.sessions.end(
        held, "failed", "this session ended: its state held numbers that are not finite"
    )


def is_long(push: Push) -> bool:
    """Whether others would wait long for this push."""
    return len(push.fragment) > SHORT


def fragment_of(body: PushBody) -> Any:
    """As streams take it: a word with values is a tuple."""
    if isinstance(body.input, str):
        return body.input
    return [tuple(each) if isinstance(each, list) else each for each in body.input]


def _facts(work: Work, session: Session) -> SessionFacts:
    return SessionFacts(
        session=session.id,
        model=session.model.name,
        tokens=session.stream.tokens,
        pending=session.stream.pending,
        idle_for=work.options.session_ttl,
    )
