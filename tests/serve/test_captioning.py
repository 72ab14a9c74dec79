"""The page of a captioner: a picture in, its sentence and where each word was looked for."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import Browser, expect
from tests.cli.commands import finish, start

import vartai
from vartai.data.scenes import generate
from vartai.errors import OptionError
from vartai.serve.app import build_app
from vartai.serve.guard import loopback_hosts
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.questions import LARGEST_BODY, LARGEST_PICTURE
from vartai.serve.inspector.routes import inspector_routes
from vartai.serve.inspector.session import Session

SCENES = generate(24, seed=3, grid=4)


@pytest.fixture(scope="session")
def captioner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioner on disk that has seen a few scenes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = vartai.Captioner(
        picture_size=64,
        places=4,
        width=4,
        annotation_size=8,
        hidden_size=8,
        embedding_size=8,
        attention_size=8,
        max_tokens=30,
        min_frequency=1,
        valid_share=0.2,
        sample=2,
        epochs=1,
        beam=1,
        device="cpu",
    )
    made.fit([scene.picture.numpy() for scene in SCENES], [scene.caption for scene in SCENES])
    torch.set_num_threads(threads)
    folder = tmp_path_factory.mktemp("captioners") / "tiny-captioner"
    made.save(folder)
    return folder


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "scene.png"
    Image.fromarray(SCENES[0].picture.permute(1, 2, 0).numpy()).save(path)
    return path


@pytest.fixture
def client(captioner: Path) -> TestClient:
    session = Session([OpenedModel.load(captioner)])
    app = build_app(
        inspector_routes(session), hosts=loopback_hosts(8000), largest_body=LARGEST_BODY
    )
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def encoded(data: bytes) -> dict[str, object]:
    return {"name": "scene.png", "picture": base64.b64encode(data).decode()}


def test_the_answer_is_what_the_captioner_says_and_where_it_looked(
    client: TestClient, captioner: Path, picture: Path
) -> None:
    answer = client.post("/api/caption", json=encoded(picture.read_bytes())).json()
    own = vartai.load(captioner)
    assert answer["caption"] == own.predict([str(picture)])[0]
    looks = own.looks(str(picture))
    drawn = [trace["z"] for trace in answer["figure"]["data"]]
    assert np.allclose(drawn, np.array(looks.weights).reshape(-1, 4, 4), atol=1e-4)
    _, _, seen = answer["seen"].partition(",")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(seen))))
    assert np.array_equal(pixels.transpose(2, 0, 1), SCENES[0].picture.numpy())
    assert answer["notes"] == []


def test_what_is_no_picture_is_refused_in_a_sentence(client: TestClient) -> None:
    for body, problem in [
        (encoded(b"hello"), "scene.png: is not a picture of a known kind"),
        (encoded(b""), "scene.png: the file is empty"),
        ({"name": "p", "picture": "%%%"}, "p: expected a picture in base64"),
    ]:
        answer = client.post("/api/caption", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(problem)
    assert client.post("/api/caption", json={"picture": ""}).status_code == 422
    longest = {"name": "p", "picture": "A" * (LARGEST_PICTURE // 3 * 4 + 5)}
    assert client.post("/api/caption", json=longest).status_code == 422


def test_texts_and_pictures_are_not_confused(
    client: TestClient, captioner: Path, model: Path, picture: Path
) -> None:
    answer = client.post("/api/read", json={"given": {}})
    assert answer.status_code == 400
    assert answer.json()["error"] == "this model reads pictures, not texts"
    one = OpenedModel.load(captioner)
    for session in (Session([one], texts=("a text",)), Session([one, one])):
        with pytest.raises(OptionError, match="choose one on its page; texts, --corpus and"):
            session.require_texts()
    Session([one]).require_texts()
    app = build_app(
        inspector_routes(Session([OpenedModel.load(model)])),
        hosts=loopback_hosts(8000),
        largest_body=LARGEST_BODY,
    )
    other = TestClient(app, base_url="http://127.0.0.1:8000")
    answer = other.post("/api/caption", json=encoded(picture.read_bytes()))
    assert answer.json()["error"] == "tiny-model reads texts, not pictures: its task is classify"


@pytest.fixture(scope="module")
def captioner_address(captioner: Path) -> Iterator[str]:
    process = start("inspect", captioner, "--port", "0", "--no-open")
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.send_signal(2)
    finish(process)


def test_a_picture_is_chosen_and_looked_at_in_both_languages(
    browser: Browser, captioner_address: str, captioner: Path, picture: Path, tmp_path: Path
) -> None:
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(60_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.goto(captioner_address)
    expect(page.get_by_role("tab")).to_have_text(["Picture"])
    page.get_by_label("Choose a picture").set_input_files(picture)
    own = vartai.load(captioner)
    said = own.predict([str(picture)])[0]
    expect(page.locator("p.caption")).to_have_text(said or "(no word at all)", timeout=60_000)
    expect(page.locator(".figure .heatmaplayer")).to_have_count(
        len(own.looks(str(picture)).words), timeout=60_000
    )
    page.get_by_role("button", name="Lietuvių").click()
    expect(page.get_by_role("heading", name="Kur ieškota kiekvieno žodžio")).to_be_visible()
    expect(page.locator("p.caption")).to_have_text(said or "(nė vieno žodžio)")
    assert complaints == []
    (tmp_path / "no.png").write_text("no picture")
    page.get_by_label("Pasirinkite paveikslą").set_input_files(tmp_path / "no.png")
    expect(page.get_by_role("status")).to_contain_text("Nepavyko: no.png: is not a picture")
    context.close()
