"""The page as text: served, with its scripts beside it, or as one file that holds all of it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from vartai.errors import MissingExtra

_STATIC = resources.files("vartai.serve.inspector") / "static"
# A served page may load from this machine, run what lies there, and nothing else. Plotly sets
# styles of elements in a way that needs 'unsafe-inline' for styles; scripts have no such gap.
_POLICY = (
    "default-src 'none'; script-src 'self' '{importmap}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
# A report loads nothing at all: not even a picture could tell anyone that it was read.
_REPORT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
MODULES = "page/"


@cache
def modules() -> Mapping[str, str]:
    """The page's scripts by name, such as ``read`` or ``words/lt``."""
    names = [entry.name for entry in _STATIC.iterdir() if entry.name.endswith(".js")]
    found = {name.removesuffix(".js"): (_STATIC / name).read_text("utf-8") for name in names}
    words = [entry.name for entry in (_STATIC / "words").iterdir() if entry.name.endswith(".js")]
    for name in words:
        text = (_STATIC / "words" / name).read_text("utf-8")
        found[f"words/{name.removesuffix('.js')}"] = text
    return found


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
def served_page() -> str:
    """The page, whose parts the server has under ``static/``."""
    head = (
        '<link rel="stylesheet" href="static/style.css">\n'
        f'<script type="importmap">{_served_map()}</script>\n'
        '<script src="static/plotly.js" defer></script>\n'
        f'<script type="module" src="static/{MODULES}main.js"></script>'
    )
    return _filled(head, "")


def served_policy() -> str:
    """The Content-Security-Policy of `served_page`."""
    digest = hashlib.sha256(_served_map().encode()).digest()
    return _POLICY.format(importmap=f"sha256-{base64.b64encode(digest).decode()}")


def report_page(stored: object) -> str:
    """The page as one file that needs no server, no network and no second file.

    Args:
        stored: what the page may ask for, with the answers; JSON.

    Raises:
        MissingExtra: the `plotly` package is not installed.
    """
    code = {f"{MODULES}{name}": _as_address(text) for name, text in modules().items()}
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
    return _filled(head, end)


def _served_map() -> str:
    names = sorted(modules())
    return json.dumps({"imports": {f"{MODULES}{n}": f"/static/{MODULES}{n}.js" for n in names}})


def _as_address(script: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(script.encode()).decode()}"


def _unbreakable(numbers: str) -> str:
    """JSON that cannot end the script element it stands in."""
    text = numbers.replace("<", "\\u003c")
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _filled(head: str, end: str) -> str:
    page = (_STATIC / "index.html").read_text("utf-8")
    return page.replace("<!-- head -->", head).replace("<!-- end -->", end)
