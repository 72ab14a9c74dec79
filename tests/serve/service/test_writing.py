"""Language models write, whole or as events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from tests.serve.service.models import Service, begin, problem, saved, with_service
from tests.stream.models import live

from vartai.decoding.options import SamplingOptions
from vartai.serve.service.options import ServiceOptions
from vartai.stream.opening import stream_of

ASKED = {"length": 40, "seed": 3}


def _expected(prompt: str, **asked: Any) -> str:
    stream: Any = stream_of(live(saved("book").task))
    stream.push(prompt)
    stream.flush()
    return "".join(stream.write(40, sampling=SamplingOptions(seed=3), **asked))


def events(body: str) -> list[dict[str, str]]:
    return [json.loads(line.removeprefix("data: ")) for line in body.splitlines() if line]


def test_a_text_is_the_same_whole_as_events_and_from_a_stream_in_python() -> None:
    async def run(service: Service) -> None:
        whole = (await service.client.post("/v1/generate", json={"prompt": "No", **ASKED})).json()
        assert whole == {"model": "book", "text": _expected("No"), "ended": "length"}
        answer = await service.client.post(
            "/v1/generate", json={"prompt": "No", "stream": True, **ASKED}
        )
        assert answer.headers["content-type"].startswith("text/event-stream")
        *texts, last = events(answer.text)
        assert len(texts) > 1
        assert "".join(each["text"] for each in texts) == whole["text"]
        assert last == {"ended": "length"}

    with_service(run, "book")


def test_texts_written_at_once_do_not_mix() -> None:
    prompts = [f"No {'x' * place}" for place in range(6)]

    async def run(service: Service) -> None:
        posts = [
            service.client.post("/v1/generate", json={"prompt": prompt, **ASKED})
            for prompt in prompts
        ]
        answers = await asyncio.gather(*posts)
        assert [answer.json()["text"] for answer in answers] == list(map(_expected, prompts))

    with_service(run, "book", options=ServiceOptions(delay=2))


def test_a_session_stands_behind_what_it_wrote_and_can_begin_from_there() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        path = f"/v1/sessions/{name}"
        await service.client.post(f"{path}/step", json={"input": "No", "flush": True})
        first = await service.client.post(f"{path}/write", json={"length": 15, "seed": 3})
        rest = await service.client.post(
            f"{path}/write", json={"length": 25, "seed": 3, "stream": True}
        )
        text = first.json()["text"] + "".join(e["text"] for e in events(rest.text)[:-1])
        assert text == _expected("No")
        assert (await service.client.get(path)).json()["tokens"] == 42

    with_service(run, "book")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"length": 1001}, 413, "length: expected at most 1,000 tokens, found 1,001"),
        ({"length": 0}, 422, "length: Input should be greater than or equal to 1"),
        ({"temperature": -1}, 422, "temperature: Input should be greater than or equal to 0"),
        ({"top_p": 2}, 422, "top_p: Input should be less than or equal to 1"),
        ({"prompt": "x" * 60_000}, 413, "expected at most 50,000 characters"),
        ({"stop": [""]}, 400, ""),
        ({"model": "reviews"}, 409, "reviews is a model for classify; expected one for generate"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_written_is_refused_before_the_first_event(
    body: dict[str, Any], status: int, said: str, stream: bool
) -> None:
    async def run(service: Service) -> None:
        answer = await service.client.post("/v1/generate", json={**body, "stream": stream})
        assert answer.status_code == status, answer.text
        assert problem(answer).startswith(said)

    with_service(run, "book", "reviews")


def test_a_client_that_leaves_ends_the_writing_and_frees_its_session() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        sent: list[Any] = []
        body = json.dumps({"length": 1000, "stream": True, "seed": 1}).encode()
        left = asyncio.Event()
        requests = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if requests:
                return requests.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) == 3:
                left.set()
                await asyncio.sleep(0)

        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": f"/v1/sessions/{name}/write", "raw_path": b"", "query_string": b"",
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
            "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {},
        }  # fmt: skip
        await service.app(scope, receive, send)
        assert 3 <= len(sent) < 20
        session = service.work.sessions.find(name)
        assert (session.busy, session.stream.tokens) == (False, 0)
        answer = await service.client.post(f"/v1/sessions/{name}/write", json={"length": 5})
        assert answer.status_code == 200

    with_service(run, "book")


def test_only_language_models_write() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        answer: httpx.Response = await service.client.post(f"/v1/sessions/{name}/write", json={})
        assert (answer.status_code, problem(answer)) == (
            400,
            "reviews is for classify; it does not write",
        )
        assert not service.work.sessions.find(name).busy

    with_service(run)
