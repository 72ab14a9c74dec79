"""The text that a token adds to a text, of which nothing is remembered but its end."""

from __future__ import annotations

import codecs

from vartai.text.subwords import SubwordTokenizer, token_bytes
from vartai.text.tokens import Tokenizer
from vartai.text.writing import text_writer


class Spelling:
    """Spells tokens one by one.

    Args:
        tokenizer: of the model.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.spells_bytes = isinstance(tokenizer, SubwordTokenizer)

    def spell(self, token: int, before: str, spelled: bytes) -> tuple[str, str, bytes]:
        """What a token adds.

        Args:
            token: its id.
            before: the last character of the text, if it has one.
            spelled: bytes of a character that is not whole.

        Returns:
            The text added, perhaps none; and `before` and `spelled` after it.
        """
        if not self.spells_bytes:
            added = text_writer(self._tokenizer, after=before).piece(token)
            return added, added[-1:] or before, b""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        added = decoder.decode(spelled + token_bytes(self._tokenizer.vocabulary[token]))
        return added, added[-1:] or before, decoder.getstate()[0]
