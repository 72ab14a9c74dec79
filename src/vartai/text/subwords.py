"""The bpe unit: byte pairs, merged as often as the vocabulary allows (Sennrich et al. 2016).

The pairs are of bytes, not of characters. A vocabulary of characters would lose every character
that training did not show (an emoji, a name in another script) to the unknown id; 256 bytes can
spell any text there will ever be, and `tokens` puts them back into readable pieces. So nothing is
unknown, and there is nothing to extend.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from vartai.errors import OptionError
from vartai.text.library import (
    checked_pieces,
    encode_ids,
    encode_texts,
    library_json,
    normalizer,
    read_settings,
    require_own_rules,
)
from vartai.text.options import TextOptions
from vartai.text.saved import (
    JsonObject,
    as_list,
    as_object,
    as_text,
    fault,
    field,
    read_vocabulary,
)
from vartai.text.tokens import PADDING_ID, SPECIAL, UNKNOWN_ID, Ids, TokenizedText, look_up

# Merges stay inside a word with the space before it, a number, a run of symbols, or a gap. A word
# is cut after 64 letters: merging takes longer than linear time, and noise has no spaces.
SUBWORD_PATTERN = (
    r" ?[\p{L}\p{M}]{1,64}| ?\p{N}{1,64}| ?[^\s\p{L}\p{M}\p{N}]{1,64}|\s{1,64}(?!\S)|\s{1,64}"
)
_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
SMALLEST = len(SPECIAL) + len(_BYTES)

Merges = Sequence[tuple[str, str]]


class SubwordTokenizer:
    """Byte pairs and their ids. Text is composed (NFC) and, if so chosen, lower-cased first.

    Args:
        vocabulary: every token in the order of the ids, the two special ones first; the bytes
            are written as the characters that the byte-level convention has for them.
        merges: pairs of tokens that become one, in the order of merging.
        lowercase: fold case.
        max_tokens: longest text in tokens; a longer one loses its middle.
    """

    unit = "bpe"
    unknown_id = UNKNOWN_ID

    def __init__(
        self, vocabulary: Sequence[str], merges: Merges, *, lowercase: bool, max_tokens: int
    ) -> None:
        self.vocabulary = tuple(vocabulary)
        self.size = len(self.vocabulary)
        self.merges = tuple(merges)
        self.lowercase = lowercase
        self.max_tokens = max_tokens
        self._library = _library_tokenizer(self.vocabulary, self.merges, lowercase=lowercase)

    def encode(self, texts: Sequence[str]) -> list[TokenizedText]:
        """See `vartai.text.tokens.Tokenizer`."""
        return encode_texts(self._library, texts, self.max_tokens)

    def encode_ids(self, texts: Sequence[str]) -> list[Ids]:
        """See `vartai.text.tokens.Tokenizer`."""
        return encode_ids(self._library, texts, self.max_tokens)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        r"""See `vartai.text.tokens.Tokenizer`. A token that is part of a character reads ``\xc4``.

        The space that begins a word is part of its token.
        """
        numbers = list(ids)
        return [
            token if number in (PADDING_ID, UNKNOWN_ID) else _readable(token)
            for number, token in zip(numbers, look_up(self.vocabulary, numbers), strict=True)
        ]

    def text(self, ids: Iterable[int]) -> str:
        """The text that these ids spell; bytes that make no character become U+FFFD.

        Ids of a text, as `encode_ids` gives them, spell that text, composed (NFC), exactly.

        Raises:
            OptionError: an id is not one of this vocabulary's.
        """
        numbers = [number for number in ids if number not in (PADDING_ID, UNKNOWN_ID)]
        spelled = "".join(look_up(self.vocabulary, numbers))
        return bytes(map(_BYTE_BY_CHARACTER.__getitem__, spelled)).decode(errors="replace")

    def to_json(self) -> str:
        """The `tokenizer.json` of the `tokenizers` library.

        It has no word for cutting out the middle: other readers keep the first `max_tokens`.
        """
        return library_json(self._library, self.max_tokens)

    def extended(
        self,
        texts: Iterable[str],  # noqa: ARG002 - every tokenizer is asked the same way
        options: TextOptions,
    ) -> SubwordTokenizer:
        """The same vocabulary and merges: bytes spell every text, so nothing is new.

        `texts` is not read; `options.max_tokens` is taken over.

        Raises:
            OptionError: unit or case folding differ from this tokenizer's.
        """
        if (options.unit, options.lowercase) != (self.unit, self.lowercase):
            raise OptionError(
                f"byte pairs (lowercase={self.lowercase}) cannot go on with "
                f"unit={options.unit}, lowercase={options.lowercase}"
            )
        if options.max_tokens == self.max_tokens:
            return self
        return SubwordTokenizer(
            self.vocabulary,
            self.merges,
            lowercase=self.lowercase,
            max_tokens=options.max_tokens,
        )


def train_subwords(texts: Iterable[str], options: TextOptions) -> SubwordTokenizer:
    """Merge the commonest pair again and again until the vocabulary is full.

    Raises:
        OptionError: the vocabulary has no room for the bytes.
    """
    if options.vocabulary_size < SMALLEST:
        raise OptionError(
            f"vocabulary_size must be at least {SMALLEST} for bpe (256 bytes and "
            f"{len(SPECIAL)} special tokens), was {options.vocabulary_size}"
        )
    learner = _library_tokenizer([*SPECIAL, *_BYTES], (), lowercase=options.lowercase)
    trainer = trainers.BpeTrainer(
        vocab_size=options.vocabulary_size,
        min_frequency=max(2, options.min_frequency),  # a pair seen once is no pattern
        special_tokens=list(SPECIAL),
        initial_alphabet=_BYTES,
        show_progress=False,
    )
    learner.train_from_iterator(checked_pieces(texts), trainer)
    model = as_object(json.loads(learner.to_str())["model"], "model")
    return SubwordTokenizer(
        read_vocabulary(field(model, "vocab")),
        _read_merges(model),
        lowercase=options.lowercase,
        max_tokens=options.max_tokens,
    )


def load_subwords(saved: JsonObject) -> SubwordTokenizer:
    """Make a tokenizer of its parsed JSON; raises `BundleError` for what is not as it must be."""
    model = as_object(field(saved, "model"), "model")
    vocabulary = read_vocabulary(field(model, "vocab"))
    merges = _read_merges(model)
    known = set(vocabulary)
    for token in _BYTES:
        if token not in known:
            raise fault(f"expected a token for every byte, found none for {token!r}")
    for left, right in merges:
        if not {left, right, left + right} <= known:
            raise fault(f"expected merges of known tokens, found {left!r:.80} with {right!r:.80}")
    lowercase, max_tokens = read_settings(saved)
    tokenizer = SubwordTokenizer(vocabulary, merges, lowercase=lowercase, max_tokens=max_tokens)
    require_own_rules(saved, tokenizer.to_json())
    return tokenizer


def _read_merges(model: JsonObject) -> list[tuple[str, str]]:
    merges = []
    for entry in as_list(field(model, "merges"), "model.merges"):
        pair = as_list(entry, "a merge")
        if len(pair) != 2:
            raise fault(f"expected merges of two tokens, found {len(pair)}")
        merges.append((as_text(pair[0], "a merge"), as_text(pair[1], "a merge")))
    return merges


def _library_tokenizer(vocabulary: Sequence[str], merges: Merges, *, lowercase: bool) -> Tokenizer:
    # The special tokens are not "added" to the library: it would find them in the text. Nor can
    # merges arrive at them, for the pattern never joins a bracket and a letter.
    ids = {token: number for number, token in enumerate(vocabulary)}
    library = Tokenizer(models.BPE(vocab=ids, merges=list(merges)))
    library.normalizer = normalizer(lowercase=lowercase)
    library.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SUBWORD_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return library


def _byte_by_character() -> dict[str, int]:
    """The byte-level convention: printable Latin-1 stands for itself, the rest from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(0x100 + number): byte for number, byte in enumerate(others)}


_BYTE_BY_CHARACTER = _byte_by_character()


def token_bytes(token: str) -> bytes:
    """The bytes that a token of a vocabulary stands for; none for a special one."""
    if token in SPECIAL:
        return b""
    return bytes(_BYTE_BY_CHARACTER[character] for character in token)


def _readable(token: str) -> str:
    return token_bytes(token).decode("utf-8", errors="backslashreplace")
