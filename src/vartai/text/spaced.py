"""Words as white space leaves them: for corpora that are tokenized already, a sentence a line.

A token is what stands between white space, exactly as it stands, and the end of a line is a token
of its own: so counts of tokens, and perplexities, are those of the literature (Mikolov's Penn
Treebank, WikiText). A word spelled ``<unk>`` is the unknown word.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from vartai.errors import OptionError
from vartai.text.options import TextOptions
from vartai.text.saved import (
    MAX_VOCABULARY,
    JsonObject,
    as_count,
    as_list,
    as_text,
    fault,
    field,
)
from vartai.text.tokens import (
    SPECIAL,
    UNKNOWN,
    UNKNOWN_ID,
    Ids,
    TokenizedText,
    checked,
    look_up,
    without_middle,
)

SAVED_TYPE = "vartai.spaced"
SAVED_VERSION = 1
LINE_END = "\n"

_TOKEN = re.compile(r"\n|[^\s]+")


class SpacedTokenizer:
    """Words between white space, line ends, and their ids.

    Args:
        words: the known words in the order of their ids, from id 2 on.
        lowercase: fold case.
        max_tokens: longest text in tokens; a longer one loses its middle.
    """

    unit = "word"
    unknown_id = UNKNOWN_ID

    def __init__(self, words: Sequence[str], *, lowercase: bool, max_tokens: int) -> None:
        self.vocabulary = (*SPECIAL, *words)
        self.size = len(self.vocabulary)
        self.lowercase = lowercase
        self.max_tokens = max_tokens
        self._ids = {word: number for number, word in enumerate(words, start=len(SPECIAL))}

    def encode(self, texts: Sequence[str]) -> list[TokenizedText]:
        """See `vartai.text.tokens.Tokenizer`."""
        return [self._tokenized(text) for text in checked(texts)]

    def encode_ids(self, texts: Sequence[str]) -> list[Ids]:
        """See `vartai.text.tokens.Tokenizer`."""
        return [
            without_middle(
                self._look_up(spaced_words(text, lowercase=self.lowercase)), self.max_tokens
            )
            for text in checked(texts)
        ]

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """See `vartai.text.tokens.Tokenizer`."""
        return look_up(self.vocabulary, ids)

    def to_json(self) -> str:
        """An object with type, version, lowercase, max_tokens and the words in order of ids."""
        return json.dumps(
            {
                "type": SAVED_TYPE,
                "version": SAVED_VERSION,
                "lowercase": self.lowercase,
                "max_tokens": self.max_tokens,
                "words": self.vocabulary[len(SPECIAL) :],
            },
            ensure_ascii=False,
        )

    def extended(self, texts: Iterable[str], options: TextOptions) -> SpacedTokenizer:
        """See `vartai.text.tokens.Tokenizer`."""
        if (options.unit, options.lowercase) != (self.unit, self.lowercase):
            raise OptionError(
                f"a vocabulary of words (lowercase={self.lowercase}) cannot be extended with "
                f"unit={options.unit}, lowercase={options.lowercase}"
            )
        room = max(0, options.vocabulary_size - self.size)
        added = [word for word in _counted(texts, options) if word not in self._ids][:room]
        words = [*self.vocabulary[len(SPECIAL) :], *added]
        return SpacedTokenizer(words, lowercase=self.lowercase, max_tokens=options.max_tokens)

    def _look_up(self, words: Iterator[str]) -> Ids:
        ids = self._ids
        return np.fromiter((ids.get(word, UNKNOWN_ID) for word in words), dtype=np.int64)

    def _tokenized(self, text: str) -> TokenizedText:
        ids = self._look_up(spaced_words(text, lowercase=self.lowercase))
        spans = [found.span() for found in _TOKEN.finditer(text)]
        offsets = np.array(spans, dtype=np.int64).reshape(-1, 2)
        return TokenizedText(
            ids=without_middle(ids, self.max_tokens),
            offsets=without_middle(offsets, self.max_tokens),
            cut=max(0, len(ids) - self.max_tokens),
        )


def spaced_words(text: str, *, lowercase: bool) -> Iterator[str]:
    r"""The tokens of a text.

    >>> list(spaced_words(" Ne blogas \nN", lowercase=False))
    ['Ne', 'blogas', '\n', 'N']
    """
    for found in _TOKEN.finditer(text):
        yield found[0].lower() if lowercase else found[0]


def train_spaced(texts: Iterable[str], options: TextOptions) -> SpacedTokenizer:
    """Count the words of texts and keep the commonest; of equally common ones the first by text."""
    words = _counted(texts, options)[: options.vocabulary_size - len(SPECIAL)]
    return SpacedTokenizer(words, lowercase=options.lowercase, max_tokens=options.max_tokens)


def load_spaced(saved: JsonObject) -> SpacedTokenizer:
    """Make a tokenizer of its parsed JSON; raises `BundleError` for what is not as it must be."""
    version = as_count(field(saved, "version"), "version", least=1)
    if version != SAVED_VERSION:
        raise fault(f"expected version {SAVED_VERSION}, found {version}")
    lowercase = field(saved, "lowercase")
    if not isinstance(lowercase, bool):
        raise fault(f"expected lowercase to be true or false, found {lowercase!r:.80}")
    words = [as_text(word, "a word") for word in as_list(field(saved, "words"), "words")]
    if len(words) > MAX_VOCABULARY:
        raise fault(f"expected at most {MAX_VOCABULARY} words, found {len(words)}")
    for word in words:
        if list(spaced_words(word, lowercase=lowercase)) != [word] or word in SPECIAL:
            raise fault(f"expected words without white space, found {word!r:.80}")
    if len(set(words)) != len(words):
        raise fault("expected each of the words once, found some twice")
    max_tokens = as_count(field(saved, "max_tokens"), "max_tokens", least=2)
    return SpacedTokenizer(words, lowercase=lowercase, max_tokens=max_tokens)


def _counted(texts: Iterable[str], options: TextOptions) -> list[str]:
    """Words seen often enough, most frequent first, ties by code points."""
    counts: Counter[str] = Counter()
    for text in checked(texts):
        counts.update(spaced_words(text, lowercase=options.lowercase))
    del counts[UNKNOWN]
    known = [word for word, times in counts.items() if times >= options.min_frequency]
    return sorted((word for word in known if word not in SPECIAL), key=lambda w: (-counts[w], w))
