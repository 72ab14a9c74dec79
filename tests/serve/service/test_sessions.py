"""Sessions: each goes on as if it were alone, and is told what became of it."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
import torch
from tests.serve.service.models import (
    OPTIONS,
    Service,
    alone,
    begin,
    problem,
    step,
    with_service,
)

from vartai.serve.service.options import ServiceOptions
from vartai.stream.stream import Stream

WORDS = ["Not", "bad", "at", "all", ",", "ėjo", "geras", "café", "don't", "you", "3.5", "1,000"]
TOGETHER = ServiceOptions(delay=1000, batch=12)


def _texts(model: str, seed: int) -> list[Any]:
    drawn = random.Random(seed)
    words = drawn.choices(WORDS, k=drawn.randint(5, 9))
    if model == "tagger":
        return [words[:1], words[1:2], words[2:4], words[4:]]
    text = " ".join(words)
    cuts = sorted(drawn.sample(range(len(text)), 3))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@pytest.mark.parametrize("model", ["reviews", "tagger", "book"])
def test_interleaved_sessions_say_bit_for_bit_what_each_says_alone(model: str) -> None:
    async def run(service: Service) -> None:
        texts = [_texts(model, seed) for seed in range(12)]
        names = [await begin(service) for _ in texts]

        async def talk(name: str, fragments: list[Any]) -> list[Any]:
            # Each fragment waits until those of all the others are there.
            return [await step(service, name, fragment) for fragment in fragments]

        said = await asyncio.gather(*map(talk, names, texts))
        assert said == [alone(model, fragments) for fragments in texts]
        told = service.work.metrics.tell().decode()
        assert 'vartai_batch_inputs_bucket{le="8.0",verb="step"} 0.0' in told

    with_service(run, model, options=TOGETHER)


def test_a_poisoned_session_ends_and_no_other_is_touched() -> None:
    async def run(service: Service) -> None:
        names = [await begin(service) for _ in range(12)]
        poisoned = service.work.sessions.find(names[5]).stream
        poisoned._rows = tuple([torch.full_like(part, float("nan")) for part in poisoned._rows])
        posts = [
            service.client.post(f"/v1/sessions/{name}/step", json={"input": "not bad "})
            for name in names
        ]
        answers = await asyncio.gather(*posts)
        (expected,) = alone("reviews", ["not bad "])
        for place, answer in enumerate(answers):
            if place == 5:
                assert answer.status_code == 500
                assert problem(answer) == "its state holds numbers that are not finite"
            else:
                assert {**answer.json(), "session": ""} == {**expected, "session": ""}
        again = await service.client.get(f"/v1/sessions/{names[5]}")
        assert (again.status_code, problem(again)) == (
            410,
            "this session ended: its state held numbers that are not finite",
        )

    with_service(run, options=TOGETHER)


def test_a_crash_in_one_session_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(service: Service) -> None:
        live = service.work.models.by_name["reviews"].require_live()
        take = live.take

        def crash(place: Any, fragment: Any, *, flush: bool) -> Any:
            if fragment == "boom ":
                raise ZeroDivisionError("a secret")
            return take(place, fragment, flush=flush)

        monkeypatch.setattr(live, "take", crash)
        names = [await begin(service) for _ in range(12)]
        fragments = ["not bad " if place != 3 else "boom " for place in range(12)]
        posts = [
            service.client.post(f"/v1/sessions/{name}/step", json={"input": fragment})
            for name, fragment in zip(names, fragments, strict=True)
        ]
        answers = await asyncio.gather(*posts)
        assert [answer.status_code for answer in answers] == [200] * 3 + [500] + [200] * 8
        assert "a secret" not in answers[3].text
        # The step was not taken, and the session goes on.
        assert await step(service, names[3], "not bad ") == alone("reviews", ["not bad "])[0]

    with_service(run, options=TOGETHER)


def test_a_step_that_cannot_be_read_is_not_taken() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        await step(service, name, "not ")
        for bad, status in ((["words"], 400), ("\\ud800", 400), ([[3.5]], 422), ({"a": 1}, 422)):
            body = f'{{"input": "{bad}"}}' if isinstance(bad, str) else None
            answer = await service.client.post(
                f"/v1/sessions/{name}/step",
                content=body,
                json=None if body else {"input": bad},
                headers={"content-type": "application/json"},
            )
            assert answer.status_code == status, answer.text
        assert await step(service, name, "bad ") == alone("reviews", ["not ", "bad "])[1]

    with_service(run)


def test_the_longest_idle_session_makes_room_and_its_client_is_told() -> None:
    async def run(service: Service) -> None:
        first, second, third = [await begin(service) for _ in range(3)]
        await step(service, first, "not ")
        await begin(service)
        assert (await service.client.get(f"/v1/sessions/{first}")).status_code == 200
        for path in ("", "/state"):
            gone = await service.client.get(f"/v1/sessions/{second}{path}")
            assert gone.status_code == 410
            assert problem(gone).startswith(
                "this session ended: it was idle longest and had to make room (at most 3 sessions"
            )
        assert (await service.client.get(f"/v1/sessions/{third}")).status_code == 200
        told = service.work.metrics.tell().decode()
        assert 'vartai_sessions_ended_total{reason="evicted"} 1.0' in told
        assert "vartai_sessions 3.0" in told

    with_service(run, options=ServiceOptions(delay=0, sessions=3))


def test_states_are_bounded_in_bytes_too() -> None:
    async def run(service: Service) -> None:
        names = [await begin(service) for _ in range(2)]
        await step(service, names[1], "x" * 1000)  # pending: no end of a token yet
        assert service.work.sessions.size <= 8000
        gone = await service.client.get(f"/v1/sessions/{names[0]}")
        assert gone.status_code == 410

    with_service(run, options=ServiceOptions(delay=0, session_bytes=8000))


def test_a_session_that_nobody_uses_expires_and_says_so() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        now = service.work.sessions._clock()
        service.work.sessions._clock = lambda: now + 599
        assert (await service.client.get(f"/v1/sessions/{name}")).status_code == 200
        service.work.sessions._clock = lambda: now + 599 + 601
        gone = await service.client.post(f"/v1/sessions/{name}/step", json={"input": "a"})
        assert (gone.status_code, problem(gone)) == (
            410,
            "this session ended: nobody used it for 600 seconds",
        )
        assert len(service.work.sessions) == 0
        assert service.work.sessions.size == 0

    with_service(run)


def test_a_session_is_deleted_and_an_unknown_one_is_not_found() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        assert (await service.client.delete(f"/v1/sessions/{name}")).status_code == 204
        gone = await service.client.delete(f"/v1/sessions/{name}")
        assert (gone.status_code, problem(gone)) == (410, "this session ended: it was deleted")
        never = await service.client.get("/v1/sessions/nobody")
        assert (never.status_code, problem(never)) == (404, "no session 'nobody'")
        assert service.work.sessions.size == 0

    with_service(run)


def test_a_second_step_while_one_is_computed_is_refused() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        path = f"/v1/sessions/{name}/step"
        posts = [service.client.post(path, json={"input": "not "}) for _ in range(3)]
        answers = await asyncio.gather(*posts)
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        assert await step(service, name, "bad ") == alone("reviews", ["not ", "bad "])[1]

    with_service(run, options=ServiceOptions(delay=50))


def test_a_model_without_state_says_why() -> None:
    async def run(service: Service) -> None:
        answer = await service.client.post("/v1/sessions", json={})
        assert answer.status_code == 409
        assert problem(answer).startswith("both-ways keeps no state: a bidirectional tagger also")

    with_service(run, "both-ways")


def test_no_session_holds_on_to_the_stream_that_it_left_behind() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        kept: list[Stream[Any]] = []
        for _ in range(3):
            await step(service, name, "not bad ")
            kept.append(service.work.sessions.find(name).stream)
        assert len({id(stream) for stream in kept}) == 3
        assert service.work.sessions.size == service.work.sessions.find(name).size

    with_service(run, options=OPTIONS)
