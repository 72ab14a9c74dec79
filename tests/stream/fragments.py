"""Texts and ways to cut them."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.stream.models import TEXTS

PIECES = [
    *TEXTS[:2], "Not ", "bad", " at", "e\u0301", "\u0323", "👩\u200d👩\u200d👧", " <br", " />",
    "U.", "S. ", "3", ".", "5 ",
    "\n", "  ", "'s", "zzz", "(", "ė", "İ", "。世", "\u0600 ", "a" * 70,
]  # fmt: skip

TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


def cut(text: str, data: st.DataObject) -> list[bytes]:
    """The text's bytes, cut anywhere, also within a character."""
    raw = text.encode()
    places = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=9)))
    return [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
