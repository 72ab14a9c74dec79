"""Plain text, a sentence a line: cut into words by the rules that the classifier's words follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vartai.data.lines import Fault, Line
from vartai.data.rejects import Rejection
from vartai.data.tagged.blocks import Block, Sentence, spell_raw
from vartai.text.cutting import cut_words


def read_texts(lines: Iterable[Line], *, file: str, max_words: int) -> Iterator[Block]:
    """The blocks of a file: one a line; a line without a word holds no sentence."""
    for line in lines:
        fault = line.fault
        words: tuple[str, ...] = ()
        if fault is None:
            words = cut_words(line.text)
            if len(words) > max_words:
                found = f"expected at most {max_words:,} words, found {len(words):,}"
                fault = Fault("sentence too long", found)
        if fault is not None:
            rejection = Rejection(
                file=file,
                line=line.number,
                column=None,
                reason=fault.reason,
                detail=fault.detail,
                raw=spell_raw(line),
            )
            yield Block((line,), rejection=rejection)
        elif not words:
            yield Block((line,))
        else:
            yield Block((line,), Sentence(line.number, words, (), ()))
