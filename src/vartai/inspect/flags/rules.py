"""Values that the text itself gives: a regular expression, quotes, brackets, scope of negation.

Each is a stated rule, simple enough to be applied by hand, and knows nothing of meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import regex

from vartai.errors import OptionError, unknown_name
from vartai.inspect.flags.spans import LabelledText, Span, Trouble

INSIDE, OUTSIDE = "inside", "outside"

_BRACKETS = {"(": ")", "[": "]", "{": "}"}
# The Lithuanian and German „…“ closes with what opens an English “…”.
_QUOTES = {"„": "“”", "“": "”", "«": "»", '"': '"', "”": "”"}

# A negator opens a scope. The prefix ne- of Lithuanian verbs and adjectives is not among them: no
# rule tells nebuvo from nes or nendrė without a dictionary.
NEGATORS: Final[dict[str, tuple[str, ...]]] = {
    "english": (
        "not",
        "no",
        "never",
        "none",
        "nobody",
        "nothing",
        "nowhere",
        "neither",
        "nor",
        "without",
        "cannot",
    ),
    "lithuanian": (
        "ne",
        "nė",
        "nei",
        "nėra",
        "nebe",
        "nebėra",
        "niekas",
        "nieko",
        "niekam",
        "nieką",
        "niekuo",
        "niekur",
        "niekada",
        "niekados",
        "niekaip",
        "be",
    ),
}
_SHORT_NOT = r"\w+n['’]t|n['’]t"
_SCOPE_ENDS = re.compile(r"[.,;:!?…()\[\]{}\"„“”«»—–\n]")


# Some expressions take a time that doubles with every letter: (a+)+b on a row of a.
_SECONDS_A_TEXT = 2.0


def matches(text: str, pattern: regex.Pattern[str]) -> list[Span]:
    """Stretches that a regular expression finds; empty ones are none.

    Raises:
        OptionError: it has not done with this text in two seconds.

    >>> matches("du 12", compile_pattern("[0-9]+"))
    [Span(start=3, end=5, value='inside')]
    """
    try:
        found = list(pattern.finditer(text, timeout=_SECONDS_A_TEXT))
    except TimeoutError:
        raise OptionError(
            f"pattern {pattern.pattern!r} takes more than {_SECONDS_A_TEXT:.0f} s on a text that "
            f"begins {text[:30]!r}; a repetition inside a repetition often does that"
        ) from None
    return [Span(*one.span(), INSIDE) for one in found if one.end() > one.start()]


def compile_pattern(pattern: str) -> regex.Pattern[str]:
    """A regular expression, in Python's notation.

    Raises:
        OptionError: it is none; says where and why.
    """
    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise OptionError(f"pattern {pattern!r} is no regular expression: {error}") from None


def quoted(text: str) -> tuple[list[Span], int]:
    """Quotations, and how many opening marks have no closing one.

    A stretch begins with its opening mark and ends before the closing one, as a state that knows
    the mark would: whoever has read the closing mark is outside. Quotations do not nest.

    >>> quoted("„Taip“, tarė")
    ([Span(start=0, end=5, value='inside')], 0)
    """
    spans, opened = [], -1
    for place, sign in enumerate(text):
        if opened >= 0:
            if sign in _QUOTES[text[opened]]:
                spans.append(Span(opened, place, INSIDE))
                opened = -1
        elif sign in _QUOTES:
            opened = place
    return spans, int(opened >= 0)


def bracketed(text: str) -> tuple[list[Span], int]:
    """Bracketed stretches, the outermost, and how many brackets have no partner.

    As in `quoted` the opening sign is inside, the closing one outside.

    >>> bracketed("a (b [c]) d")
    ([Span(start=2, end=8, value='inside')], 0)
    """
    spans, alone = [], 0
    open_at: list[int] = []
    for place, sign in enumerate(text):
        if sign in _BRACKETS:
            open_at.append(place)
        elif sign in _BRACKETS.values():
            if not open_at or _BRACKETS[text[open_at[-1]]] != sign:
                alone += 1
                continue
            start = open_at.pop()
            if not open_at:
                spans.append(Span(start, place, INSIDE))
    return spans, alone + len(open_at)


def negated(text: str, language: str) -> list[Span]:
    """Scopes of negation: from a negator to before the next punctuation, or to the end.

    Raises:
        OptionError: a language without a list of negators.

    >>> negated("It was not good, alas.", "english")
    [Span(start=7, end=15, value='inside')]
    """
    if language not in NEGATORS:
        raise unknown_name("language of negators", language, NEGATORS)
    spans: list[Span] = []
    for found in _negator(language).finditer(text):
        if spans and found.start() < spans[-1].end:
            continue
        end = _SCOPE_ENDS.search(text, found.end())
        stop = len(text) if end is None else end.start()
        spans.append(
            Span(found.start(), found.start() + len(text[found.start() : stop].rstrip()), INSIDE)
        )
    return spans


def _negator(language: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, NEGATORS[language]))
    short = f"|{_SHORT_NOT}" if language == "english" else ""
    return re.compile(rf"(?<!\w)(?:{words}{short})(?!\w)", re.IGNORECASE)


SCOPES = ("quotes", "brackets", *(f"negation:{language}" for language in NEGATORS))


def label_scopes(
    texts: Sequence[tuple[int, str]], scope: str
) -> tuple[list[LabelledText], Trouble]:
    """Texts with the stretches inside quotes, brackets or the scope of a negation.

    A text in which a mark has no partner is left out and counted: where it is inside, nobody knows.

    Args:
        texts: line and text.
        scope: one of `SCOPES`.

    Raises:
        OptionError: an unknown scope.
    """
    if scope not in SCOPES:
        raise unknown_name("scope", scope, SCOPES)
    kind, _, language = scope.partition(":")
    rules: dict[str, Callable[[str], tuple[list[Span], int]]] = {
        "quotes": quoted,
        "brackets": bracketed,
        "negation": lambda text: (negated(text, language), 0),
    }
    found, trouble = [], Trouble()
    for line, text in texts:
        spans, alone = rules[kind](text)
        if alone:
            trouble.add(f"{kind} without a partner", line=line, text=text)
        else:
            found.append(LabelledText(text, tuple(spans), line))
    return found, trouble


def label_matches(texts: Sequence[tuple[int, str]], pattern: str) -> list[LabelledText]:
    """Texts with the stretches that a regular expression finds.

    Raises:
        OptionError: it is no regular expression.
    """
    compiled = compile_pattern(pattern)
    return [LabelledText(text, tuple(matches(text, compiled)), line) for line, text in texts]
