"""Texts as a caller gives them: checked, and on request mended."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.errors import InputError
from vartai.estimators.columns import read_column
from vartai.text.repair import is_misdecoded, mend_text

_SHOWN = 60


def read_texts(values: object, *, name: str = "X") -> list[str]:
    """The texts of a column, each exactly as it stands.

    An empty text is a text: a sequence of no steps. What is missing (None, NaN) is not.

    Args:
        values: one column of texts (`read_column`).
        name: of the argument, for messages.

    Raises:
        InputError: there is none, or one of them is not text; names its position.

    >>> read_texts(("labas", ""))
    ['labas', '']
    """
    texts = read_column(values, name=name)
    if not texts:
        raise InputError(f"{name}: expected at least one text, found none (0 samples)")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            found = f"{type(text).__name__} {text!r:.{_SHOWN}}"
            raise InputError(f"{name}[{place}]: expected text, found {found}")
        _require_whole_characters(text, f"{name}[{place}]")
    return texts


def mend_texts(texts: Sequence[str], *, name: str = "X") -> tuple[list[str], list[str]]:
    """Mend texts that were decoded with the wrong encoding, each wholly or not at all.

    Returns:
        The texts, and what was found, as readable sentences.
    """
    mendings = [mend_text(text) for text in texts]
    notes = []
    for state, outcome in (
        ("mended", "mended"),
        ("lost", "cannot be mended whole, used as they are"),
    ):
        places = [place for place, mending in enumerate(mendings) if mending.state == state]
        if places:
            notes.append(f"{_describe(texts, places, name)}: {outcome}")
    return [mending.text for mending in mendings], notes


def note_misdecoded(texts: Sequence[str], *, name: str = "X") -> list[str]:
    """A sentence about texts that look mis-decoded; nothing if none does."""
    places = [place for place, text in enumerate(texts) if is_misdecoded(text)]
    if not places:
        return []
    return [f"{_describe(texts, places, name)}: used as they are; fix_text=True mends them"]


def _describe(texts: Sequence[str], places: Sequence[int], name: str) -> str:
    count = "1 text was" if len(places) == 1 else f"{len(places):,} texts were"
    example = f"{name}[{places[0]}] {texts[places[0]]!r:.{_SHOWN}}"
    return f"{count} decoded with the wrong encoding ({example})"


def _require_whole_characters(text: str, place: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = f"U+{ord(text[error.start]):04X} at position {error.start}"
        raise InputError(
            f"{place}: expected whole characters, found half a surrogate pair, {found}"
        ) from error
