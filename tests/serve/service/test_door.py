"""What every request passes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from itertools import repeat
from typing import Any

import pytest
from tests.serve.service.models import (
    Service,
    alone,
    begin,
    post,
    problem,
    step,
    with_service,
)
from tests.serve.service.test_line import Gate

from vartai.serve.service.door import Door, Terms
from vartai.serve.service.logs import LossyHandler, logger
from vartai.serve.service.metrics import Metrics
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.rate import Rate

TOKEN = "a token of some length"


def test_a_body_too_long_is_refused_while_it_comes_and_never_held() -> None:
    asked_for = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal asked_for
        for _ in range(800):
            asked_for += 1
            yield bytes(1 << 16)

    async def run(service: Service) -> None:
        headers = {"content-type": "application/json"}
        answer = await service.client.post("/v1/predict", content=pieces(), headers=headers)
        assert (answer.status_code, problem(answer)) == (
            413,
            "expected at most 1,048,576 bytes, found more",
        )
        assert asked_for <= 18
        announced = await service.client.post(
            "/v1/predict", content=b"{}", headers={**headers, "content-length": "50000000"}
        )
        assert announced.status_code == 413
        assert announced.headers["connection"] == "close"

    with_service(run)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    answered: list[Any] = []

    async def app(*_: Any) -> None:
        pytest.fail("nothing should come through")

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/predict", "client": ("127.0.0.1", 1),
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
    }  # fmt: skip
    door = Door(app, terms=Terms(1024, timeout=0.01), metrics=Metrics(), rate=None)
    asyncio.run(door(scope, receive, send))
    assert answered[0]["status"] == 408
    assert json.loads(answered[1]["body"]) == {"error": "expected the body within 0.01 seconds"}


def test_the_rest_of_a_refused_request_is_taken_so_that_its_client_sees_why() -> None:
    parts = [
        {"type": "http.request", "body": b"x" * 100, "more_body": more} for more in (True, False)
    ]
    endless = {"type": "http.request", "body": bytes(1 << 15), "more_body": True}
    scope = {
        "type": "http", "method": "POST", "path": "/v1/predict", "client": ("127.0.0.1", 1),
        "headers": [(b"content-type", b"text/plain"), (b"transfer-encoding", b"chunked")],
    }  # fmt: skip

    def refused(given: Iterator[Any]) -> list[int]:
        taken, answered = 0, []

        async def receive() -> Any:
            nonlocal taken
            taken += 1
            return next(given)

        async def send(message: Any) -> None:
            answered.append((message.get("status"), taken))

        door = Door(receive, terms=Terms(1024, timeout=5), metrics=Metrics(), rate=None)  # type: ignore[arg-type]
        asyncio.run(door(scope, receive, send))
        assert answered[0][0] == 415
        return [taken for _, taken in answered]

    assert refused(iter(parts)) == [2, 2]
    assert refused(repeat(endless)) == [2, 2]


def test_a_client_that_does_not_take_its_answer_is_left() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/", "client": None, "headers": []}
    metrics = Metrics()
    door = Door(app, terms=Terms(1024, timeout=0.01), metrics=metrics, rate=None)
    asyncio.run(door(scope, receive, send))
    assert 'vartai_request_seconds_count{method="GET",route="other",status="200"} 1.0' in (
        metrics.tell().decode()
    )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "expected JSON, found a fault at character 1"),
        (b'{"input": "\xff"}', 400, "There was an error parsing the body"),
        (b"[" * 100_000, 400, "There was an error parsing the body"),
        (b'"text"', 422, "body: Input should be"),
        (b"", 422, "body: Field required"),
        (b'{"input": 3}', 422, "input"),
        (b'{"input": ' + b"9" * 10_000 + b"}", 400, "There was an error parsing the body"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_why(body: bytes, status: int, said: str) -> None:
    async def run(service: Service) -> None:
        answer = await service.client.post(
            "/v1/predict", content=body, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, problem(answer)[: len(said)]) == (status, said)

    with_service(run)


def test_bodies_of_other_types_and_foreign_hosts_are_refused() -> None:
    async def run(service: Service) -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = await service.client.post(
                "/v1/predict", content=b'{"input": "x"}', headers={"content-type": kind}
            )
            assert (answer.status_code, problem(answer)) == (
                415,
                f"expected a body of type application/json, found {kind or 'none'!r}",
            )
        for host, status in (
            ("evil.example", 403),
            ("evil.example:8000", 403),
            ("localhost:9", 200),
            ("127.0.0.1", 200),
            ("[::1]:8000", 200),
            ("", 403),
        ):
            answer = await service.client.get("/v1/models", headers={"host": host})
            assert answer.status_code == status, host

    with_service(run)


def test_what_is_not_there_is_told_with_the_way_to_the_list() -> None:
    async def run(service: Service) -> None:
        answer = await service.client.get("/v1/predict")
        assert (answer.status_code, problem(answer)) == (
            405,
            "there is no GET '/v1/predict' here; GET /openapi.json lists what there is",
        )
        assert (await service.client.get("/docs")).status_code == 404

    with_service(run)


def test_methods_and_paths_that_clients_make_up_are_counted_as_one() -> None:
    async def run(service: Service) -> None:
        for place in range(20):
            answer = await service.client.request(f"MADE{place}", f"/up/{place}")
            assert answer.status_code == 404
            await service.client.request(f"MADE{place}", "/v1/predict")
        told = service.work.metrics.tell().decode()
        counts = [line for line in told.splitlines() if "vartai_request_seconds_count" in line]
        assert len(counts) == 2
        assert all('method="other"' in line for line in counts)
        assert "MADE" not in told

    with_service(run)


def test_without_the_token_only_health_is_told() -> None:
    async def run(service: Service) -> None:
        for path in ("/health", "/ready"):
            assert (await service.client.get(path)).status_code == 200
        for given, found in (
            ({}, "none"),
            ({"authorization": "Bearer wrong"}, "another"),
            ({"authorization": f"Basic {TOKEN}"}, "another"),
            ({"authorization": f"Bearer {TOKEN}x"}, "another"),
        ):
            for path in ("/v1/models", "/metrics", "/openapi.json", "/nowhere"):
                answer = await service.client.get(path, headers=given)
                assert (answer.status_code, problem(answer)) == (
                    401,
                    f"expected the service's token, Authorization: Bearer …, found {found}",
                )
                assert answer.headers["www-authenticate"] == "Bearer"
        right = {"authorization": f"Bearer {TOKEN}"}
        assert (await service.client.get("/v1/models", headers=right)).status_code == 200

    with_service(run, token=TOKEN)


def test_an_address_has_so_many_requests_a_second() -> None:
    now = 0.0
    rate = Rate(2, clock=lambda: now)
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 0.5]
    assert rate.wait("b") == 0
    now = 0.5
    assert rate.wait("a") == 0
    assert rate.wait("a") == 0.5
    for place in range(20_000):
        rate.wait(f"address {place}")
    assert len(rate._buckets) == 10_000


def test_too_many_requests_are_told_when_to_come_back() -> None:
    async def run(service: Service) -> None:
        answers = [await service.client.get("/health") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 429, 429]
        assert int(answers[1].headers["retry-after"]) > 900
        assert 'vartai_rejections_total{reason="rate"} 2.0' in service.work.metrics.tell().decode()

    with_service(run, options=ServiceOptions(delay=0, rate=0.001))


def test_a_mistake_of_the_program_is_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(service: Service) -> None:
        model = service.work.models.by_name["reviews"]

        def fail(texts: Any) -> Any:
            raise ZeroDivisionError(texts)

        monkeypatch.setattr(model.saved.task, "probabilities", fail, raising=False)
        answer = await service.client.post("/v1/predict", json={"input": "my secret text"})
        assert (answer.status_code, problem(answer)) == (
            500,
            "a mistake of the program (ZeroDivisionError); its log names the place",
        )

    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    try:
        with_service(run)
    finally:
        logger.removeHandler(caplog.handler)
    (line,) = [json.loads(record.getMessage()) for record in caplog.records]
    assert line["route"] == "/v1/predict"
    assert line["status"] == 500
    assert line["fault"].startswith("ZeroDivisionError at test_door.py:")
    assert "secret" not in caplog.text


def test_no_line_of_the_log_has_a_text_of_a_user(caplog: pytest.LogCaptureFixture) -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        for path, body in (
            ("/v1/predict", {"input": "my secret text"}),
            (f"/v1/sessions/{name}/step", {"input": "my secret text"}),
            ("/v1/predict", {"model": "my secret text", "input": "x"}),
            ("/v1/predict?my=secret", {"input": ["my secret text"]}),
            ("/v1/secret", {}),
        ):
            await post(service, path, body)

    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    try:
        with_service(run)
    finally:
        logger.removeHandler(caplog.handler)
    assert len(caplog.records) == 6
    assert "secret" not in caplog.text


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    class Full:
        def write(self, _: str) -> None:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            pass

    handler = LossyHandler(Full())  # type: ignore[arg-type]
    handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "line", None, None))
    assert handler.dropped == 1


def test_a_request_that_takes_too_long_is_answered_504_and_changes_nothing() -> None:
    gate = Gate()

    async def run(service: Service) -> None:
        name = await begin(service)
        service.work.line.submit(gate.group, [0])
        answer = await service.client.post(f"/v1/sessions/{name}/step", json={"input": "not "})
        gate.opened.set()
        assert (answer.status_code, problem(answer)) == (
            504,
            "not computed within 0.3 seconds; nothing was changed",
        )
        assert await step(service, name, "bad ") == alone("reviews", ["bad "])[0]

    with_service(run, options=ServiceOptions(delay=0, timeout=0.3))
