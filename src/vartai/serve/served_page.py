"""A page that is served: its scripts by name, the map that finds them, and all that it may load."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

# A served page may load from this machine, run what lies there, and nothing else. Plotly sets
# styles of elements in a way that needs 'unsafe-inline' for styles; scripts have no such gap.
_POLICY = (
    "default-src 'none'; script-src 'self' '{importmap}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
STATIC = "/static/"


@dataclass(frozen=True, eq=False)
class ServedPage:
    """A page.

    Attributes:
        frame: its HTML, with ``<!-- head -->`` where style and scripts go.
        scripts: modules by the names that they import each other by, such as ``page/read``.
        entry: the module that begins.
        head: what stands in the head beside them.
    """

    frame: str
    scripts: Mapping[str, str]
    entry: str
    head: str = ""

    @cached_property
    def text(self) -> str:
        """The page, whose parts the server has under `STATIC`."""
        head = (
            f'<link rel="stylesheet" href="{STATIC}style.css">\n'
            f'<script type="importmap">{self._map}</script>\n'
            f"{self.head}"
            f'<script type="module" src="{STATIC}{self.entry}.js"></script>'
        )
        return self.frame.replace("<!-- head -->", head).replace("<!-- end -->", "")

    @cached_property
    def policy(self) -> str:
        """Its Content-Security-Policy."""
        digest = hashlib.sha256(self._map.encode()).digest()
        return _POLICY.format(importmap=f"sha256-{base64.b64encode(digest).decode()}")

    @cached_property
    def _map(self) -> str:
        return json.dumps({"imports": {n: f"{STATIC}{n}.js" for n in sorted(self.scripts)}})

    def answer(self) -> HTMLResponse:
        """The page with its policy."""
        return HTMLResponse(self.text, headers={"content-security-policy": self.policy})


def static_routes(
    scripts: Mapping[str, str], style: str, *, plotly: Callable[[], str]
) -> APIRouter:
    """What pages load.

    Args:
        scripts: modules by name.
        style: sheet of all pages.
        plotly: the script that draws figures.
    """
    router = APIRouter(prefix=STATIC.rstrip("/"), include_in_schema=False)

    @router.get("/style.css")
    def sheet() -> Response:
        return Response(style, media_type="text/css")

    @router.get("/plotly.js")
    def drawing() -> Response:
        # Four megabytes that only a new version of the package changes.
        kept = {"cache-control": "private, max-age=3600"}
        return Response(plotly(), media_type="text/javascript", headers=kept)

    @router.get("/{name:path}.js")
    def module(name: str) -> Response:
        if name not in scripts:
            raise HTTPException(404, f"no script {name!r:.80}")
        return Response(scripts[name], media_type="text/javascript")

    return router


def scripts_of(folder: Traversable, prefix: str) -> dict[str, str]:
    """The modules of a folder of the package and of its ``words``, by name.

    Args:
        folder: as `importlib.resources.files` gives it.
        prefix: that their names begin with, such as ``page/``.
    """
    found: dict[str, str] = {}
    for inner, name in ((folder, prefix), (folder / "words", f"{prefix}words/")):
        for entry in inner.iterdir():
            if entry.name.endswith(".js"):
                found[name + entry.name.removesuffix(".js")] = entry.read_text("utf-8")
    return found
