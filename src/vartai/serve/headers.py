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


def fault_of_type(headers: Mapping[str, str]) -> str:
    """What is wrong with the type of the body; empty where it is JSON."""
    kind = header(headers, "content-type").partition(";")[0].strip().lower()
    return "" if kind == JSON else f"expected a body of type {JSON}, found {kind or 'none'!r:.60}"


def announced(headers: Mapping[str, str]) -> int | None:
    """Bytes that a body is said to have; None where that is not told in digits."""
    length = header(headers, "content-length")
    if not (length.isascii() and length.isdigit()):
        return None
    # Python refuses to read a number of some thousand digits; so many bytes are too many anyway.
    return int(length) if len(length) <= 12 else 10**12


def comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a page of another site, or of another port, asks."""
    return header(headers, "sec-fetch-site") not in ("", "same-origin", "none")
