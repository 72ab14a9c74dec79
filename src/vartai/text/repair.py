"""Text that was decoded with the wrong encoding: recognised, and mended where it can be whole.

UTF-8 read as Windows-1252 turns ``Prieš`` into ``PrieÅ¡``. The damage can be undone exactly as
long as no byte was lost; but Windows-1252 has no character for five bytes, and where a program
dropped those (``č`` is C4 8D, so ``taip pat čia`` became ``taip pat Äia``) nothing can bring the
letter back. Each text is therefore one of three things:

    clean    nothing suspicious: the text as it came
    mended   every mis-decoded character was turned back
    lost     mis-decoded, but some of it is gone: the text as it came, not half of it mended

`ftfy` knows the encodings that get confused and when a text looks wrong; of its many repairs only
those of the encoding are used here (quotes, ligatures, entities and line breaks stay), and never
its guesses at lost bytes. It overlooks texts with few traces (``ląstelė`` as ``lÄ…stelÄ—``), so a
few signs of our own, impossible or nearly so in real writing, stand beside its judgement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import ftfy
from ftfy.badness import is_bad

MAX_LAYERS = 4  # text mis-decoded, saved, and mis-decoded again, this many times over

_CODEC = "sloppy-windows-1252"  # of ftfy: the five undefined bytes become U+0081, U+008D, …
_CONTINUATION = re.escape(bytes(range(0x80, 0xC0)).decode(_CODEC)) + "\x80-\x9f"
_NEVER_AFTER_A_LETTER = "¡-ª¬¯±\xb4-¶\xb8-º¼-¿ŒŽŠžšœŸ\u2039\u201a„ƒˆ\u02dc†‡€"
_LOWER = "a-zß-öø-ÿ"

# How the letters of U+00C0 to U+017F (UTF-8: C3, C4 or C5 and one more byte) look when mis-decoded.
# The pairs are common enough in Latin-script languages, and too short for ftfy to be sure.
_SIGNS = re.compile(
    "[\ufffd\x80-\x9f]"  # the mark of a failed decoding; control characters nobody writes
    f"|(?<=[{_LOWER}])[ÃÄÅ]"  # a capital inside a word: kÄ—, or a lost letter: krypÄiai
    f"|[ÃÄÅ][{_NEVER_AFTER_A_LETTER}]"  # Å¡
    f"|[ÃÄÅ](?!\xa0)[{_CONTINUATION}](?=[^\\W\\d_])"  # punctuation inside a word: Ä—jo
    f"|(?:[ÃÄÅ][{_CONTINUATION}]){{2}}"
    f"|(?<!\\d[ \xa0])(?<!\\w)Å\xa0(?=[{_LOWER}])"  # Šis; but not 5 Å thick
)
_SEQUENCE = re.compile(
    f"[\xc2-\xdf][{_CONTINUATION}]"
    f"|[\xe0-\xef][{_CONTINUATION}]{{2}}"
    f"|[\xf0-\xf4][{_CONTINUATION}]{{3}}"
)
_LEAD = re.compile("[\xc2-\xf4\ufffd\x80-\x9f]")
_ENCODING_ONLY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    restore_byte_a0=False,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)


@dataclass(frozen=True)
class Mending:
    """What became of one text.

    Attributes:
        text: the text to go on with; as it came unless `state` is ``mended``.
        state: clean, mended or lost.
    """

    text: str
    state: Literal["clean", "mended", "lost"]


def is_misdecoded(text: str) -> bool:
    """Whether a text shows signs of having been decoded with the wrong encoding.

    Plain ASCII is answered at once.

    >>> is_misdecoded("PrieÅ¡ paskaitÄ…"), is_misdecoded("Prieš paskaitą")
    (True, False)
    """
    if text.isascii():
        return False
    return _SIGNS.search(text) is not None or is_bad(text)


def mend_text(text: str) -> Mending:
    """Turn mis-decoded text back into what was written, wholly or not at all.

    Args:
        text: one text; texts of different origin (lines, rows) should come one by one, since one
            lost letter keeps all of a text from being mended.

    Returns:
        The text and what it was found to be.

    >>> mend_text("lÄ…stelÄ—s")
    Mending(text='ląstelės', state='mended')
    >>> mend_text("DvikrypÄiai ląstelės")
    Mending(text='DvikrypÄiai ląstelės', state='lost')
    """
    if not is_misdecoded(text):
        return Mending(text, "clean")
    layer = text
    for _ in range(MAX_LAYERS):
        mended = _mend_one_layer(layer)
        if mended is None or mended == layer:
            break
        if not is_misdecoded(mended):
            return Mending(mended, "mended")
        layer = mended
    return Mending(text, "lost")


def _mend_one_layer(text: str) -> str | None:
    """Undo one wrong decoding; None where that cannot be done without a remainder."""
    if "\ufffd" in text:
        return None
    mended = _as_utf8(text)
    if mended is None:
        mended = ftfy.fix_encoding(text, _ENCODING_ONLY)
    if mended == text:
        mended = _mend_sequences(text)
    return mended


def _as_utf8(text: str) -> str | None:
    """The text if all of it is UTF-8 read as Windows-1252 or Latin-1; else None."""
    for codec in (_CODEC, "latin-1"):
        try:
            return text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
    return None


def _mend_sequences(text: str) -> str | None:
    """Mend a text of which part was decoded rightly (``→``, ``ą``), if nothing else is left over.

    A character that could be the first of a mis-decoded sequence and stands alone may be all that
    is left of a letter. It may also be a sound ``é``: who can tell? So the text counts as lost.
    """
    if _LEAD.search(_SEQUENCE.sub("", text)):
        return None
    try:
        return _SEQUENCE.sub(lambda found: found[0].encode(_CODEC).decode("utf-8"), text)
    except UnicodeError:
        return None
