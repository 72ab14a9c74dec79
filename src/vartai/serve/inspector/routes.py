"""Routes of the page: each hands a question to a function and its answer back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from vartai.serve.inspector import page
from vartai.serve.inspector.captioning import show_picture
from vartai.serve.inspector.corpus import pasted
from vartai.serve.inspector.effects import effects
from vartai.serve.inspector.finding import find
from vartai.serve.inspector.flagging import find_flags
from vartai.serve.inspector.memory import TEXTS, remember
from vartai.serve.inspector.questions import (
    CaptionQuestion,
    DifferenceQuestion,
    EffectsQuestion,
    FindQuestion,
    FlagsQuestion,
    MemoryQuestion,
    ViewQuestion,
)
from vartai.serve.inspector.reading import compare_texts, read, states
from vartai.serve.inspector.session import Session
from vartai.serve.turns import Turns

# One reads; those whose answers nobody waits for any more are few, since the page asks seldom.
_WAITING = 8

Answer = dict[str, Any]


def page_routes() -> APIRouter:
    """The page and its parts."""
    router = APIRouter()

    @router.get("/")
    def whole() -> HTMLResponse:
        return HTMLResponse(page.served_page())

    @router.get("/static/style.css")
    def style() -> Response:
        return Response(page.style(), media_type="text/css")

    @router.get("/static/plotly.js")
    def plotly() -> Response:
        # Four megabytes that only a new version of the package changes.
        kept = {"cache-control": "private, max-age=3600"}
        return Response(page.plotly_script(), media_type="text/javascript", headers=kept)

    @router.get(f"/static/{page.MODULES}{{name:path}}.js")
    def module(name: str) -> Response:
        if name not in page.modules():
            raise HTTPException(404, f"no script {name!r}")
        return Response(page.modules()[name], media_type="text/javascript")

    return router


def question_routes(session: Session) -> APIRouter:
    """What the page asks of opened models."""
    router = APIRouter(prefix="/api")
    turns = Turns(_WAITING)

    @router.get("/model")
    def model() -> Answer:
        return session.facts()

    @router.post("/read")
    def read_text(asked: ViewQuestion) -> Answer:
        with turns.turn():
            return read(session.model(asked.model), asked)

    @router.post("/states")
    def show_states(asked: ViewQuestion) -> Answer:
        with turns.turn():
            return states(session.model(asked.model), asked)

    @router.post("/difference")
    def show_difference(asked: DifferenceQuestion) -> Answer:
        with turns.turn():
            return compare_texts(session.model(asked.model), asked, asked.other)

    @router.post("/words")
    def show_effects(asked: EffectsQuestion) -> Answer:
        with turns.turn():
            return effects(session.model(asked.model), asked.given, asked.place)

    @router.post("/caption")
    def show_caption(asked: CaptionQuestion) -> Answer:
        with turns.turn():
            return show_picture(session.model(asked.model), asked)

    _corpus_routes(router, session, turns)
    return router


def _corpus_routes(router: APIRouter, session: Session, turns: Turns) -> None:
    """Questions about many texts at once."""

    @router.post("/memory")
    def show_memory(asked: MemoryQuestion) -> Answer:
        with turns.turn():
            texts = [text for _, text in pasted(asked.texts).lines]
            return remember(session.model(asked.model), texts[:TEXTS], asked.of)

    @router.post("/flags")
    def show_flags(asked: FlagsQuestion) -> Answer:
        with turns.turn():
            return find_flags(session.model(asked.model), session.texts_of(asked.texts), asked)

    @router.post("/find")
    def show_found(asked: FindQuestion) -> Answer:
        with turns.turn():
            return find(session.model(asked.model), session.texts_of(asked.texts), asked)


def inspector_routes(session: Session) -> Sequence[APIRouter]:
    """The page and what it asks."""
    return page_routes(), question_routes(session)
