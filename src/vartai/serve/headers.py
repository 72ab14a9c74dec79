"""The headers of a request, and what they tell of the page that it came from."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

JSON = "application/json"


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers by name in lower case."""
    # Of a header that comes twice neither is believed: joined, it equals nothing that is expected.
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def header(headers: Mapping[str, str], name: str) -> str:
    """A header; empty where there is none."""
    return headers.get(name, "")


def type_of_body(headers: Mapping[str, str]) -> str:
    """Such as ``application/json``; empty where none is told."""
    return header(headers, "content-type").partition(";")[0].strip().lower()


def comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a page of another site, or of another port, asks."""
    return header(headers, "sec-fetch-site") not in ("", "same-origin", "none")
