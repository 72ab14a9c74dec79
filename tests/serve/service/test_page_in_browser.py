"""The service's page in a real browser, as a user meets it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.cli.commands import start
from tests.images.pictures import encoded, quarters
from tests.serve.service.models import saved

from vartai.bundle.trained import save_task
from vartai.images.opening import open_picture

TOKEN = "a token that is long enough"
PATIENCE = 60_000


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Four models behind a token: the address of their page, and the process."""
    folder = tmp_path_factory.mktemp("page")
    for name in ("book", "pictures", "reader", "reviews"):
        model = saved(name)
        save_task(folder / name, model.name, model.task, metrics={}, card=model.card)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VARTAI_TOKEN", TOKEN)
        process = start("serve", *sorted(folder.iterdir()), "--port", "0")
    assert process.stdout is not None
    yield process.stdout.readline().strip(), process
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def page(browser: Browser, service: tuple[str, subprocess.Popen[str]]) -> Iterator[Page]:
    """The page, after the token was given: a wrong one, then the right one."""
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(locale="en-US", viewport={"width": 1100, "height": 900})
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text))
    opened.goto(service[0])
    opened.get_by_label("Token").fill("another")
    opened.get_by_role("button", name="Continue").click()
    expect(opened.get_by_text("That was another token.")).to_be_visible()
    opened.get_by_label("Token").fill(TOKEN)
    opened.get_by_role("button", name="Continue").click()
    expect(opened.get_by_label("Model", exact=True)).to_be_visible()
    yield opened
    context.close()
    # A browser tells of each request that was refused, as those without the token were.
    assert [said for said in complaints if not said.startswith("Failed to load resource")] == []


def ask(page: Page, model: str, tab: str) -> None:
    page.get_by_role("button", name="English").click()
    page.get_by_label("Model", exact=True).select_option(model)
    page.get_by_role("tab", name=tab).click()


def test_a_picture_is_described(page: Page) -> None:
    ask(page, "pictures", "Ask")
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "q.png", "mimeType": "image/png", "buffer": encoded(quarters())}
    )
    expect(page.get_by_role("img", name="q.png")).to_be_visible()
    page.get_by_role("button", name="Describe").click()
    (told,) = saved("pictures").task.caption(open_picture(encoded(quarters()), size=64)[None])
    expect(page.locator(".results .written")).to_have_text(told.text)
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "q.tif", "mimeType": "image/tiff", "buffer": b"II*\0"}
    )
    expect(page.locator("img.seen")).to_be_hidden()


def test_a_text_is_asked_about_and_answered(page: Page) -> None:
    ask(page, "reviews", "Ask")
    page.get_by_label("Text", exact=True).fill("not bad at all")
    page.get_by_role("button", name="Classify").click()
    expect(page.locator(".bars dt")).to_have_count(3)
    shares = [float(value.inner_text()) for value in page.locator(".bars .value").all()]
    assert sum(shares) == pytest.approx(1, abs=0.002)
    label = page.locator(".bars dt.best").inner_text()
    page.get_by_role("button", name="Lietuvių").click()
    expect(page.get_by_role("heading", name="Atsakymas")).to_be_visible()
    expect(page.locator(".bars dt.best")).to_have_text(label)


def test_an_answer_is_marked_where_it_stands(page: Page) -> None:
    ask(page, "reader", "Ask")
    page.get_by_label("Text to answer from").fill("🙂 Ona moved to the garden.")
    page.get_by_label("Question").fill("Where is Ona?")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".verdict .word")).to_be_visible()
    said = page.locator(".verdict .word").inner_text()
    marks = page.locator("mark")
    assert said == "no answer in this text" or marks.inner_text() == said
    page.get_by_label("Question").fill("")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".status.failed")).to_contain_text("question")


def test_a_text_is_read_piece_by_piece_and_its_state_is_shown_and_kept(page: Page) -> None:
    ask(page, "reviews", "Live")
    field = page.get_by_label("The next piece of the text")
    field.fill("not bad at all")
    field.press("Enter")
    steps = page.locator(".steps .piece")
    expect(steps).to_have_count(4)
    expect(page.get_by_text("3 tokens read")).to_be_visible()
    expect(page.get_by_text("Not read yet, since more text could change it: “all”")).to_be_visible()
    expect(steps.locator("canvas").last).to_have_attribute(
        "aria-label", re.compile(r"all: strongest: unit \d, -?0\.\d+")
    )
    page.get_by_role("button", name="Remember this state").click()
    back = page.get_by_role("button", name="Back to the remembered state")
    expect(back).to_be_enabled()
    page.get_by_role("button", name="Read what is pending").click()
    expect(page.get_by_text("4 tokens read")).to_be_visible()
    back.click()
    expect(page.get_by_text("3 tokens read")).to_be_visible()
    expect(steps).to_have_count(4)
    page.get_by_label("Show").select_option("l1.cell")
    page.get_by_role("button", name="Begin anew").click()
    expect(steps).to_have_count(0)


def test_a_language_model_writes_on_and_a_reader_of_whole_texts_says_why_not(page: Page) -> None:
    ask(page, "book", "Live")
    page.get_by_label("The next piece of the text").fill("Not bad")
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator(".steps .piece")).to_have_count(2)
    page.get_by_role("button", name="Write on").click()
    expect(page.locator(".steps .piece.written")).to_have_count(1)
    page.get_by_label("Model", exact=True).select_option("reader")
    expect(page.get_by_text("This model cannot read a text as it comes")).to_be_visible()
    expect(page.get_by_role("link", name="Look inside")).to_have_attribute(
        "href", "/inspect/reader/"
    )


def test_leaving_the_page_ends_its_session(
    page: Page, service: tuple[str, subprocess.Popen[str]]
) -> None:
    address = service[0]
    ask(page, "reviews", "Live")
    page.get_by_label("The next piece of the text").fill("not ")
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator(".steps .piece")).to_have_count(1)
    page.goto(f"{address}health")
    kept = "vartai_sessions "
    for _ in range(100):
        told = httpx.get(
            f"{address}metrics", headers={"authorization": f"Bearer {TOKEN}"}, timeout=60
        ).text
        (line,) = [each for each in told.splitlines() if each.startswith(kept)]
        if float(line.removeprefix(kept)) == 0:
            break
        page.wait_for_timeout(100)
    assert line == "vartai_sessions 0.0"
