"""Words that come ready cut: ids of the words, of their characters, and of what else is known.

A tagger must answer for every word it is given, so nothing is cut anew here, and a word never seen
still has its characters. What a form is made of is found once for each distinct form.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from vartai.errors import OptionError
from vartai.text.characters import CharacterTokenizer
from vartai.text.saved import (
    JsonObject,
    as_count,
    as_list,
    as_text,
    fault,
    field,
    read_object,
)
from vartai.text.tokens import SPECIAL, UNKNOWN_ID, Ids

SAVED_TYPE = "vartai.given-words"
SAVED_VERSION = 1
_MOST_WORDS = 1 << 20
_MOST_COLUMNS = 64


class GivenWords:
    """Vocabularies of words, characters and extra columns.

    Args:
        words: known words in the order of their ids, from id 2 on.
        characters: known characters in the order of their ids, from id 2 on.
        columns: for each extra column its known values in the order of their ids, from id 2 on.
        lowercase: words are looked up in lower case; characters never are.
        max_characters: a longer word loses its middle, for its characters only.
        rare: words that were seen too, but have no id of their own.
    """

    unknown_id = UNKNOWN_ID

    def __init__(
        self,
        words: Sequence[str],
        characters: str,
        columns: Sequence[Sequence[str]],
        *,
        lowercase: bool,
        max_characters: int,
        rare: Sequence[str] = (),
    ) -> None:
        self.words = tuple(words)
        self.rare = tuple(rare)
        self.columns = tuple(map(tuple, columns))
        self.lowercase = lowercase
        self.max_characters = max_characters
        self._characters = CharacterTokenizer(characters, max_tokens=max_characters)
        self._ids = _ids(self.words)
        self._rare = frozenset(self.rare)
        self._column_ids = tuple(map(_ids, self.columns))

    @property
    def size(self) -> int:
        """Ids of words, the two special ones counted."""
        return len(self.words) + len(SPECIAL)

    @property
    def characters_size(self) -> int:
        """Ids of characters, the two special ones counted."""
        return self._characters.size

    @property
    def column_sizes(self) -> tuple[int, ...]:
        """Ids of each extra column, the two special ones counted."""
        return tuple(len(column) + len(SPECIAL) for column in self.columns)

    def tokens(self) -> tuple[str, ...]:
        """Every word in the order of the ids, the special ones first."""
        return (*SPECIAL, *self.words)

    def normal(self, word: str) -> str:
        """A word as it is looked up: composed, and in lower case if so chosen."""
        composed = unicodedata.normalize("NFC", word)
        return composed.lower() if self.lowercase else composed

    @property
    def characters(self) -> str:
        """Known characters in the order of their ids, without the special ones."""
        return "".join(self._characters.vocabulary[len(SPECIAL) :])

    def has_seen(self, word: str) -> bool:
        """Whether the word, as it is looked up, was there in training."""
        normal = self.normal(word)
        return normal in self._ids or normal in self._rare

    def word_ids(self, words: Sequence[str]) -> Ids:
        """``[n]``: the id of each word."""
        ids = self._ids
        found = (ids.get(self.normal(word), UNKNOWN_ID) for word in words)
        return np.fromiter(found, dtype=np.int64, count=len(words))

    def column_ids(self, place: int, values: Sequence[str]) -> Ids:
        """``[n]``: the id of each value of an extra column."""
        ids = self._column_ids[place]
        found = (ids.get(value, UNKNOWN_ID) for value in values)
        return np.fromiter(found, dtype=np.int64, count=len(values))

    def character_ids(self, forms: Sequence[str]) -> list[Ids]:
        """For each form the ids of its characters, composed, at most `max_characters`."""
        return self._characters.encode_ids([unicodedata.normalize("NFC", form) for form in forms])

    def extended(self, other: GivenWords) -> GivenWords:
        """These vocabularies and then what only `other` has; every id of these stays.

        Raises:
            OptionError: words are looked up in another way there, or the columns are others.
        """
        if (self.lowercase, len(self.columns)) != (other.lowercase, len(other.columns)):
            raise OptionError(
                f"a vocabulary with lowercase={self.lowercase} and {len(self.columns)} columns "
                f"cannot be extended by one with lowercase={other.lowercase} and "
                f"{len(other.columns)}"
            )
        words = _joined(self.words, other.words)
        return GivenWords(
            words,
            "".join(_joined(self.characters, other.characters)),
            [_joined(own, new) for own, new in zip(self.columns, other.columns, strict=True)],
            lowercase=self.lowercase,
            max_characters=other.max_characters,
            rare=sorted({*self.rare, *other.rare} - set(words)),
        )

    def to_json(self) -> str:
        """An object with type, version and the arguments of this class by name."""
        return json.dumps(
            {
                "type": SAVED_TYPE,
                "version": SAVED_VERSION,
                "lowercase": self.lowercase,
                "max_characters": self.max_characters,
                "words": list(self.words),
                "rare": list(self.rare),
                "characters": self.characters,
                "columns": [list(column) for column in self.columns],
            },
            ensure_ascii=False,
        )


def count_given_words(
    sentences: Iterable[Sequence[str]],
    columns: Sequence[Iterable[str]],
    *,
    lowercase: bool,
    max_characters: int,
    vocabulary_size: int,
    min_frequency: int,
) -> GivenWords:
    """Learn vocabularies. The same sentences, in any order, give the same ones.

    Args:
        sentences: of words.
        columns: all values of each extra column.
        lowercase: look words up in lower case.
        max_characters: longest word for its characters.
        vocabulary_size: most word ids, the two special ones counted.
        min_frequency: words seen more seldom are unknown.

    Raises:
        OptionError: `vocabulary_size` leaves no room for words.
    """
    if vocabulary_size <= len(SPECIAL):
        raise OptionError(f"vocabulary_size must be above {len(SPECIAL)}, was {vocabulary_size}")
    empty = GivenWords((), "", (), lowercase=lowercase, max_characters=max_characters)
    forms = Counter(word for sentence in sentences for word in sentence)
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for form, times in forms.items():
        words[empty.normal(form)] += times
        for character in unicodedata.normalize("NFC", form):
            characters[character] += times
    kept = _commonest(words, at_least=min_frequency)[: vocabulary_size - len(SPECIAL)]
    return GivenWords(
        kept,
        "".join(_commonest(characters, at_least=1)),
        [_commonest(Counter(column), at_least=1) for column in columns],
        lowercase=lowercase,
        max_characters=max_characters,
        rare=sorted(words.keys() - set(kept)),
    )


def load_given_words(json_text: str) -> GivenWords:
    """Make vocabularies of what `GivenWords.to_json` wrote, each part checked.

    Raises:
        BundleError: the text is damaged, foreign, too large, or of another version.
    """
    saved = read_object(json_text)
    if field(saved, "type") != SAVED_TYPE:
        raise fault(f"expected the type {SAVED_TYPE!r}, found {saved['type']!r:.80}")
    version = as_count(field(saved, "version"), "version", least=1)
    if version != SAVED_VERSION:
        raise fault(f"expected version {SAVED_VERSION}, found {version}")
    lowercase = field(saved, "lowercase")
    if not isinstance(lowercase, bool):
        raise fault(f"expected lowercase to be true or false, found {lowercase!r:.80}")
    characters = as_text(field(saved, "characters"), "characters")
    _require_distinct(list(characters), "characters")
    columns = as_list(field(saved, "columns"), "columns")
    if len(columns) > _MOST_COLUMNS:
        raise fault(f"expected at most {_MOST_COLUMNS} columns, found {len(columns)}")
    names = [f"column {place}" for place in range(1, len(columns) + 1)]
    return GivenWords(
        _texts(saved, "words"),
        characters,
        [_distinct_texts(column, name) for column, name in zip(columns, names, strict=True)],
        lowercase=lowercase,
        max_characters=as_count(field(saved, "max_characters"), "max_characters", least=2),
        rare=_texts(saved, "rare"),
    )


def _texts(saved: JsonObject, name: str) -> list[str]:
    return _distinct_texts(field(saved, name), name)


def _distinct_texts(value: object, name: str) -> list[str]:
    values = as_list(value, name)  # type: ignore[arg-type]
    if len(values) > _MOST_WORDS:
        raise fault(f"expected at most {_MOST_WORDS:,} {name}, found {len(values):,}")
    texts = [as_text(each, f"each of {name}") for each in values]
    _require_distinct(texts, name)
    return texts


def _require_distinct(values: Sequence[str], name: str) -> None:
    if len(set(values)) < len(values):
        raise fault(f"expected each of the {name} once, found some twice")


def _ids(values: Sequence[str]) -> dict[str, int]:
    return {value: place for place, value in enumerate(values, start=len(SPECIAL))}


def _joined(known: Sequence[str], new: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*known, *new)))


def _commonest(counts: Counter[str], *, at_least: int) -> list[str]:
    """Most frequent first, ties by code points."""
    kept = [value for value, times in counts.items() if times >= at_least]
    return sorted(kept, key=lambda value: (-counts[value], value))
