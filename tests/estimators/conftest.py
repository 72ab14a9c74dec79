"""A tiny classifier and tiny texts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from vartai import TextClassifier

THINGS = ("film", "book", "song", "play", "meal")
TEXTS = [f"{word} {thing}" for thing in THINGS for word in ("good", "bad")]
LABELS = ["positive", "negative"] * 5


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small only wait for a second thread, and for long where others compute too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def texts() -> list[str]:
    """Ten texts, no two the same."""
    return list(TEXTS)


@pytest.fixture
def labels() -> list[str]:
    """Their labels, five of each."""
    return list(LABELS)


@pytest.fixture
def tiny() -> TextClassifier:
    """A classifier that learns in a blink."""
    return TextClassifier(hidden_size=4, embedding_size=4, epochs=1, valid_share=0.2)


@pytest.fixture(scope="session")
def fitted() -> TextClassifier:
    """The same, fitted; not to be changed."""
    classifier = TextClassifier(hidden_size=4, embedding_size=4, epochs=2, valid_share=0.2)
    return classifier.fit(TEXTS, LABELS)
