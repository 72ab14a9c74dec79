"""How soon the inspector's page shows a picture of what was typed, in a real browser.

    python -m benchmarks.inspect_page MODEL

The key that ends a sentence of 30 words starts the clock, and the clock stops when the browser has
painted the heat map of the whole sentence. The page waits 120 ms for further keys; that is counted.
Then a sentence of 300 words, for the size of picture that the page is meant for.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence

from playwright.sync_api import Page, sync_playwright

SENTENCE = "i do not think that our actors were good and the story was far from weak but"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

# Waits until the picture has so many columns, then until it is on the screen.
_PAINTED = """(columns) => new Promise((done) => {
  const look = () => {
    const drawn = document.querySelector(".heat");
    const painted = drawn?.querySelector(".heatmaplayer image") &&
      drawn.data?.[0].z[0].length === columns;
    if (painted) requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    else requestAnimationFrame(look);
  };
  look();
})"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="folder of a classifier or tagger that reads words")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args(arguments)
    command = [sys.executable, "-m", "vartai", "inspect", asked.model, "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        try:
            measured = _measure(address, asked.times)
        finally:
            server.terminate()
    load = os.getloadavg()[0]
    for words, seconds in measured.items():
        print(
            f"{words:4} words: median {statistics.median(seconds) * 1000:.0f} ms, "
            f"from {min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f} ({len(seconds)} times)"
        )
    print(f"{os.cpu_count()} cores, load {load:.1f}")


def _measure(address: str, times: int) -> dict[int, list[float]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(60_000)
        page.goto(address)
        page.get_by_label("Text", exact=True).wait_for()
        found = {words: [_typed(page, words, turn) for turn in range(times)] for words in (30, 300)}
        browser.close()
    return found


def _typed(page: Page, words: int, turn: int) -> float:
    """Seconds from the last key to the painted picture; every sentence is a new one.

    The last word has one letter, so that its key is what makes the sentence a word longer.
    """
    known = SENTENCE.split()
    beginning = [known[(place + turn) % len(known)] for place in range(words - 1)]
    area = page.get_by_label("Text", exact=True)
    area.fill(" ".join(beginning))
    page.evaluate(_PAINTED, words - 1)
    area.evaluate(
        "(area) => area.addEventListener('input', () => (window.pressed = performance.now()))"
    )
    area.press_sequentially(" i", delay=60)
    painted = page.evaluate(_PAINTED, words)
    seconds: float = (painted - page.evaluate("window.pressed")) / 1000
    return seconds


if __name__ == "__main__":
    main()
