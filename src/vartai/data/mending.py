"""Texts that were decoded with the wrong encoding: noticed, counted, mended on request."""

from __future__ import annotations

from vartai.text.repair import is_misdecoded, mend_text

_LINES_NAMED = 20
_EXAMPLE_CHARACTERS = 60


class Mender:
    """Looks at each text of a file once, and can say afterwards what it saw.

    Attributes:
        fix_text: mend what can be mended whole; else only count.
        suspicious: lines of texts that look mis-decoded, while `fix_text` is off.
        mended: lines of texts that were mended.
        lost: lines of texts that are mis-decoded, could not be mended whole and stay as they were.
    """

    def __init__(self, *, fix_text: bool) -> None:
        self.fix_text = fix_text
        self.suspicious: list[int] = []
        self.mended: list[int] = []
        self.lost: list[int] = []
        self._example = ""

    def apply(self, text: str, line: int) -> str:
        """The text to go on with: mended, or as it was."""
        if text.isascii():
            return text
        if not self.fix_text:
            if is_misdecoded(text):
                self.suspicious.append(line)
                self._example = self._example or f"line {line}: {_cut(text)!r}"
            return text
        mending = mend_text(text)
        if mending.state == "mended":
            self.mended.append(line)
            change = f"{_cut(text)!r} became {_cut(mending.text)!r}"
            self._example = self._example or f"line {line}: {change}"
        elif mending.state == "lost":
            self.lost.append(line)
        return mending.text

    def notes(self) -> list[str]:
        """What was seen, as readable sentences; nothing if every text was clean."""
        notes = []
        if self.suspicious:
            notes.append(
                f"{_texts(self.suspicious)} decoded with the wrong encoding, "
                f"such as {self._example}. They are used as they are; --fix-text mends them."
            )
        if self.mended:
            notes.append(
                f"{_texts(self.mended)} decoded with the wrong encoding and mended, "
                f"such as {self._example}."
            )
        if self.lost:
            named = ", ".join(map(str, self.lost[:_LINES_NAMED]))
            more = ", …" if len(self.lost) > _LINES_NAMED else ""
            notes.append(
                f"{_texts(self.lost)} decoded with the wrong encoding, cannot be mended whole, "
                f"and stay as they were: line {named}{more}."
            )
        return notes


def _texts(lines: list[int]) -> str:
    return "1 text was" if len(lines) == 1 else f"{len(lines):,} texts were"


def _cut(text: str) -> str:
    """The beginning of a text, from shortly before its first character that is not ASCII."""
    place = next((at for at, character in enumerate(text) if not character.isascii()), 0)
    start = max(0, place - _EXAMPLE_CHARACTERS // 3)
    return text[start : start + _EXAMPLE_CHARACTERS]
