"""Routes of the page: each hands a question to a function and its answer back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

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
from vartai.serve.served_page import static_routes
from vartai.serve.turns import Turns

# One reads; those whose answers nobody waits for any more are few, since the page asks seldom.
_WAITING = 8

Answer = dict[str, Any]


def page_routes() -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/")
    def whole() -> HTMLResponse:
        return page.served_page().answer()

    return router


def question_routes(opened: Callable[..., Session], turns: Turns) -> APIRouter:
    """What the page asks of opened models.

    Args:
        opened: what is open, of the path's parameters: a dependency of the routes.
        turns: that computing takes.
    """
    router = APIRouter(prefix="/api", include_in_schema=False)
    found = Depends(opened)

    @router.get("/model")
    def model(session: Session = found) -> Answer:
        return session.facts()

    @router.post("/read")
    def read_text(asked: ViewQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return read(session.model(asked.model), asked)

    @router.post("/states")
    def show_states(asked: ViewQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return states(session.model(asked.model), asked)

    @router.post("/difference")
    def show_difference(asked: DifferenceQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return compare_texts(session.model(asked.model), asked, asked.other)

    @router.post("/words")
    def show_effects(asked: EffectsQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return effects(session.model(asked.model), asked.given, asked.place)

    @router.post("/caption")
    def show_caption(asked: CaptionQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return show_picture(session.model(asked.model), asked)

    _corpus_routes(router, found, turns)
    return router


def _corpus_routes(router: APIRouter, found: Any, turns: Turns) -> None:
    """Questions about many texts at once."""

    @router.post("/memory")
    def show_memory(asked: MemoryQuestion, session: Session = found) -> Answer:
        with turns.turn():
            texts = [text for _, text in pasted(asked.texts).lines]
            return remember(session.model(asked.model), texts[:TEXTS], asked.of)

    @router.post("/flags")
    def show_flags(asked: FlagsQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return find_flags(session.model(asked.model), session.texts_of(asked.texts), asked)

    @router.post("/find")
    def show_found(asked: FindQuestion, session: Session = found) -> Answer:
        with turns.turn():
            return find(session.model(asked.model), session.texts_of(asked.texts), asked)


def inspector_routes(session: Session) -> Sequence[APIRouter]:
    """The page, what it loads, and what it asks."""
    loaded = static_routes(page.modules(), page.style(), plotly=page.plotly_script)
    return page_routes(), loaded, question_routes(lambda: session, Turns(_WAITING))
