"""Pictures with their captions: what a captioner learns from and is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vartai.tasks.caption.pictures import Pictures


@dataclass(frozen=True, eq=False)
class Captioned:
    """P pictures, each with one caption or more.

    Args:
        file: where they are from, for messages.
        names: of the pictures, as their table has them.
        pictures: of as many.
        captions: of each picture.
        lines: of each picture's first row, from 1.
    """

    file: str
    names: list[str]
    pictures: Pictures
    captions: list[tuple[str, ...]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def count(self) -> int:
        """Captions of all pictures."""
        return sum(map(len, self.captions))

    def take(self, places: Sequence[int]) -> Captioned:
        """The pictures at some places, counted from 0, in the order given."""
        return Captioned(
            self.file,
            [self.names[place] for place in places],
            self.pictures.take(places),
            [self.captions[place] for place in places],
            [self.lines[place] for place in places],
        )

    def with_captions(self, captions: Sequence[tuple[str, ...]]) -> Captioned:
        """The same pictures with other captions; those without any are left out."""
        places = [place for place, own in enumerate(captions) if own]
        kept = self if len(places) == len(self) else self.take(places)
        return Captioned(
            kept.file, kept.names, kept.pictures, [captions[p] for p in places], kept.lines
        )
