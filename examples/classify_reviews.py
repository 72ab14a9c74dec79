"""Train a text classifier in Python, set it beside a baseline, save it, and load it again.

    python examples/classify_reviews.py

Each text of the generated table has a twin of the same words with the opposite label, so whoever
counts words is right half of the time.
"""
# ruff: noqa: T201 - an example shows what comes out

from __future__ import annotations

import tempfile
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import vartai

GOOD = ("good", "great", "warm", "clever", "lovely", "superb")
BAD = ("bad", "poor", "cold", "stupid", "nasty", "dreadful")
THINGS = ("film", "book", "song", "play")


def generate_reviews(*, held_out: bool) -> tuple[list[str], list[str]]:
    """Texts and labels; the pairs of opinions in the held-out ones are in no others."""
    texts, labels = [], []
    for first, good in enumerate(GOOD):
        for second, bad in enumerate(BAD):
            if ((first + second) % 6 == 0) == held_out:
                for thing in THINGS:
                    texts += [f"the {thing} is not {bad} but {good}"]
                    texts += [f"the {thing} is not {good} but {bad}"]
                    labels += ["positive", "negative"]
    return texts, labels


def main() -> None:
    """Print both scores, and what the loaded model makes of two texts."""
    texts, labels = generate_reviews(held_out=False)
    test_texts, test_labels = generate_reviews(held_out=True)

    counting = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)
    print(f"words counted   {counting.score(test_texts, test_labels):.3f}")

    reading = vartai.TextClassifier(
        hidden_size=16, embedding_size=16, epochs=12, learning_rate=0.02
    )
    reading.fit(texts, labels)
    print(f"read in order   {reading.score(test_texts, test_labels):.3f}")

    with tempfile.TemporaryDirectory() as folder:
        reading.save(Path(folder) / "reviews")
        loaded = vartai.load(Path(folder) / "reviews")
    for text, label in zip(test_texts[:2], loaded.predict(test_texts[:2]), strict=True):
        print(f"{text}: {label}")


if __name__ == "__main__":
    main()
