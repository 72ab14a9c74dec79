"""A sentence, and the stretch of a file that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from vartai.data.lines import Line
from vartai.data.rejects import Rejection, clip_raw


class Sentence(NamedTuple):
    """One usable sentence.

    Attributes:
        line: line of its first word, from 1.
        words: at least one.
        tags: one a word; none at all where they were not asked for.
        inputs: for each extra column its values, one a word.
    """

    line: int
    words: tuple[str, ...]
    tags: tuple[str, ...]
    inputs: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Block:
    """Lines of a file that belong together.

    Attributes:
        lines: as they stood, blank lines and comments included.
        sentence: that they hold; None if they hold none, or none that can be used.
        places: which of the lines, from 0, holds each word of the sentence.
        rejection: why the sentence cannot be used.
    """

    lines: tuple[Line, ...]
    sentence: Sentence | None = None
    places: tuple[int, ...] = ()
    rejection: Rejection | None = None


def spell_raw(line: Line) -> str:
    r"""A line for the rejects file; undecodable bytes, kept as lone surrogates, as ``\xNN``."""
    raw = line.text.encode("utf-8", "surrogateescape")
    return clip_raw(raw.decode("utf-8", "backslashreplace"))


def chunk_blocks(blocks: Iterable[Block], *, count: int, words: int) -> Iterator[list[Block]]:
    """Blocks in lists: at most so many, and none more once they hold so many words together."""
    chunk: list[Block] = []
    held = 0
    for block in blocks:
        chunk.append(block)
        held += 0 if block.sentence is None else len(block.sentence.words)
        if len(chunk) == count or held >= words:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
