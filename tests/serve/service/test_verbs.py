"""Inputs in, outputs out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.serve.service.models import Service, post, problem, saved, with_service

from vartai.bundle.trained import SavedTask
from vartai.errors import OptionError
from vartai.serve.service.models import ServedModels
from vartai.serve.service.options import ServiceOptions
from vartai.tasks.answer.texts import Asked

TEXTS = [f"not bad {'at all ' * (place % 7)}number {place}" for place in range(40)]


def test_a_single_input_has_one_output_and_several_have_one_each() -> None:
    async def ask(service: Service) -> None:
        one = await service.client.post("/v1/predict", json={"input": "not bad"})
        several = await service.client.post("/v1/predict", json={"inputs": ["not bad", "geras"]})
        none = await service.client.post("/v1/predict", json={"inputs": []})
        assert (one.status_code, several.status_code) == (200, 200)
        assert one.json()["model"] == "reviews"
        assert one.json()["output"] == several.json()["outputs"][0]
        assert len(several.json()["outputs"]) == 2
        assert none.json() == {"model": "reviews", "outputs": []}

    with_service(ask)


def test_requests_that_wait_together_are_one_batch_and_each_has_its_own_answer() -> None:
    async def ask(service: Service) -> None:
        posts = [service.client.post("/v1/predict", json={"input": text}) for text in TEXTS]
        answers = [answer.json()["output"] for answer in await asyncio.gather(*posts)]
        task = saved("reviews").task
        for text, answer in zip(TEXTS, answers, strict=True):
            alone = task.probabilities([text])[0]
            shown = list(answer["probabilities"].values())
            assert shown == pytest.approx(alone.tolist(), abs=2e-6)
        told = service.work.metrics.tell().decode()
        count = [line for line in told.splitlines() if line.startswith("vartai_batch_inputs_count")]
        assert count == ['vartai_batch_inputs_count{verb="predict"} 1.0']

    with_service(ask, options=ServiceOptions(delay=1000, batch=len(TEXTS)))


def test_a_batch_is_computed_when_its_delay_is_over_though_it_is_not_full() -> None:
    async def ask(service: Service) -> None:
        answer = await service.client.post("/v1/predict", json={"input": "bad"})
        assert answer.status_code == 200

    with_service(ask, options=ServiceOptions(delay=1, batch=1000))


def test_a_tagger_reads_texts_and_words() -> None:
    async def ask(service: Service) -> None:
        body = {"inputs": ["ėjo geras", ["ėjo", "geras"]]}
        for path in ("/v1/tag", "/v1/predict"):
            answer = await service.client.post(path, json=body)
            first, second = answer.json()["outputs"]
            assert first == second
            assert first["words"] == ["ėjo", "geras"]
            assert len(first["tags"]) == 2

    with_service(ask, "tagger")


SENTENCES = ["a cat sees the dog", "the dog", "a dog sees a cat", "cat cat cat", ""]


def test_a_translator_says_of_each_text_what_it_says_alone() -> None:
    async def ask(service: Service) -> None:
        task = saved("translator").task
        for path in ("/v1/translate", "/v1/predict"):
            posts = [service.client.post(path, json={"input": text}) for text in SENTENCES]
            for text, answer in zip(SENTENCES, await asyncio.gather(*posts), strict=True):
                (alone,) = task.translate([text])
                assert answer.json() == {
                    "model": "translator",
                    "output": {"text": alone.text, "cut": alone.cut},
                }
        several = await service.client.post("/v1/translate", json={"inputs": SENTENCES})
        told = [each["text"] for each in several.json()["outputs"]]
        assert told == [each.text for each in task.translate(SENTENCES)]
        assert len(set(told)) > 1

    with_service(ask, "translator", options=ServiceOptions(delay=50))


PASSAGE = "Ona moved to the garden. After that Jonas took the apple."
ASKED = [
    {"context": PASSAGE, "question": "Where is Ona?"},
    {"context": "Ada wrote it.", "question": "Who wrote it?"},
    {"context": f"{PASSAGE} {PASSAGE}", "question": "Who took the apple?"},
]


def test_a_reader_answers_each_question_from_its_own_text() -> None:
    async def ask(service: Service) -> None:
        task = saved("reader").task
        for path in ("/v1/answer", "/v1/predict"):
            posts = [service.client.post(path, json={"input": asked}) for asked in ASKED]
            for asked, answer in zip(ASKED, await asyncio.gather(*posts), strict=True):
                output = answer.json()["output"]
                ((alone,),) = task.replies([Asked(**asked)], count=1)
                assert output["confidence"] == pytest.approx(alone.confidence, abs=2e-6)
                assert {**output, "confidence": 0} == {**alone._asdict(), "confidence": 0}
                if output["start"] is not None:
                    found = asked["context"][output["start"] : output["end"]]
                    assert output["text"] == found

    with_service(ask, "reader", options=ServiceOptions(delay=50))


def test_an_input_of_another_kind_is_named_with_its_place() -> None:
    async def ask(service: Service) -> None:
        cases: list[tuple[str, Any, int, str]] = [
            ("reviews", {"inputs": ["a", ["b"]]}, 400, "inputs[1]: expected text, found list"),
            ("reviews", {"input": {"context": "a", "question": "b"}}, 400, "inputs[0]: expected"),
            ("reviews", {"inputs": ["\ud800"]}, 400, "inputs[0]: expected whole characters"),
            ("translator", {"inputs": ["a", ["b"]]}, 400, "inputs[1]: expected text, found list"),
            ("reader", {"inputs": [ASKED[0], "a"]}, 400, "inputs[1]: expected a context and a qu"),
            ("tagger", {"inputs": ["good", ""]}, 400, "inputs[1]: expected words, found none"),
            ("reviews", {"inputs": ["a", 3]}, 422, "inputs.1"),
            ("reviews", {}, 422, "expected either input or inputs"),
            ("reviews", {"input": "a", "inputs": ["b"]}, 422, "expected either input or inputs"),
            ("reviews", {"text": "a"}, 422, "text: Extra inputs are not permitted"),
        ]
        for model, body, status, said in cases:
            answer = await post(service, "/v1/predict", {"model": model, **body})
            assert (answer.status_code, problem(answer)[: len(said)]) == (status, said)

    with_service(ask, "reviews", "tagger", "translator", "reader")


def test_a_model_is_found_by_name_or_as_the_only_one_that_can_be_meant() -> None:
    async def ask(service: Service) -> None:
        cases = [
            ("/v1/predict", None, 400, "model: expected a name, as not exactly one"),
            ("/v1/tag", None, 200, ""),
            ("/v1/tag", "reviews", 409, "reviews is a model for classify; expected one for tag"),
            ("/v1/tag", "no\ud800ne", 404, "unknown model 'no\\ud800ne'; known: reviews, tagger"),
            ("/v1/translate", None, 404, "model: expected a name, as not exactly one"),
        ]
        for path, name, status, said in cases:
            body = {"input": "good"} | ({} if name is None else {"model": name})
            answer = await post(service, path, body)
            assert answer.status_code == status, answer.text
            assert status == 200 or problem(answer).startswith(said)

    with_service(ask, "reviews", "tagger")


def test_the_models_are_told_with_what_they_read_and_why_one_keeps_no_state() -> None:
    async def ask(service: Service) -> None:
        told = (await service.client.get("/v1/models")).json()["models"]
        assert [model["name"] for model in told] == ["reviews", "both-ways"]
        assert told[0]["streams"]
        assert not told[1]["streams"]
        assert "bidirectional" in told[1]["no_stream_because"]
        one = (await service.client.get("/v1/models/reviews")).json()
        assert one["card"] == "# A card"
        assert one["facts"]["labels"] == ["bad", "good", "ugly"]

    with_service(ask, "reviews", "both-ways")


def test_more_inputs_or_characters_than_a_request_may_bring_are_refused() -> None:
    async def ask(service: Service) -> None:
        many = await service.client.post("/v1/predict", json={"inputs": ["a"] * 4})
        assert (many.status_code, problem(many)) == (413, "inputs: expected at most 3, found 4")
        long = await service.client.post("/v1/predict", json={"input": "word " * 100_000})
        assert long.status_code == 413
        assert problem(long) == (
            "expected at most 100 characters in all texts of a request, found 500,000"
        )

    with_service(ask, options=ServiceOptions(max_inputs=3, max_characters=100))


def test_a_model_of_a_task_that_is_not_served_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "vartai.serve.service.models.load_task", lambda _: SavedTask("sing", None, {}, "")
    )
    with pytest.raises(OptionError, match="songs is a model for sing, which is not served"):
        ServedModels.load([Path("songs")], ServiceOptions())
