"""The service keeps to its own OpenAPI document, whatever is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.serve.service.models import HERE, KEY, OPTIONS, Service, begin, running, with_service

from vartai.serve.service.application import build_service
from vartai.serve.service.models import ServedModels
from vartai.serve.service.signing import Signer

# A body of one of these shapes is sent to each route, often nearly what the document asks for.
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


DOCUMENT: dict[str, Any] = build_service(
    ServedModels([]), OPTIONS, signer=Signer(KEY, ttl=1)
).openapi()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, told in methods.items():
            yield method, path, told


def schema_of(told: dict[str, Any]) -> dict[str, Any] | None:
    if "requestBody" not in told:
        return None
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    return resolve(schema)


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema allows."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return st.one_of([fitting(each) for each in schema["anyOf"]])
    kind = schema.get("type")
    if kind == "object":
        names = schema.get("properties", {})
        needed = {name: fitting(names[name]) for name in schema.get("required", [])}
        others = {name: fitting(names[name]) for name in names if name not in needed}
        return st.fixed_dictionaries(needed, optional=others)
    if kind == "array":
        return st.lists(fitting(schema["items"]), max_size=3)
    if kind == "integer":
        return st.integers(schema.get("minimum", 0), schema.get("maximum", 40))
    if kind == "number":
        return st.floats(schema.get("minimum", 0.5), schema.get("maximum", 1), allow_nan=False)
    plain = {"string": st.text(max_size=12), "boolean": st.booleans(), "null": st.none()}
    return plain.get(kind, _VALUES)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, Any]:
    method, path, told = draw(st.sampled_from(list(operations())))
    for name in ("name", "session"):
        value = draw(st.sampled_from(["reviews", "SESSION", "", "..", "%00", "ž"]) | st.text())
        path = path.replace(f"{{{name}}}", value.replace("/", "").replace("?", "").replace("#", ""))
    schema = schema_of(told)
    if schema is None:
        return method, path, None
    body = draw(fitting(schema))
    if draw(st.integers(0, 2)) == 0 and body:
        body[draw(st.sampled_from([*body, "other"]))] = draw(_VALUES)
    return method, path, draw(st.just(body) | _VALUES) if draw(st.booleans()) else body


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[BlockingPortal, Service, str]]:
    """One service for all that is sent, the loop that it lives in, and a session's id."""
    with start_blocking_portal() as portal:
        block = running("reviews", "tagger", "book", options=OPTIONS)
        with portal.wrap_async_context_manager(block) as service:
            yield portal, service, portal.call(begin, service, "book")


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(asked=requests())
def test_whatever_is_sent_is_answered_as_the_document_says(
    service: tuple[BlockingPortal, Service, str], asked: tuple[str, str, Any]
) -> None:
    portal, running_service, session = service
    method, path, body = asked

    async def ask() -> None:
        url = httpx_path(path.replace("SESSION", session))
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"content-type": "application/json"}
        answer = await running_service.client.request(method, url, content=content, headers=headers)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert list(answer.json()) == ["error"]
        assert not any(each.busy for each in running_service.work.sessions._kept.values())
        assert (await running_service.client.get("/ready")).status_code == 200

    portal.call(ask)


def httpx_path(path: str) -> str:
    """A path as a client would write it."""
    return HERE + quote(path.encode("utf-8", "replace"), safe="/%")


def test_every_request_has_an_example_that_the_service_understands() -> None:
    async def run(service: Service) -> None:
        tried = 0
        for method, path, told in operations():
            schema = schema_of(told)
            if schema is None:
                continue
            (example,) = schema["examples"]
            url = path.replace("{session}", await begin(service, "book"))
            answer = await service.client.request(method, url, json=example)
            # A model of the task is not there, or must be named; the form is right.
            assert answer.status_code in (200, 201, 400, 404), (path, answer.text)
            tried += 1
        assert tried >= 9

    with_service(run, "reviews", "tagger", "book")


def test_every_route_is_described_with_its_errors() -> None:
    for method, path, told in operations():
        assert told["description"], (method, path)
        assert {"400", "401", "403", "408", "410", "413", "422", "500", "503", "504"} <= set(
            told["responses"]
        )
