"""The page as text: served, with its scripts beside it, or as one file that holds all of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from vartai.errors import MissingExtra
from vartai.serve.served_page import STATIC, ServedPage, scripts_of

_STATIC = resources.files("vartai.serve.inspector") / "static"
# A report loads nothing at all: not even a picture could tell anyone that it was read.
_REPORT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
MODULES = "page/"


@cache
def frame() -> str:
    """The HTML of every page, with the places of its head and its end."""
    return (_STATIC / "index.html").read_text("utf-8")


@cache
def modules() -> Mapping[str, str]:
    """The page's scripts by name, such as ``page/read`` or ``page/words/lt``."""
    return scripts_of(_STATIC, MODULES)


@cache
def style() -> str:
    """The page's style sheet."""
    return (_STATIC / "style.css").read_text("utf-8")


@cache
def plotly_script() -> str:
    """The script that draws figures, as the `plotly` package ships it.

    Raises:
        MissingExtra: the package is not installed.
    """
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise MissingExtra("Looking into a model", extra="inspect") from error
    script: str = get_plotlyjs()
    return script


@cache
def served_page() -> ServedPage:
    """The page as a server has it."""
    plotly = f'<script src="{STATIC}plotly.js" defer></script>\n'
    return ServedPage(frame(), modules(), f"{MODULES}main", plotly)


def report_page(stored: object) -> str:
    """The page as one file that needs no server, no network and no second file.

    Args:
        stored: what the page may ask for, with the answers; JSON.

    Raises:
        MissingExtra: the `plotly` package is not installed.
    """
    code = {name: _as_address(text) for name, text in modules().items()}
    numbers = json.dumps(stored, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{_REPORT_POLICY}">\n'
        f"<style>{style()}</style>\n"
        f'<script type="importmap">{json.dumps({"imports": code})}</script>\n'
        f"<script>{plotly_script()}</script>"
    )
    end = (
        f'<script type="application/json" id="stored">{_unbreakable(numbers)}</script>\n'
        f'<script type="module">import "{MODULES}main";</script>'
    )
    return frame().replace("<!-- head -->", head).replace("<!-- end -->", end)


def _as_address(script: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(script.encode()).decode()}"


def _unbreakable(numbers: str) -> str:
    """JSON that cannot end the script element it stands in."""
    text = numbers.replace("<", "\\u003c")
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
