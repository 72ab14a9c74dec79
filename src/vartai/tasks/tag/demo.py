"""The built-in corpus as splits: gender that shows in endings, or only in a noun far away."""

from __future__ import annotations

from vartai.data.agreement import as_sentences, generate_agreement
from vartai.data.tagged.sentences import Sentences
from vartai.tasks.tag.experiment import TagSplits

SIZES = {"train": 1_000, "valid": 150, "test": 300}


def demo_splits(seed: int) -> TagSplits:
    """Sentences whose words are tagged with their gender; half the test has unseen nouns."""
    parts = {
        name: Sentences(
            name,
            as_sentences(
                generate_agreement(size, seed=seed * len(SIZES) + place, held_out=name == "test"),
                tag="gender",
            ),
        )
        for place, (name, size) in enumerate(SIZES.items())
    }
    return TagSplits(**parts)
