"""Where writing stops: strings that end a text, wherever the borders of its tokens fall."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.errors import OptionError


class StopStrings:
    """Passes a text on, piece by piece, up to the first of some strings.

    What might be the beginning of such a string is held back until it is known.

    Args:
        strings: any of them ends the text, and is not part of it; none lets all pass.

    Example:
        >>> stop = StopStrings(["END"])
        >>> stop.feed("the E"), stop.feed("N"), stop.feed("Ds"), stop.stopped
        ('the ', '', '', True)
    """

    def __init__(self, strings: Sequence[str]) -> None:
        if not all(strings):
            raise OptionError("stop: expected a string of at least one character, found none")
        self._strings = tuple(strings)
        self._held = ""
        self.stopped = False

    def feed(self, piece: str) -> str:
        """What of the text may be shown now; nothing any more once it has stopped."""
        if self.stopped:
            return ""
        if not self._strings:
            return piece
        text = self._held + piece
        ends = [place for string in self._strings if (place := text.find(string)) >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)]
        keep = max((self._begun(text, string) for string in self._strings), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back, when the text is over for another reason."""
        held, self._held = self._held, ""
        return held

    @staticmethod
    def _begun(text: str, string: str) -> int:
        """Length of the longest end of the text that is a beginning of the string."""
        longest = min(len(string) - 1, len(text))
        return next((n for n in range(longest, 0, -1) if text.endswith(string[:n])), 0)
