"""States that leave the service and come back."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serve.service.models import (
    KEY,
    Service,
    alone,
    begin,
    problem,
    saved,
    step,
    with_service,
)
from tests.stream.models import live

from vartai.errors import OptionError
from vartai.serve.service.refusals import Refusal
from vartai.serve.service.signing import Signer
from vartai.stream.opening import stream_of

FRAGMENTS = ["Not ba", "d at al", "l, ", "ėjo "]


def test_another_replica_goes_on_from_a_state_as_if_it_had_begun() -> None:
    async def first(service: Service) -> Any:
        name = await begin(service)
        for fragment in FRAGMENTS[:2]:
            await step(service, name, fragment)
        answer = await service.client.get(f"/v1/sessions/{name}/state")
        return answer.json()["state"]

    state = with_service(first)

    async def second(service: Service) -> None:
        name = await begin(service, state=state)
        other = await begin(service)
        await step(service, other, "something else entirely ")
        put = await service.client.put(f"/v1/sessions/{other}/state", json={"state": state})
        assert put.status_code == 200
        for fragment, expected in list(zip(FRAGMENTS, alone("reviews", FRAGMENTS), strict=True))[
            2:
        ]:
            assert await step(service, name, fragment) == expected
            assert await step(service, other, fragment) == expected

    with_service(second)


@pytest.mark.parametrize("model", ["reviews", "tagger", "book"])
def test_steps_whose_state_the_client_carries_say_the_same(model: str) -> None:
    fragments: list[Any] = FRAGMENTS if model != "tagger" else [["Not"], ["bad"], ["at", "all"]]

    async def run(service: Service) -> None:
        state, told = None, []
        for fragment in fragments:
            body = {"input": fragment} | ({} if state is None else {"state": state})
            answer = (await service.client.post("/v1/step", json=body)).json()
            state = answer.pop("state")
            answer.pop("until")
            assert answer.pop("model") == model
            told.append(answer)
        assert told == alone(model, fragments)
        assert len(service.work.sessions) == 0

    with_service(run, model)


def test_forged_foreign_expired_and_broken_states_are_refused_by_name() -> None:
    stream = stream_of(live(saved("reviews").task))
    good, _ = Signer(KEY, ttl=60).sign(stream.state)
    raw = bytearray(base64.b64decode(good))
    raw[40] ^= 1
    foreign, _ = Signer(KEY, ttl=60).sign(stream_of(live(saved("tagger").task)).state)
    cases = [
        (base64.b64encode(raw).decode(), 403, "state: its signature is not of this service's key"),
        (Signer("another key, as long", ttl=60).sign(stream.state)[0], 403, "state: its signature"),
        (Signer(KEY, ttl=60, clock=lambda: 0).sign(stream.state)[0], 410, "state: it was good unt"),
        (foreign, 409, "state: not one of reviews: stream state: it belongs to the model"),
        ("not base64!", 400, "state: expected base64, found other characters"),
        ("š", 400, "state: expected base64, found other characters"),
        ("", 400, "state: expected one that this service handed out, found none"),
        (base64.b64encode(b"VARTAIST" * 20).decode(), 400, "state: expected one that this servi"),
        ("A" * 3_000_000, 413, "state: expected at most"),
    ]

    async def run(service: Service) -> None:
        name = await begin(service)
        for state, status, said in cases:
            if len(state) > 1 << 20:
                continue
            for answer in (
                await service.client.post("/v1/sessions", json={"state": state}),
                await service.client.post("/v1/step", json={"state": state}),
                await service.client.put(f"/v1/sessions/{name}/state", json={"state": state}),
            ):
                assert (answer.status_code, problem(answer)[: len(said)]) == (status, said)
        assert len(service.work.sessions) == 1

    with_service(run)
    with pytest.raises(Refusal, match="expected at most .* bytes in base64, found more"):
        Signer(KEY, ttl=60).read(cases[-1][0], stream.model, name="reviews")


@given(st.data())
def test_no_change_of_a_signed_state_gets_through(data: st.DataObject) -> None:
    model = live(saved("reviews").task)
    signer = Signer(KEY, ttl=60)
    raw = bytearray(base64.b64decode(signer.sign(stream_of(model).state)[0]))
    place = data.draw(st.integers(0, len(raw) - 1))
    change = data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(raw)))
    raw[place] ^= change
    with pytest.raises(Refusal):
        signer.read(base64.b64encode(raw).decode(), model, name="reviews")
    raw[place] ^= change
    if cut < len(raw):
        with pytest.raises(Refusal):
            signer.read(base64.b64encode(raw[:cut]).decode(), model, name="reviews")
    signer.read(base64.b64encode(raw).decode(), model, name="reviews")


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_whatever_is_sent_as_a_state_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(Refusal):
        Signer(KEY, ttl=60).read(text, live(saved("reviews").task), name="reviews")


def test_a_key_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(OptionError, match="expected a key of at least 16 bytes for states, found"):
        Signer("secret", ttl=60)
