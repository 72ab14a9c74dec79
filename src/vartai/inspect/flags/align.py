"""From values on stretches of text to values on a model's tokens, by character offsets alone.

A value goes to the token that carries it: the last one of the stretch (the first whose state can
have read all of it), the first, or every one. What does not fit is counted and named, never
guessed: a stretch that begins or ends within a token, a token with two values, a stretch where
the model has no token at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vartai.errors import require_range, unknown_name
from vartai.inspect.flags.spans import LabelledText, Span, Trouble

Ints = NDArray[np.int64]

CARRIERS = ("last", "first", "every")
NO_VALUE = -1


class Place(Protocol):
    """A token as far as alignment knows it: ``text[start:end]``."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The character after its last."""


@dataclass(frozen=True, eq=False)
class TokenLabels:
    """A value for each of N tokens, or none.

    Args:
        values: names of the values, in order of their names.
        codes: ``[N]``. Place of each token's value, -1 without one.
        texts: ``[N]``. Place of the text that each token is of.
        words: ``[N]``. What the value was said of, in lower case: the whole stretch for a word,
            the token itself where no stretch is. Equal words are equal numbers.
        covered: ``[N]``, bool. Whether the token is in any stretch with a value.
        trouble: what could not be used.
        carried: whether values are those of words before, several tokens having that of one.
    """

    values: tuple[str, ...]
    codes: Ints
    texts: Ints
    words: Ints
    covered: NDArray[np.bool_]
    trouble: Trouble
    carried: bool = False

    def counts(self) -> dict[str, int]:
        """Tokens of each value."""
        found = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))
        return dict(zip(self.values, found.tolist(), strict=True))


def align(
    texts: Sequence[LabelledText],
    tokens: Sequence[Sequence[Place]],
    *,
    carrier: str = "last",
    outside: str | None = None,
) -> TokenLabels:
    """Give tokens the values of the stretches that they stand in.

    Args:
        texts: with their values.
        tokens: of each text.
        carrier: which token of a stretch has its value: ``last``, ``first`` or ``every``.
        outside: value of the tokens in no stretch; none if not given.

    Raises:
        OptionError: an unknown carrier.
        ValueError: not as many lists of tokens as texts.
    """
    if carrier not in CARRIERS:
        raise unknown_name("carrier", carrier, CARRIERS)
    names = {span.value for text in texts for span in text.spans}
    values = tuple(sorted(names | ({outside} if outside is not None else set())))
    of_outside = NO_VALUE if outside is None else values.index(outside)
    trouble = Trouble()
    words: dict[str, int] = {}
    parts = [
        _Text(text, own, values, words).read(carrier, of_outside, trouble)
        for text, own in zip(texts, tokens, strict=True)
    ]
    sizes = [len(own) for own in tokens]
    codes, kinds, covered = (
        np.concatenate([part[place] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
        for place in range(3)
    )
    return TokenLabels(
        values=values,
        codes=codes,
        texts=np.repeat(np.arange(len(sizes)), sizes),
        words=kinds,
        covered=covered.astype(bool),
        trouble=trouble,
    )


class _Text:
    """One text on its way to values."""

    def __init__(
        self,
        text: LabelledText,
        tokens: Sequence[Place],
        values: tuple[str, ...],
        words: dict[str, int],
    ) -> None:
        self._text = text
        # A token of pairs of bytes may begin with the blank before its word.
        bounds = [_without_blanks(text.text, token.start, token.end) for token in tokens]
        self._starts = np.array([start for start, _ in bounds], dtype=np.int64)
        self._ends = np.array([end for _, end in bounds], dtype=np.int64)
        self._values = values
        self._words = words
        self._kinds = np.array(
            [self._word(start, end) for start, end in bounds], dtype=np.int64
        ).reshape(-1)

    def read(self, carrier: str, outside: int, trouble: Trouble) -> tuple[Ints, Ints, Ints]:
        """Codes, words and whether covered, a token each."""
        count = len(self._starts)
        codes = np.full(count, NO_VALUE, dtype=np.int64)
        covered = np.zeros(count, dtype=np.int64)
        twice = np.zeros(count, dtype=bool)
        for span in self._text.spans:
            inside = self._inside(span, trouble)
            if inside is None:
                continue
            covered[inside] = 1
            chosen = {"last": inside[-1:], "first": inside[:1], "every": inside}[carrier]
            code = self._values.index(span.value)
            twice[chosen] |= (codes[chosen] != NO_VALUE) & (codes[chosen] != code)
            codes[chosen] = code
            self._kinds[chosen] = self._word(span.start, span.end)
        for place in np.flatnonzero(twice).tolist():
            word = self._text.text[self._starts[place] : self._ends[place]]
            trouble.add("a token with two values", line=self._text.line, text=word)
        # The border that a language model reads first is no place in the text.
        codes[(covered == 0) & (self._ends > self._starts)] = outside
        codes[twice] = NO_VALUE
        return codes, self._kinds, covered

    def _inside(self, span: Span, trouble: Trouble) -> Ints | None:
        """Places of the tokens of a stretch, or None where it does not fit them."""
        touched = np.flatnonzero((self._starts < span.end) & (self._ends > span.start))
        word = self._text.text[span.start : span.end]
        if not len(touched):
            trouble.add("no token there", line=self._text.line, text=word)
            return None
        if self._starts[touched].min() < span.start or self._ends[touched].max() > span.end:
            trouble.add("cuts a token", line=self._text.line, text=word)
            return None
        return touched

    def _word(self, start: int, end: int) -> int:
        word = self._text.text[start:end].lower()
        return self._words.setdefault(word, len(self._words))


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    if not inner.strip():
        return start, end
    return start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())


def carried(labels: TokenLabels, *, most: int | None = None) -> TokenLabels:
    """The last value before each token that has none itself: what a state would have to carry.

    Tokens within a stretch that has a value are left out, for there a unit may simply react to
    what it reads. Values do not cross from text to text.

    Args:
        labels: on tokens.
        most: tokens after its stretch that a value is carried to; no limit if not given.

    Raises:
        OptionError: `most` is below 1.
    """
    if most is not None:
        require_range("carried", most, at_least=1)
    codes = np.full_like(labels.codes, NO_VALUE)
    words = labels.words.copy()
    value, word, since, before = NO_VALUE, 0, 0, -1
    for place, (text, code) in enumerate(
        zip(labels.texts.tolist(), labels.codes.tolist(), strict=True)
    ):
        if text != before:
            value, before = NO_VALUE, text
        if labels.covered[place]:
            # Within a later stretch nothing is known until the token that carries its value.
            value, word, since = code, int(labels.words[place]), 0
            continue
        since += 1
        if value != NO_VALUE and (most is None or since <= most):
            codes[place], words[place] = value, word
    return replace(labels, codes=codes, words=words, carried=True)


def select(labels: TokenLabels, *, without: Sequence[str]) -> TokenLabels:
    """The same labels, where some values are none.

    Raises:
        OptionError: there is no such value; lists those there are.
    """
    codes = labels.codes.copy()
    for value in without:
        if value not in labels.values:
            raise unknown_name("value", value, labels.values)
        codes[codes == labels.values.index(value)] = NO_VALUE
    return replace(labels, codes=codes)


def only(labels: TokenLabels, chosen: NDArray[np.bool_]) -> TokenLabels:
    """The labels of some tokens."""
    return replace(
        labels,
        codes=labels.codes[chosen],
        texts=labels.texts[chosen],
        words=labels.words[chosen],
        covered=labels.covered[chosen],
    )
