"""Pictures in, sentences out."""

from __future__ import annotations

import asyncio
import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.images.pictures import encoded, quarters
from tests.serve.service.models import OPTIONS, Service, post, problem, saved, served, with_service
from tests.tasks.caption.test_task import small_task

from vartai.bundle.trained import SavedTask
from vartai.errors import OptionError
from vartai.images.opening import open_picture
from vartai.serve.service.bodies import EXAMPLE_PICTURE
from vartai.serve.service.models import ServedModel
from vartai.serve.service.options import ServiceOptions


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels))


FILES = [noise(seed) for seed in range(3)]


def test_a_picture_has_the_caption_that_the_model_gives_alone() -> None:
    async def ask(service: Service) -> None:
        task = saved("pictures").task
        posts = [post(service, "/v1/caption", {"input": in_base64(file)}) for file in FILES]
        for file, answer in zip(FILES, await asyncio.gather(*posts), strict=True):
            (alone,) = task.caption(open_picture(file, size=64).unsqueeze(0))
            output = answer.json()["output"]
            assert output.pop("log_probability") == pytest.approx(alone.log_probability, abs=1e-3)
            assert output == {"text": alone.text, "cut": alone.cut}
        several = await post(service, "/v1/caption", {"inputs": [in_base64(f) for f in FILES]})
        assert len(several.json()["outputs"]) == 3
        none = await post(service, "/v1/caption", {"inputs": []})
        assert none.json() == {"model": "pictures", "outputs": []}

    with_service(ask, "pictures", options=ServiceOptions(delay=50))


def test_where_it_looked_is_told_when_asked_for() -> None:
    async def ask(service: Service) -> None:
        body = {"input": in_base64(FILES[0]), "attention": True}
        output = (await post(service, "/v1/caption", body)).json()["output"]
        looks = output["attention"]
        assert looks["side"] == 4
        assert " ".join(looks["words"]).strip() == output["text"]
        for row in looks["weights"]:
            assert (len(row), sum(row)) == (16, pytest.approx(1, abs=2e-3))

    with_service(ask, "pictures")


def test_what_is_no_picture_is_named_with_its_place_and_harms_no_other() -> None:
    async def ask(service: Service) -> None:
        good = in_base64(FILES[0])
        cases: list[tuple[Any, int, str]] = [
            ({"inputs": [good, "%%"]}, 400, "inputs[1]: expected the file of a picture in base64"),
            ({"input": f"data:image/png;base64,{good}"}, 400, "inputs[0]: expected the file of a"),
            ({"inputs": [good, in_base64(b"GIF8")]}, 400, "inputs[1]: picture: is not a picture"),
            ({"input": in_base64(FILES[0][:900])}, 400, "picture: the picture is damaged or cut"),
            ({"input": ""}, 400, "picture: the file is empty"),
            ({"input": "ąž"}, 400, "inputs[0]: expected the file of a picture in base64"),
            ({}, 422, "expected either input or inputs"),
            ({"input": good, "inputs": [good]}, 422, "expected either input or inputs"),
            ({"input": 3}, 422, "input: "),
            ({"inputs": [good] * 17}, 413, "inputs: expected at most 16 pictures, found 17"),
        ]
        for body, status, said in cases:
            answer = await post(service, "/v1/caption", body)
            assert (answer.status_code, problem(answer)[: len(said)]) == (status, said)
        posts = [post(service, "/v1/caption", {"input": text}) for text in (good, "R0lG", good)]
        found = [answer.status_code for answer in await asyncio.gather(*posts)]
        assert found == [200, 400, 200]

    with_service(ask, "pictures", options=ServiceOptions(delay=50))


def test_pixels_and_bytes_are_bounded_before_anything_is_decoded() -> None:
    async def ask(service: Service) -> None:
        written = io.BytesIO()
        Image.new("1", (3000, 3000)).save(written, "PNG")
        bomb = await post(service, "/v1/caption", {"input": in_base64(written.getvalue())})
        assert bomb.status_code == 400
        assert "at most 1,000,000 pixels, found: 3,000 × 3,000; nothing" in problem(bomb)
        posts = [post(service, "/v1/caption", {"input": in_base64(file)}) for file in FILES[:2]]
        found = await asyncio.gather(*posts)
        assert sorted(answer.status_code for answer in found) == [200, 503]
        [busy] = [answer for answer in found if answer.status_code == 503]
        assert "bytes of pictures wait already" in problem(busy)
        again = await post(service, "/v1/caption", {"input": in_base64(FILES[1])})
        assert again.status_code == 200

    most = max(map(len, FILES))
    with_service(
        ask, "pictures",
        options=ServiceOptions(delay=100, max_pixels=1_000_000, picture_bytes=most),
    )  # fmt: skip


def test_other_models_have_no_captions_and_captioners_no_other_verbs() -> None:
    async def ask(service: Service) -> None:
        body = {"input": EXAMPLE_PICTURE}
        other = await post(service, "/v1/caption", body | {"model": "reviews"})
        assert (other.status_code, "expected one for caption" in problem(other)) == (409, True)
        predict = await post(service, "/v1/predict", {"model": "pictures", "input": "a"})
        assert predict.status_code == 409
        session = await post(service, "/v1/sessions", {"model": "pictures"})
        assert session.status_code == 409
        assert (await post(service, "/v1/caption", body)).status_code == 200
        told = (await service.client.get("/v1/models/pictures")).json()
        assert told["verbs"] == ["caption"]
        assert told["reads"] == "a picture, its file in base64"

    with_service(ask, "pictures", "reviews")


def test_the_inspector_looks_into_a_served_captioner() -> None:
    async def ask(service: Service) -> None:
        body = {"name": "q.png", "picture": in_base64(FILES[0])}
        shown = await post(service, "/inspect/pictures/api/caption", body)
        told = await post(service, "/v1/caption", {"input": body["picture"]})
        assert shown.status_code == 200, shown.text
        assert shown.json()["caption"] == told.json()["output"]["text"]

    with_service(ask, "pictures")


def test_what_a_reader_should_know_of_a_picture_is_told() -> None:
    async def ask(service: Service) -> None:
        moving = encoded(
            quarters(), "GIF", save_all=True, append_images=[Image.new("RGB", (16, 16))]
        )
        answer = await post(service, "/v1/caption", {"input": in_base64(moving)})
        assert "the first one is read" in answer.json()["output"]["notes"][0]

    with_service(ask, "pictures")


def test_a_captioner_that_reads_annotations_is_refused_by_name() -> None:
    task = small_task()
    given = replace(task.config, model=replace(task.config.model, encoder="given"))
    model = SavedTask("caption", replace(task, config=given), {}, "")
    with pytest.raises(OptionError, match="npys reads annotations of another program's encoder"):
        ServedModel("npys", model, OPTIONS)
    assert served("pictures").by_name["pictures"].caption is not None
