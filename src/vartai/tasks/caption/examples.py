"""Pictures with their captions, as this task takes them apart and puts them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vartai.data.captions import CaptionedPictures

Captions = tuple[str, ...]


def captions_of(examples: CaptionedPictures) -> list[Captions]:
    """The captions of each picture."""
    return [item.captions for item in examples.items]


def count_captions(examples: CaptionedPictures) -> int:
    """Captions of all pictures together."""
    return sum(map(len, captions_of(examples)))


def with_captions(examples: CaptionedPictures, captions: Sequence[Captions]) -> CaptionedPictures:
    """The same pictures with other captions; those without any are left out."""
    places = [place for place, own in enumerate(captions) if own]
    kept = examples if len(places) == len(examples) else examples.take(places)
    items = [
        replace(item, captions=captions[place])
        for place, item in zip(places, kept.items, strict=True)
    ]
    return CaptionedPictures(kept.file, items, kept.inputs)
