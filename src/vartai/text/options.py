"""How text becomes ids: the part of every task's configuration that concerns tokens."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import OptionError, require_range, unknown_name

UNITS = ("word", "char", "bpe")
LONGEST_AFFIX = 8


@dataclass(frozen=True, kw_only=True)
class TextOptions:
    """Tokens and vocabulary.

    Attributes:
        unit: what one step of the network reads: word, char or bpe.
        lowercase: fold case before anything else (word and bpe units).
        vocabulary_size: most distinct tokens kept, the two special ones included; the commonest
            stay.
        min_frequency: a token seen fewer times than this in training is unknown. What was seen once
            teaches nothing about itself, but what to make of a word never seen.
        max_tokens: longest text in tokens; of a longer one its first half and last half of this
            many are kept, and the number of such texts is printed.
        affixes: longest prefix and suffix, in characters, that have vectors of their own beside the
            word's (word unit); 0 for none. A word never seen is then still read by its ends.
        fix_text: mend text that was decoded with the wrong encoding (`ftfy`); texts that cannot
            be mended whole are counted and left as they were.
    """

    unit: str = "word"
    lowercase: bool = True
    vocabulary_size: int = 100_000
    min_frequency: int = 2
    max_tokens: int = 1_000
    affixes: int = 0
    fix_text: bool = False

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise unknown_name("unit", self.unit, UNITS)
        if self.vocabulary_size < 3:
            raise OptionError(f"vocabulary_size must be at least 3, was {self.vocabulary_size}")
        if self.min_frequency < 1:
            raise OptionError(f"min_frequency must be at least 1, was {self.min_frequency}")
        if self.max_tokens < 2:
            raise OptionError(f"max_tokens must be at least 2, was {self.max_tokens}")
        require_range("affixes", self.affixes, at_least=0, below=LONGEST_AFFIX + 1)
        if self.affixes and self.unit != "word":
            raise OptionError(f"affixes are of words, but unit is {self.unit}")
