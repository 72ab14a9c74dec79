"""The page at the root, and the inspector of each model behind the same door."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from vartai.serve.inspector import page as inspector
from vartai.serve.inspector.routes import question_routes
from vartai.serve.served_page import static_routes
from vartai.serve.service.looking import Looking
from vartai.serve.service.page.page import modules, service_page
from vartai.serve.service.work import Work
from vartai.serve.turns import Turns

# Looking costs far more than predicting: one looks, a few wait.
_WAITING = 4


def page_routes(work: Work) -> list[APIRouter]:
    """Pages, what they load, and what the inspector asks.

    The inspector computes in a thread of its own, so that those who predict do not wait for it.
    """
    pages = APIRouter(include_in_schema=False)

    @pages.get("/")
    async def whole() -> HTMLResponse:
        return service_page().answer()

    @pages.get("/inspect/{name}/")
    async def inside(name: str) -> HTMLResponse:
        # The same for every name: which there are, only the token tells.
        del name
        return inspector.served_page().answer()

    looking = Looking(work.models, behind="/#")
    turns = Turns(_WAITING, patience=work.options.timeout)
    asked = APIRouter(prefix="/inspect/{name}")
    asked.include_router(question_routes(looking.session, turns))
    scripts = {**inspector.modules(), **modules()}
    loaded = static_routes(scripts, inspector.style(), plotly=inspector.plotly_script)
    return [pages, loaded, asked]
