"""Captions as words and back.

Words come out as they are in the vocabulary, with single spaces; a mark that closes stands at the
word before it. That is all that is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vartai.tasks.caption.config import CaptionWords
from vartai.text.options import TextOptions
from vartai.text.tokens import Ids
from vartai.text.words import WordTokenizer, train_words

_NO_LIMIT = 1 << 30  # who has a limit leaves captions out, and does not cut their middle
_CLOSING = re.compile(r" (?=[.,;:!?%)\]}](?: |$)|['’](?:s|re|ve|ll|d|m)(?: |$))")


def train_caption_words(captions: Iterable[str], options: CaptionWords) -> WordTokenizer:
    """The vocabulary of captions.

    Raises:
        InputError: a caption holds a lone surrogate, which is not a character.
    """
    settings = TextOptions(
        unit="word",
        lowercase=options.lowercase,
        vocabulary_size=options.vocabulary_size,
        min_frequency=options.min_frequency,
        max_tokens=_NO_LIMIT,
    )
    return train_words(captions, settings)


def encode_captions(tokenizer: WordTokenizer, captions: Sequence[str]) -> list[Ids]:
    """Ids of each caption."""
    return tokenizer.encode_ids(captions)


def join_words(words: Iterable[str]) -> str:
    """Words as a sentence.

    >>> join_words(["a", "dog", ",", "running", ".", "it", "'s", "wet"])
    "a dog, running. it's wet"
    """
    return _CLOSING.sub("", " ".join(words))
