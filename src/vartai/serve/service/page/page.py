"""The page as text: its own scripts, beside those that it shares with the inspector."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from vartai.serve.inspector import page as inspector
from vartai.serve.served_page import ServedPage, scripts_of

_STATIC = resources.files("vartai.serve.service.page") / "static"
MODULES = "try/"
# Of the inspector's scripts, those that are for any page.
_SHARED = (
    "card", "choice", "colour", "composer", "door", "elements", "language", "said", "source",
    "state", "tabs", "words/en", "words/lt",
)  # fmt: skip


@cache
def modules() -> Mapping[str, str]:
    """The page's own scripts by name, such as ``try/live``."""
    return scripts_of(_STATIC, MODULES)


@cache
def service_page() -> ServedPage:
    """The page as the service has it."""
    shared = {f"{inspector.MODULES}{name}" for name in _SHARED}
    scripts = {name: text for name, text in inspector.modules().items() if name in shared}
    return ServedPage(inspector.frame(), {**scripts, **modules()}, f"{MODULES}main")
