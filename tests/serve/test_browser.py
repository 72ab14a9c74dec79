"""The page in a real browser, as a user meets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.cli.commands import finish, start

SENTENCE = "so good and not bad"
# A busy machine is slow; what is expected is waited for, never slept for.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Visit:
    """A page, what it asked for, and what it complained of."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def read(self, text: str) -> None:
        """Type a text and wait for its picture."""
        self.page.get_by_label("Text", exact=True).fill(text)
        words = text.split()
        expect(self.tokens).to_have_count(len(words))
        expect(self.tokens.last).to_contain_text(words[-1])
        expect(self.page.locator(".line .main-svg").first).to_be_visible()
        expect(self.page.locator(".running .main-svg").first).to_be_visible()

    @property
    def tokens(self) -> Locator:
        return self.page.locator(".tokens .token")

    @property
    def heat(self) -> Locator:
        return self.page.locator(".heat").first

    @property
    def readout(self) -> Locator:
        return self.page.locator(".readout").first


@pytest.fixture(scope="module")
def window(browser: Browser, address: str) -> Iterator[Visit]:
    """One window for all: what takes longest is a browser reading Plotly's script."""
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    visit = Visit(page, address)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("console", lambda said: _note(visit, said.type, said.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.goto(address)
    yield visit
    context.close()


@pytest.fixture
def visit(window: Visit) -> Iterator[Visit]:
    """The page, empty, in English, in a window of a desk; nothing is complained of in the end."""
    window.page.set_viewport_size({"width": 1400, "height": 1300})
    window.page.get_by_role("button", name="English").click()
    window.page.get_by_role("tab", name="Read").click()
    window.page.get_by_label("Text", exact=True).fill(" ")
    expect(window.page.get_by_role("heading", name="Watch the network read")).to_be_visible()
    yield window
    complaints, window.complaints[:] = list(window.complaints), []
    assert complaints == []
    own = (window.address, "data:", f"blob:{window.address}")
    assert [url for url in window.requests if not url.startswith(own)] == []


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        visit.complaints.append(text)


def test_typing_shows_tokens_prediction_and_states(visit: Visit) -> None:
    visit.read(SENTENCE)
    assert visit.tokens.all_inner_texts() == SENTENCE.split()
    expect(visit.page.locator(".beside .verdict")).to_have_text(
        re.compile(r"(posi|nega)tive0\.\d\d")
    )
    expect(visit.heat).to_have_attribute("aria-label", re.compile("8 units by 5 tokens"))


def test_hovering_tells_the_value_under_the_pointer(visit: Visit) -> None:
    visit.read(SENTENCE)
    plot = visit.heat.locator(".nsewdrag").bounding_box()
    assert plot is not None
    # The last column, the first row.
    x, y = plot["x"] + plot["width"] * 0.9, plot["y"] + plot["height"] * 0.06
    visit.page.mouse.move(x - 4, y)
    visit.page.mouse.move(x, y)
    expect(visit.readout).to_have_text(
        re.compile(r"unit 0 · token 5 “bad” · hidden state [-\\u2212]?0\.\d{3}")
    )


def test_a_click_follows_a_unit_through_the_text(visit: Visit) -> None:
    visit.read(SENTENCE)
    plot = visit.heat.locator(".nsewdrag").bounding_box()
    assert plot is not None
    for unit in (6, 2):
        x, y = plot["x"] + plot["width"] * 0.3, plot["y"] + plot["height"] * (unit + 0.5) / 8
        # A click is on what is under the pointer, which is looked up a moment after it has moved.
        visit.page.mouse.move(x - 4, y)
        visit.page.mouse.move(x, y)
        expect(visit.readout).to_contain_text(f"unit {unit} ")
        visit.page.mouse.click(x, y)
        expect(visit.page.get_by_label("Unit", exact=True)).to_have_value(str(unit))
        expect(visit.page.locator(".card h2").first).to_contain_text(f"as unit {unit} sees it")
    expect(visit.tokens.nth(1)).to_have_attribute("aria-pressed", "true")
    assert "rgb" in (visit.tokens.first.get_attribute("style") or "")
    expect(visit.page.locator(".strongest li")).to_have_count(5)


def test_gates_and_orders_are_chosen(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_role("radio", name="forget gate").click()
    expect(visit.heat).to_have_attribute("aria-label", re.compile("forget gate"))
    expect(visit.page.get_by_role("radio", name="forget gate")).to_be_focused()
    visit.page.keyboard.press("ArrowRight")
    expect(visit.heat).to_have_attribute("aria-label", re.compile("candidate"))
    visit.page.get_by_label("Order of units").select_option("variance")
    ticks = visit.heat.locator(".ytick text")
    expect(ticks).to_have_count(8)
    assert sorted(ticks.all_text_contents()) == [str(unit) for unit in range(8)]


def test_editing_a_copy_shows_the_difference_where_the_word_changed(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_role("button", name="Edit a copy").click()
    expect(visit.page.get_by_text("The copy is still the same")).to_be_visible()
    visit.page.locator(".whatif textarea").fill("so good and very bad")
    changed = visit.page.locator(".aligned td.changed")
    expect(changed).to_have_text(["not", "very"])
    expect(visit.page.locator(".whatif .heat .xtick text").nth(3)).to_have_text("not→very")
    visit.page.get_by_role("button", name="Put the copy away").click()
    expect(visit.page.locator(".aligned")).to_have_count(0)


def test_the_heat_map_is_walked_with_the_arrow_keys(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_label("Unit", exact=True).fill("3")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_label("Order of units").select_option("index")
    visit.heat.focus()
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowRight"):
        visit.page.keyboard.press(key)
    expect(visit.readout).to_have_text(re.compile("unit 4 · token 3 “and”"))
    visit.page.keyboard.press("End")
    expect(visit.readout).to_have_text(re.compile("unit 4 · token 5 “bad”"))


def test_tokens_are_one_stop_of_the_tab_key_and_arrows_move_among_them(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.tokens.first.focus()
    visit.page.keyboard.press("ArrowRight")
    expect(visit.tokens.nth(1)).to_be_focused()
    expect(visit.tokens.nth(1)).to_have_attribute("aria-pressed", "true")
    visit.page.keyboard.press("Tab")
    assert visit.page.locator(".tokens .token:focus").count() == 0
    assert [token.get_attribute("tabindex") for token in visit.tokens.all()].count("0") == 1


def test_the_language_is_switched_and_remembered(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_role("button", name="Lietuvių").click()
    expect(visit.page.get_by_role("tab", name="Skaitymas")).to_be_visible()
    expect(visit.page.get_by_role("radio", name="užmiršimo vartai")).to_be_visible()
    assert visit.tokens.all_inner_texts() == SENTENCE.split()
    expect(visit.heat.locator(".ytitle")).to_have_text("vienetas")
    assert visit.page.evaluate("document.documentElement.lang") == "lt"
    assert "lang=lt" in visit.page.url
    assert visit.page.evaluate("localStorage.getItem('vartai-language')") == "lt"


def test_every_tab_is_reached_with_the_arrow_keys_and_shows_something(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_role("tab", name="Read").focus()
    for name, heading in (
        ("Memory", "How far back does it remember?"),
        ("Flags", "Which unit is a flag?"),
        ("Find", "Where else is the state like this?"),
        ("Compare", "Side by side"),
    ):
        visit.page.keyboard.press("ArrowRight")
        expect(visit.page.get_by_role("tab", name=name, exact=True)).to_be_focused()
        expect(visit.page.get_by_role("heading", name=heading)).to_be_visible()
    expect(visit.page.locator("#panel-compare .heat .main-svg").first).to_be_visible()
    visit.page.keyboard.press("Home")
    expect(visit.page.get_by_role("tab", name="Read")).to_be_focused()


def test_memory_is_measured_on_the_text_that_was_read(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_role("tab", name="Memory").click()
    visit.page.get_by_label("Texts to measure on, one a line").fill(SENTENCE)
    visit.page.get_by_role("button", name="Measure").click()
    panel = visit.page.locator("#panel-memory")
    expect(panel.get_by_role("cell", name="before training")).to_be_visible()
    expect(panel.get_by_role("cell", name="forget gate")).to_be_visible()


def test_a_flag_is_found_in_pasted_texts_and_followed_where_texts_are_read(visit: Visit) -> None:
    visit.read(SENTENCE)
    visit.page.get_by_role("tab", name="Flags").click()
    panel = visit.page.locator("#panel-flags")
    lines = [
        f"{a} {b} and {c} good"
        for a in ["so", "very", "not"]
        for b in ["bad", "fine"]
        for c in ["so", "very", "not", "all", "just"]
    ]
    panel.get_by_label("Texts, one a line").fill("\n".join(lines))
    panel.get_by_label("Regular expression").fill("bad|fine")
    panel.get_by_role("button", name="Find flags").click()
    unit = panel.locator(".numbers button").first
    chosen = unit.inner_text()
    unit.click()
    expect(visit.page.get_by_label("Unit", exact=True)).to_have_value(chosen)
    expect(visit.page.get_by_label("Order of units")).to_have_value("flag")
    visit.page.get_by_role("tab", name="Find", exact=True).click()
    found = visit.page.locator("#panel-find")
    found.get_by_label("Text with a stretch").fill("so [bad] and so good")
    found.get_by_label("Texts, one a line").fill("\n".join(lines))
    found.get_by_role("button", name="Search").click()
    expect(found.locator("mark").first).to_have_text("bad")


def test_what_the_server_refuses_is_said_in_words(visit: Visit) -> None:
    visit.page.get_by_label("Text", exact=True).evaluate("area => (area.maxLength = 100_000)")
    visit.page.get_by_label("Text", exact=True).fill("good " * 4001)
    expect(visit.page.locator(".status.failed")).to_contain_text(
        "given.text: String should have at most 20000 characters"
    )
    visit.read("not bad")
    expect(visit.page.locator(".status.failed")).to_have_count(0)
    # Chromium reports every refused request on the console; this one was meant.
    visit.complaints[:] = [said for said in visit.complaints if "422" not in said]


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_window(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.read(f"{SENTENCE} {'o' * 120}")
    visit.page.get_by_role("button", name="Edit a copy").click()
    expect(visit.page.locator(".aligned")).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_of_another_host_is_refused_by_name(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.request.get(address, headers={"Host": "evil.example"})
    assert answer.status == 403
    assert "this page is for this machine only" in answer.json()["error"]
    context.close()


def test_a_report_shows_the_same_without_a_server(
    browser: Browser, model: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    said = finish(start("inspect", model, SENTENCE, "--what-if", "so bad", "--html", report))
    assert said.code == 0, said.err
    assert re.fullmatch(rf"{report}: [45]\.\d MB, in one file that needs no network\n", said.out)
    context = browser.new_context(offline=True, locale="lt-LT")
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url.split(":")[0]))
    page.goto(report.as_uri())
    expect(page.get_by_role("tab", name="Skaitymas")).to_be_visible()
    expect(page.locator(".tokens .token")).to_have_text(SENTENCE.split())
    page.get_by_role("radio", name="išvesties vartai").click()
    expect(page.locator(".heat").first).to_have_attribute("aria-label", re.compile("išvesties"))
    expect(page.locator(".aligned")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("radio", name="output gate")).to_be_visible()
    page.get_by_text("What each word did").click()
    expect(page.locator("details .main-svg").first).to_be_visible()
    page.get_by_role("tab", name="Memory").click()
    expect(page.get_by_role("heading", name="Gradient over distance")).to_be_visible()
    page.get_by_role("tab", name="Find").click()
    expect(page.get_by_text("This report does not hold that")).to_be_visible()
    assert complaints == []
    assert set(requests) <= {"file", "data", "blob"}
    context.close()
