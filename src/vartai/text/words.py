"""The word unit: a token is a word, a number, a tag, or a symbol."""

from __future__ import annotations

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
    split_texts,
)
from vartai.text.options import TextOptions
from vartai.text.saved import JsonObject, as_object, field, read_vocabulary
from vartai.text.tokens import SPECIAL, UNKNOWN, UNKNOWN_ID, Ids, TokenizedText, look_up

LONGEST_WORD = 100  # code points; longer runs without a gap (base64, noise) stay unknown

# Tried in this order at each place; what nothing matches is white space and separates.
WORD_PATTERN = "|".join(
    [
        r"<(?!(?:pad|unk)>)/?[a-zA-Z][a-zA-Z0-9]{0,9}\s*/?>",  # <br />, but never a special token
        r"\p{N}+(?:[.,]\p{N}+)+",  # 3.5 and 1,000
        r"(?:\p{L}\.){2,}",  # U.S., e.g.
        r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*",  # ėjo, don't, l'homme, 1930s, mp3
        r"['’](?i:s|re|ve|ll|d|m)(?![\p{L}\p{M}\p{N}])",  # 's, as tokenized corpora write it
        r"([\p{P}=~+^`|<>$])\1+",  # ... and !!!
        r"(?!\s)\X",  # any other symbol, with all that belongs to it: 👩‍👩‍👧
    ]
)


class WordTokenizer:
    """Words and their ids. Text is composed (NFC) and, if so chosen, lower-cased before look-up.

    Args:
        vocabulary: every token in the order of the ids, the two special ones first.
        lowercase: fold case.
        max_tokens: longest text in tokens; a longer one loses its middle.
    """

    unit = "word"
    unknown_id = UNKNOWN_ID

    def __init__(self, vocabulary: Sequence[str], *, lowercase: bool, max_tokens: int) -> None:
        self.vocabulary = tuple(vocabulary)
        self.size = len(self.vocabulary)
        self.lowercase = lowercase
        self.max_tokens = max_tokens
        self._library = _library_tokenizer(self.vocabulary, lowercase=lowercase)

    def encode(self, texts: Sequence[str]) -> list[TokenizedText]:
        """See `vartai.text.tokens.Tokenizer`."""
        return encode_texts(self._library, texts, self.max_tokens)

    def encode_ids(self, texts: Sequence[str]) -> list[Ids]:
        """See `vartai.text.tokens.Tokenizer`."""
        return encode_ids(self._library, texts, self.max_tokens)

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words that `encode` finds, known or not, as they are looked up.

        Raises:
            InputError: a text holds a lone surrogate, which is not a character.
        """
        return split_texts(self._library, texts, self.max_tokens)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """See `vartai.text.tokens.Tokenizer`."""
        return look_up(self.vocabulary, ids)

    def to_json(self) -> str:
        """The `tokenizer.json` of the `tokenizers` library.

        It has no word for cutting out the middle: other readers keep the first `max_tokens`.
        """
        return library_json(self._library, self.max_tokens)

    def extended(self, texts: Iterable[str], options: TextOptions) -> WordTokenizer:
        """See `vartai.text.tokens.Tokenizer`."""
        if (options.unit, options.lowercase) != (self.unit, self.lowercase):
            raise OptionError(
                f"a vocabulary of words (lowercase={self.lowercase}) cannot be extended with "
                f"unit={options.unit}, lowercase={options.lowercase}"
            )
        known = set(self.vocabulary)
        counted = _counted_words(texts, options, limit=len(known) + options.vocabulary_size)
        room = max(0, options.vocabulary_size - self.size)
        added = [word for word in counted if word not in known][:room]
        return WordTokenizer(
            [*self.vocabulary, *added], lowercase=self.lowercase, max_tokens=options.max_tokens
        )


def train_words(texts: Iterable[str], options: TextOptions) -> WordTokenizer:
    """Count the words of texts and keep the commonest; of equally common ones the first by text."""
    words = _counted_words(texts, options, limit=options.vocabulary_size - len(SPECIAL))
    return WordTokenizer(
        [*SPECIAL, *words], lowercase=options.lowercase, max_tokens=options.max_tokens
    )


def load_words(saved: JsonObject) -> WordTokenizer:
    """Make a tokenizer of its parsed JSON; raises `BundleError` for what is not as it must be."""
    model = as_object(field(saved, "model"), "model")
    vocabulary = read_vocabulary(field(model, "vocab"))
    lowercase, max_tokens = read_settings(saved)
    tokenizer = WordTokenizer(vocabulary, lowercase=lowercase, max_tokens=max_tokens)
    require_own_rules(saved, tokenizer.to_json())
    return tokenizer


def _library_tokenizer(vocabulary: Sequence[str], *, lowercase: bool) -> Tokenizer:
    # The special tokens are not "added" to the library: it would find them in the text.
    ids = {token: number for number, token in enumerate(vocabulary)}
    library = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    library.normalizer = normalizer(lowercase=lowercase)
    library.pre_tokenizer = pre_tokenizers.Split(Regex(WORD_PATTERN), "removed", invert=True)
    return library


def _counted_words(texts: Iterable[str], options: TextOptions, *, limit: int) -> list[str]:
    """The commonest words, most frequent first, ties by code points."""
    counter = _library_tokenizer(SPECIAL, lowercase=options.lowercase)
    trainer = trainers.WordLevelTrainer(
        vocab_size=limit,
        min_frequency=options.min_frequency,
        special_tokens=[],
        show_progress=False,
    )
    counter.train_from_iterator(checked_pieces(texts), trainer)
    ids = counter.get_vocab()
    return [word for word in sorted(ids, key=ids.__getitem__) if len(word) <= LONGEST_WORD]
