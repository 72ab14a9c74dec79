"""The application: who is let in, and how it says no."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from pydantic import BaseModel

from vartai.errors import InputError, SaveError
from vartai.serve.app import build_app
from vartai.serve.guard import loopback_hosts
from vartai.serve.turns import BusyError, Turns

HOSTS = loopback_hosts(8000)
HERE = "http://127.0.0.1:8000"


class Echo(BaseModel):
    text: str


def _routes() -> APIRouter:
    router = APIRouter()

    @router.get("/hello")
    def hello() -> dict[str, str]:
        return {"hello": "there"}

    @router.post("/echo")
    def echo(asked: Echo) -> Echo:
        return asked

    @router.post("/fail/{kind}")
    def fail(kind: str) -> None:
        if kind == "input":
            raise InputError("expected\ntext, found none", file="a.csv", line=3)
        if kind == "save":
            raise SaveError("the disk is full")
        if kind == "busy":
            turns = Turns(0)
            with turns.turn(), turns.turn():
                pass
        raise ZeroDivisionError("a secret")

    return router


@pytest.fixture
def client() -> TestClient:
    app = build_app([_routes()], hosts=HOSTS, largest_body=100)
    return TestClient(app, base_url=HERE, raise_server_exceptions=False)


def _problem(answer: object) -> str:
    problem: str = answer.json()["error"]  # type: ignore[attr-defined]
    return problem


def test_this_machine_is_answered_by_both_its_names(client: TestClient) -> None:
    for name in ("127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000"):
        answer = client.get("/hello", headers={"host": name})
        assert (answer.status_code, answer.json()) == (200, {"hello": "there"})


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:80", "[::1]:8000", ""]
)
def test_a_foreign_host_is_refused_on_every_route(client: TestClient, host: str) -> None:
    for answer in (
        client.get("/hello", headers={"host": host}),
        client.get("/nowhere", headers={"host": host}),
        client.post("/echo", json={"text": "x"}, headers={"host": host}),
    ):
        assert answer.status_code == 403
        assert _problem(answer) == (
            "this page is for this machine only, at 127.0.0.1:8000 or localhost:8000; asked for "
            f"{host!r}"
        )


def test_a_post_of_our_own_page_is_let_in(client: TestClient) -> None:
    headers = {"origin": HERE, "sec-fetch-site": "same-origin"}
    answer = client.post("/echo", json={"text": "ačiū"}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"text": "ačiū"})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "http://localhost:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_post_of_another_page_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/echo", json={"text": "x"}, headers=headers)
    assert answer.status_code == 403
    assert _problem(answer).startswith("requests from other pages are refused")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_post_that_any_page_could_send_unasked_is_refused(client: TestClient, kind: str) -> None:
    answer = client.post("/echo", content=b'{"text": "x"}', headers={"content-type": kind})
    assert answer.status_code == 415
    assert _problem(answer) == (
        f"expected a body of type application/json, found {kind or 'none'!r}"
    )


def test_other_methods_are_refused(client: TestClient) -> None:
    for method in ("OPTIONS", "PUT", "DELETE"):
        answer = client.request(method, "/hello")
        assert (answer.status_code, _problem(answer)) == (
            405,
            f"expected GET or POST, found {method}",
        )


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(client: TestClient) -> None:
    fits = client.post("/echo", json={"text": "x" * 80})
    assert fits.status_code == 200
    answer = client.post("/echo", json={"text": "x" * 100})
    assert answer.status_code == 413
    assert _problem(answer) == "a request may bring 100 bytes, this one brings more"


def test_a_body_of_unknown_length_is_refused(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/echo", content=iter([b'{"text": "x"}']), headers=headers)
    assert (answer.status_code, _problem(answer)) == (411, "expected a Content-Length")


def test_every_answer_forbids_whatever_the_page_does_not_need(client: TestClient) -> None:
    for answer in (client.get("/hello"), client.get("/hello", headers={"host": "evil"})):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/fail/input", 400, "a.csv, line 3: expected text, found none"),
        ("/fail/save", 500, "the disk is full"),
        ("/fail/busy", 503, "busy: 0 requests wait already; try again"),
        ("/nowhere", 404, "Not Found"),
        ("/fail/own", 500, "a mistake of the program (ZeroDivisionError); see its console"),
    ],
)
def test_every_error_is_json_with_one_sentence(
    client: TestClient, path: str, status: int, problem: str
) -> None:
    answer = client.post(path, json={})
    assert (answer.status_code, _problem(answer)) == (status, problem)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"text": 3}', "text: Input should be a valid string"),
        (b"{}", "text: Field required"),
        (b"{", "1: JSON decode error"),
    ],
)
def test_a_misshapen_question_is_told_what_is_wrong(
    client: TestClient, body: bytes, problem: str
) -> None:
    answer = client.post("/echo", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, _problem(answer)) == (422, problem)


def test_no_page_of_documentation_loads_scripts_from_elsewhere(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


def test_an_error_of_a_turn_frees_it() -> None:
    turns = Turns(1)
    fail: Callable[[], float] = lambda: 1 / 0  # noqa: E731 - one expression
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), turns.turn():
            fail()
    with turns.turn():
        pass


def test_one_who_waits_too_long_for_a_turn_is_told_so() -> None:
    turns = Turns(1, patience=0.01)
    with (
        turns.turn(),
        ThreadPoolExecutor(1) as pool,
        pytest.raises(BusyError, match="busy: not begun within 0.01 seconds"),
    ):
        pool.submit(turns.turn().__enter__).result()
    with turns.turn():
        pass
