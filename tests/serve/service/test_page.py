"""The service's own page, and the inspector behind the same door."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.serve.service.models import (
    OPTIONS,
    Service,
    alone,
    begin,
    post,
    problem,
    saved,
    served,
    step,
    with_service,
)
from tests.serve.service.test_door import TOKEN

from vartai.serve.inspector.questions import ViewQuestion
from vartai.serve.inspector.reading import read
from vartai.serve.service.looking import Looking
from vartai.serve.turns import Turns

BEARER = {"authorization": f"Bearer {TOKEN}"}
READ = {"given": {"text": "not bad at all"}}


def test_pages_are_open_and_all_that_they_ask_needs_the_token() -> None:
    async def run(service: Service) -> None:
        for path in (
            "/", "/static/style.css", "/static/try/main.js", "/static/page/door.js",
            "/static/try/words/lt.js", "/static/plotly.js", "/inspect/reviews/", "/inspect/no/",
        ):  # fmt: skip
            answer = await service.client.get(path)
            assert answer.status_code == 200, path
            assert "reviews" not in answer.text or path == "/static/plotly.js"
        for method, path in (
            ("GET", "/inspect/reviews/api/model"), ("GET", "/inspect/no/api/model"),
            ("POST", "/inspect/reviews/api/read"), ("GET", "/inspect/a%2Fapi/model"),
            ("GET", "/inspect//"), ("GET", "/inspect/a/b/"), ("GET", "/v1/models"),
            ("GET", "/static"),
        ):  # fmt: skip
            body = READ if method == "POST" else None
            answer = await service.client.request(method, path, json=body)
            assert answer.status_code == 401, path
            right = await service.client.request(method, path, json=body, headers=BEARER)
            assert right.status_code in (200, 404), path

    with_service(run, token=TOKEN)


def test_a_page_may_load_what_lies_here_and_other_answers_nothing() -> None:
    async def run(service: Service) -> None:
        for path in ("/", "/inspect/reviews/"):
            policy = (await service.client.get(path)).headers["content-security-policy"]
            assert "connect-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
        models = await service.client.get("/v1/models")
        assert models.headers["content-security-policy"].startswith("default-src 'none'; frame")
        assert models.headers["cross-origin-resource-policy"] == "same-origin"
        assert (await service.client.get("/static/page/nothing.js")).status_code == 404

    with_service(run)


def test_a_page_of_another_site_can_ask_for_nothing() -> None:
    async def run(service: Service) -> None:
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
            answer = await service.client.post(
                "/v1/predict", json={"input": "bad"}, headers={"sec-fetch-site": site}
            )
            assert answer.status_code == status, site

    with_service(run)


def test_the_inspector_shows_what_a_served_model_computes() -> None:
    async def run(service: Service) -> None:
        told = (await service.client.get("/v1/models")).json()["models"]
        assert [model["inspector"] for model in told] == ["/inspect/reviews/", "/inspect/tagger/"]
        facts = (await service.client.get("/inspect/reviews/api/model")).json()
        assert (facts["name"], facts["task"], facts["behind"]) == (
            "reviews",
            "classify",
            "/#reviews",
        )
        shown = (await service.client.post("/inspect/reviews/api/read", json=READ)).json()
        assert [token["text"] for token in shown["sequences"][0]["tokens"]] == [
            "not", "bad", "at", "all",
        ]  # fmt: skip
        said = await service.client.post(
            "/v1/predict", json={"model": "reviews", "input": READ["given"]["text"]}
        )
        output = said.json()["output"]
        assert shown["verdict"]["label"] == output["label"]
        assert shown["verdict"]["probability"] == pytest.approx(
            output["probabilities"][output["label"]], abs=1e-4
        )
        absent = await service.client.get("/inspect/nothing/api/model")
        assert (absent.status_code, problem(absent)) == (
            404,
            "unknown model 'nothing'; known: reviews, tagger",
        )

    with_service(run, "reviews", "tagger")


@pytest.mark.parametrize(
    ("route", "body", "status", "said"),
    [
        ("read", {"given": {"text": "x" * 20_001}}, 422, "given.text: String should have at most"),
        ("read", {"given": {"text": " "}}, 400, "text: expected text, found none"),
        ("memory", {"texts": "x" * 20_001}, 422, "texts: String should have at most 20000"),
        ("flags", {"texts": "x" * 200_001, "by": "quotes"}, 422, "texts: String should have at"),
        ("find", {"marked": "a [b]", "model": 1}, 400, "there is no second model"),
        ("read", {"given": {"text": "a"}, "layer": "l9"}, 400, "unknown layer 'l9'"),
    ],
)
def test_what_the_inspector_is_asked_is_bounded(
    route: str, body: Any, status: int, said: str
) -> None:
    async def run(service: Service) -> None:
        answer = await post(service, f"/inspect/reviews/api/{route}", body)
        assert answer.status_code == status, answer.text
        assert said in problem(answer)

    with_service(run)


def test_a_busy_inspector_says_so_and_predictions_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(0)
    monkeypatch.setattr("vartai.serve.service.routes.page.Turns", lambda *_, **__: turns)

    async def run(service: Service) -> None:
        with turns.turn():
            busy = await service.client.post("/inspect/reviews/api/read", json=READ)
            assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
            assert problem(busy) == "busy: 0 requests wait already; try again"
            answer = await service.client.post("/v1/predict", json={"input": "bad"})
            assert answer.status_code == 200
        assert (
            await service.client.post("/inspect/reviews/api/read", json=READ)
        ).status_code == 200

    with_service(run)


def test_who_looks_into_a_model_does_not_hear_what_others_send_it() -> None:
    opened = Looking(served("reviews", options=OPTIONS), behind="/#").session("reviews").model(0)
    answers = saved("reviews").task.model
    parts = set(map(id, answers.modules()))
    assert not parts & set(map(id, opened.saved.task.model.modules()))
    read(opened, ViewQuestion(given=READ["given"]))
    assert set(opened.trace(READ["given"]).layers) == {"l0", "l1"}


def test_a_step_tells_the_numbers_of_its_state_if_it_is_asked_to() -> None:
    async def run(service: Service) -> None:
        name = await begin(service)
        answer = await service.client.post(
            f"/v1/sessions/{name}/step", json={"input": "not bad ", "numbers": True}
        )
        told = answer.json()
        rows = service.work.sessions.find(name).stream.state.arrays
        assert {"l0.hidden", "l0.cell", "l1.hidden", "l1.cell"} <= set(told["state"])
        for part, numbers in told.pop("state").items():
            assert np.abs(rows[part].ravel() - np.array(numbers)).max() <= 5.1e-5
        assert told.pop("session") == name
        assert told == alone("reviews", ["not bad "])[0]
        assert "state" not in await step(service, name, "at ")

    with_service(run)
