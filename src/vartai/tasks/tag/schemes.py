"""Tags that spell spans: which may follow which, and whether a corpus keeps to that.

``bio`` (IOB2): a span of kind X is B-X, then I-X; other words are O. ``iobes``: a span is S-X
alone, or B-X, I-X …, E-X. Source: Tjong Kim Sang & Veenstra 1999; Ratinov & Roth 2009.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import torch

from vartai.data.tagged.blocks import Sentence
from vartai.errors import InputError
from vartai.nn.crf import Legal

OUTSIDE = "O"
_PREFIXES = {"bio": "BI", "iobes": "BIES"}

Note = Callable[[str], None]


def find_scheme(asked: str, sentences: Sequence[Sentence], note: Note) -> str:
    """The scheme of a corpus: ``bio``, ``iobes`` or ``none``.

    Args:
        asked: one of these, or ``auto``: the one that all tags are spelled in.
        sentences: with tags.
        note: told what was guessed.

    Raises:
        InputError: a tag is not spelled as the scheme that was asked for spells them.
    """
    tags = {tag for sentence in sentences for tag in sentence.tags}
    if asked != "auto":
        for tag in sorted(tags - {OUTSIDE}) if asked in _PREFIXES else ():
            if not _is_span(tag, asked):
                raise InputError(f"tag {tag!r} is not one of the scheme {asked}, such as B-NP")
        return asked
    for scheme in _PREFIXES:
        if _is_spelled(tags, scheme):
            note(f"The tags are spans in the scheme {scheme} (guessed from how they are spelled).")
            return scheme
    return "none"


def count_illegal(scheme: str, sentences: Iterable[Sentence]) -> tuple[int, str]:
    """How many sentences break the scheme, and the first place, in words; 0 and nothing if none."""
    broken, first = 0, ""
    for sentence in sentences:
        fault = next(_faults(scheme, sentence.tags), None)
        if fault is not None:
            broken += 1
            first = first or f"{fault} in the sentence of line {sentence.line}"
    return broken, first


def legal_tags(scheme: str, tags: Sequence[str]) -> Legal | None:
    """What may stand where; None if the scheme is ``none``.

    Example:
        >>> legal = legal_tags("bio", ["B-NP", "I-NP", "O"])
        >>> legal.start.tolist(), legal.transitions[2].tolist()
        ([True, False, True], [True, False, True])
    """
    if scheme == "none":
        return None
    follows = [[may_follow(scheme, one, other) for other in tags] for one in tags]
    return Legal(
        start=torch.tensor([may_follow(scheme, None, tag) for tag in tags]),
        transitions=torch.tensor(follows),
        end=torch.tensor([may_follow(scheme, tag, None) for tag in tags]),
    )


def may_follow(scheme: str, before: str | None, after: str | None) -> bool:
    """Whether one tag may follow another; None is the edge of the sentence."""
    was, kind = _parts(before)
    comes, other = _parts(after)
    if scheme == "bio":
        return comes != "I" or (was in ("B", "I") and kind == other)
    goes_on = was in ("B", "I")
    wants_more = comes in ("I", "E")
    return goes_on == wants_more and (not goes_on or kind == other)


def _parts(tag: str | None) -> tuple[str, str]:
    if tag is None or tag == OUTSIDE:
        return OUTSIDE, ""
    return tag[:1], tag[2:]


def _is_spelled(tags: set[str], scheme: str) -> bool:
    spans = tags - {OUTSIDE}
    prefixes = {tag[:1] for tag in spans}
    well = all(_is_span(tag, scheme) for tag in spans)
    return bool(spans) and well and ("B" in prefixes or "S" in prefixes)


def _is_span(tag: str, scheme: str) -> bool:
    return len(tag) > 2 and tag[1] == "-" and tag[0] in _PREFIXES[scheme]


def _faults(scheme: str, tags: Sequence[str]) -> Iterator[str]:
    for before, after in zip((None, *tags), (*tags, None), strict=True):
        if not may_follow(scheme, before, after):
            yield f"{after or 'the end'} after {before or 'the beginning'}"
