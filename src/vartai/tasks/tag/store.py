"""Sentences as numbers: any of them, together, as the batch that a tagger reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.batches import TokenStore
from vartai.data.tagged.blocks import Sentence
from vartai.models.tagger import TaggerBatch
from vartai.sequences import SequenceBatch
from vartai.text.affixes import affix_ids
from vartai.text.given import GivenWords

Ids = NDArray[np.int64]


class SentenceStore:
    """Sentences in flat arrays. Each distinct form is spelled out once.

    Args:
        vocabulary: of words, characters and columns.
        sentences: with as many inputs as the vocabulary has columns.
        affixes: longest affix that is read, in characters; 0 for none.
    """

    def __init__(
        self, vocabulary: GivenWords, sentences: Sequence[Sentence], *, affixes: int
    ) -> None:
        places: dict[str, int] = {}
        rows = []
        for sentence in sentences:
            forms = [places.setdefault(word, len(places)) for word in sentence.words]
            columns = [
                vocabulary.column_ids(place, values) for place, values in enumerate(sentence.inputs)
            ]
            ids = vocabulary.word_ids(sentence.words)
            rows.append(np.stack([np.array(forms, dtype=np.int64), ids, *columns], axis=1))
        self._rows = TokenStore(rows)
        self._spelling = TokenStore(vocabulary.character_ids(list(places)))
        self._affixes = np.zeros((len(places), 0), dtype=np.int64)
        if affixes:
            self._affixes = affix_ids(list(map(vocabulary.normal, places)), affixes)
        self.lengths = self._rows.lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, chosen: Ids) -> TaggerBatch:
        """The sentences of these indices, in this order."""
        rows = self._rows.batch(chosen)
        forms, place = torch.unique(rows.data[:, 0], return_inverse=True)
        distinct = forms.numpy()
        return TaggerBatch(
            words=SequenceBatch(rows.data[:, 1:].contiguous(), rows.lengths),
            forms=place,
            characters=self._spelling.batch(distinct),
            affixes=torch.from_numpy(self._affixes[distinct]),
        )
