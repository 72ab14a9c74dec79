r"""Which part of a text that is still growing has tokens that no further text can change.

A text that comes in fragments may be cut anywhere, also inside a token. `settled` says up to where
a pending text can be read at once: its tokens up to there, followed by the tokens of all that comes
later, are the tokens of the whole. What is left stays pending. Each unit has a rule of its own:

- characters: every code point is a token, so all of it.
- words between white space: up to the last white space.
- words: up to the last white space behind which nothing can be joined to what stands before it
  (``<br `` may go on as ``<br />``), or between a closing mark and a letter, for scripts without
  spaces.
- byte pairs: up to the last place where the class of characters changes (letters with their
  marks, numbers, symbols, white space) and no white space stands before it, for a single space
  belongs to what follows; and after every 64 of one class, where a piece ends anyway.

A rule may leave more pending than need be, never less: who waits loses nothing, who reads half a
token is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from vartai.errors import OptionError
from vartai.text.characters import CharacterTokenizer
from vartai.text.spaced import SpacedTokenizer
from vartai.text.subwords import SubwordTokenizer
from vartai.text.tokens import Tokenizer
from vartai.text.words import WordTokenizer

Rule = Callable[[str], int]
"""Number of characters of a pending text that are settled."""

# What the patterns of `words` and `subwords` call white space: Unicode's property of that name.
# Python's own `isspace` knows four control characters more.
_WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IS_WHITE = re.compile(f"[{_WHITE}]")
_OPEN_TAG = re.compile(f"</?[a-zA-Z][a-zA-Z0-9]{{0,9}}[{_WHITE}]+$")
_TAG = 12  # most characters of a tag before its white space
# Marks that a word, a number or a tag may go on behind.
_JOINING = frozenset("'’.,</")
# Letters that Unicode counts to the cluster of whatever stands before them: Thai and Lao AM, and
# the voicing marks of halfwidth Katakana.
_TRAILING = frozenset("\u0e33\u0eb3\uff9e\uff9f")
_PIECE = 64  # characters of one class that `SUBWORD_PATTERN` keeps together


def settling_rule(tokenizer: Tokenizer) -> Rule:
    """The rule of a tokenizer.

    Raises:
        OptionError: there is none for this kind.
    """
    for kind, rule in _RULES:
        if isinstance(tokenizer, kind):
            return rule
    raise OptionError(f"there is no rule for text in fragments with {type(tokenizer).__name__}")


def settled_characters(pending: str) -> int:
    """All of it: see the head of this module."""
    return len(pending)


def settled_between_spaces(pending: str) -> int:
    r"""Up to the last white space, as Python counts it: `vartai.text.spaced` uses its patterns.

    >>> settled_between_spaces("ne blog"), settled_between_spaces("ne blogas\n")
    (3, 10)
    """
    return len(pending) - len(re.split(r"\s", pending)[-1])


def settled_words(pending: str) -> int:
    """Up to the last place where a word of `vartai.text.words` surely ends.

    >>> settled_words("Not bad a"), settled_words("it costs 3."), settled_words("a <br ")
    (8, 9, 2)
    """
    for place in range(len(pending), 0, -1):
        if _ends_word(pending, place):
            return place
    return 0


def _ends_word(text: str, place: int) -> bool:
    last = text[place - 1]
    if _IS_WHITE.match(last):
        # Format characters may take what follows them, even a space, into their cluster.
        kept = text[:place].rstrip()
        joins = bool(kept) and unicodedata.category(kept[-1])[0] == "C"
        tag = _OPEN_TAG.search(unicodedata.normalize("NFC", f"{kept[-_TAG:]} "))
        return not joins and tag is None
    if place == len(text) or last in _JOINING or unicodedata.category(last)[0] not in "PS":
        return False
    following = text[place]
    return unicodedata.category(following)[0] in "LN" and following not in _TRAILING


def settled_subwords(pending: str) -> int:
    """Up to the last place where a piece of `vartai.text.subwords` surely ends.

    >>> settled_subwords("not ba"), settled_subwords("not bad, "), settled_subwords("a  b")
    (3, 8, 1)
    """
    for place in range(len(pending) - 1, 0, -1):
        if _ends_piece(pending, place):
            return place + _whole_pieces(pending[place:])
    return _whole_pieces(pending)


def _ends_piece(text: str, place: int) -> bool:
    before, after = _class(text[place - 1]), _class(text[place])
    return before not in (after, "white", "?") and after != "?" and _begins_anew(text[place])


def _whole_pieces(text: str) -> int:
    """Characters of the pieces of full length that a text of one class begins with."""
    found = 0
    while True:
        piece = re.match(f"[{_WHITE}]?", text[found:]) if _lone_space(text, found) else None
        end = found + _PIECE + (0 if piece is None else piece.end())
        head = text[found:end]
        if len(text) <= end or "İ" in head or not unicodedata.is_normalized("NFC", head):
            return found
        kinds = {_class(character) for character in head[end - found - _PIECE :]}
        if len(kinds) > 1 or "?" in kinds or not _begins_anew(text[end]):
            return found
        if kinds != {_class(text[end])}:
            return found
        found = end


def _lone_space(text: str, place: int) -> bool:
    """Whether a single space stands here that belongs to what follows it."""
    return text[place : place + 1] == " " and _class(text[place + 1 : place + 2] or " ") != "white"


def _class(character: str) -> str:
    """Which part of `SUBWORD_PATTERN` a character belongs to; ``?`` for one not yet assigned."""
    if _IS_WHITE.match(character):
        return "white"
    kind = unicodedata.category(character)
    if kind in ("Cn", "Cs"):
        return "?"
    return {"L": "letter", "M": "letter", "N": "number"}.get(kind[0], "symbol")


def _begins_anew(character: str) -> bool:
    """Whether a character never merges with the one before: no mark, no later part of Hangul."""
    mark = unicodedata.category(character)[0] == "M" or unicodedata.combining(character)
    return not mark and not "\u1160" <= character <= "\u11ff"


_RULES: tuple[tuple[type, Rule], ...] = (
    (CharacterTokenizer, settled_characters),
    (SpacedTokenizer, settled_between_spaces),
    (WordTokenizer, settled_words),
    (SubwordTokenizer, settled_subwords),
)
