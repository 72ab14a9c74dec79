"""What was pushed and cannot be read yet: bytes of a character, characters of a token."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from vartai.errors import InputError
from vartai.text.settling import Rule

LONGEST = 1 << 14
"""Most characters that may be pending: what memory is bounded by."""


@dataclass(frozen=True)
class Pending:
    """The end of a text, not read yet.

    Args:
        held: bytes, at most three, that begin a character of UTF-8.
        text: characters whose tokens more text may change.
    """

    held: bytes = b""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.held or self.text)


def add(pending: Pending, fragment: str | bytes, settled: Rule) -> tuple[str, Pending]:
    """The text that can be read now, and what is still pending.

    Raises:
        InputError: bytes that are not UTF-8, wherever the fragments were cut; text after bytes
            that end within a character; a lone surrogate; or more than `LONGEST` characters
            without an end of a token.
    """
    added, held = _decoded(pending.held, fragment)
    text = pending.text + added
    place = settled(text)
    if len(text) - place > LONGEST:
        raise InputError(
            f"expected the end of a token within {LONGEST:,} characters, found none in "
            f"{len(text) - place:,}; what was pushed last was not taken, and flush() reads what "
            "is pending as it stands"
        )
    return text[:place], Pending(held, text[place:])


def finish(pending: Pending) -> str:
    """All that is pending, as if the text ended here.

    Raises:
        InputError: it ends within a character.
    """
    if pending.held:
        raise InputError(
            f"expected whole characters, found {_hex(pending.held)} at the end, which only begins "
            "one"
        )
    return pending.text


def begins_character(held: bytes) -> bool:
    """Whether these bytes are the beginning of one character of UTF-8, and not the whole."""
    if not held:
        return True
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        return len(held) <= 3 and decoder.decode(held) == ""
    except UnicodeDecodeError:
        return False


def _decoded(held: bytes, fragment: str | bytes) -> tuple[str, bytes]:
    if isinstance(fragment, str):
        if held and fragment:
            raise InputError(
                f"expected the rest of a character that begins with {_hex(held)}, found text; "
                "push bytes or text, not both"
            )
        _require_characters(fragment)
        return fragment, held
    decoder = codecs.getincrementaldecoder("utf-8")()
    whole = held + fragment
    try:
        text = decoder.decode(whole)
    except UnicodeDecodeError as error:
        raise InputError(
            f"expected utf-8, found {_hex(whole[error.start : error.end])} ({error.reason})",
            byte=error.start - len(held),
        ) from None
    return text, decoder.getstate()[0]


def _require_characters(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"character {error.start + 1}: expected a character, found the lone surrogate "
            f"U+{ord(text[error.start]):04X}"
        ) from None


def _hex(raw: bytes) -> str:
    return "byte" + ("s " if len(raw) > 1 else " ") + " ".join(f"0x{byte:02X}" for byte in raw)
