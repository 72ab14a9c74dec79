"""What a model reads of each token: its id, and ids of its ends if so chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vartai.errors import OptionError
from vartai.text.affixes import affix_ids
from vartai.text.tokens import Ids, Tokenizer
from vartai.text.words import WordTokenizer


def read_rows(tokenizer: Tokenizer, texts: Sequence[str], *, affixes: int) -> list[Ids]:
    """Ids of the tokens of each text, ``[n]``; with affixes ``[n, 1 + 2·affixes]``, token first.

    Raises:
        InputError: a text holds a lone surrogate, which is not a character.
        OptionError: affixes are asked for, and the tokens are no words.
    """
    ids = tokenizer.encode_ids(texts)
    if affixes == 0:
        return ids
    if not isinstance(tokenizer, WordTokenizer):
        raise OptionError(f"affixes are of words, but the unit is {tokenizer.unit}")
    return [
        np.concatenate([tokens[:, None], affix_ids(words, affixes)], axis=1)
        for tokens, words in zip(ids, tokenizer.words(texts), strict=True)
    ]
