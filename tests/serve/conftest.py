"""A tiny model, its page, and a browser to look at it with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, sync_playwright
from tests.cli.commands import start

import vartai

TEXTS = ["good", "so good", "not bad", "good thing", "very good", "not bad at all"]
# What keeps a browser on its own machine, and lets it run as root and without a screen.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier on disk: an LSTM of 8 units, in one direction."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    texts = TEXTS + [text.replace("good", "weak").replace("bad", "fine") for text in TEXTS]
    classifier = vartai.TextClassifier(
        hidden_size=8, bidirectional=False, epochs=2, valid_share=0.25, device="cpu"
    )
    labels = ["positive"] * len(TEXTS) + ["negative"] * len(TEXTS)
    classifier.fit(texts, labels)
    torch.set_num_threads(threads)
    folder = tmp_path_factory.mktemp("inspected") / "tiny-model"
    classifier.save(folder)
    return folder


@pytest.fixture(scope="module")
def address(model: Path) -> Iterator[str]:
    """Where the page of the tiny model is served; Ctrl-C must end it as everywhere."""
    process = start("inspect", model, "--port", "0", "--no-open")
    assert process.stdout is not None
    found = process.stdout.readline().strip()
    assert found.startswith("http://127.0.0.1:"), process.communicate()
    yield found
    process.send_signal(2)
    _, talk = process.communicate(timeout=30)
    assert process.returncode == 130
    assert talk.splitlines()[-1] == "vartai: error: interrupted"


# One a file: while it is open an event loop runs, and tests of other files begin their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; absent, the test is skipped, but fails in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "needs a browser: install Debian's chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true, yet this test {reason}")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()
