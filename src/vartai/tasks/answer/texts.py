"""Questions as the two models read them: token ids, forms, features; lines of stories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.batches import TokenStore
from vartai.models.reader import FEATURES, ReaderBatch
from vartai.models.story_reader import StoryBatch
from vartai.text.characters import CharacterTokenizer
from vartai.text.tokens import TokenizedText, Tokenizer

Ids = NDArray[np.int64]


class Asked(NamedTuple):
    """A context and a question about it."""

    context: str
    question: str


class _Forms:
    """Distinct words as they are written, and the number of each; and of each when folded."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.folded: dict[str, int] = {}
        self.fold: list[int] = []

    def number(self, text: str, offsets: Ids) -> Ids:
        """The numbers of the tokens at these places of a text."""
        found = np.empty(len(offsets), dtype=np.int64)
        for place, (first, end) in enumerate(offsets.tolist()):
            word = text[first:end]
            number = self.words.get(word)
            if number is None:
                number = self.words[word] = len(self.words)
                self.fold.append(self.folded.setdefault(word.lower(), len(self.folded)))
            found[place] = number
        return found


class _Text(NamedTuple):
    """A context or question: ids of its tokens, where they stand, and what they look like."""

    ids: Ids
    offsets: Ids
    forms: Ids
    shares: NDArray[np.float32]


class SpanTexts:
    """Questions about passages, ready to be put into batches.

    Args:
        tokenizer: of words.
        characters: of their characters.
        asked: the questions; contexts that are equal are kept once.
    """

    def __init__(
        self, tokenizer: Tokenizer, characters: CharacterTokenizer, asked: Sequence[Asked]
    ) -> None:
        forms = _Forms()
        contexts = list(dict.fromkeys(each.context for each in asked))
        places = {context: place for place, context in enumerate(contexts)}
        questions = [each.question for each in asked]
        self._contexts = _read(contexts, tokenizer.encode(contexts), forms)
        self._questions = _read(questions, tokenizer.encode(questions), forms)
        self._context_of = [places[each.context] for each in asked]
        self._spelled = TokenStore(characters.encode_ids(list(forms.words)))
        self._fold = np.array(forms.fold, dtype=np.int64)
        self.lengths: Ids = np.array(
            [len(self.context(place).ids) for place in range(len(asked))], dtype=np.int64
        )

    def __len__(self) -> int:
        return len(self._questions)

    def context(self, place: int) -> _Text:
        """The context of a question."""
        return self._contexts[self._context_of[place]]

    def batch(self, chosen: Ids) -> ReaderBatch:
        """The questions of these indices, in this order."""
        passages = [self.context(int(place)) for place in chosen]
        questions = [self._questions[int(place)] for place in chosen]
        written = np.concatenate(
            [text.forms for text in (*passages, *questions)] or [np.zeros(0, dtype=np.int64)]
        )
        distinct, numbers = np.unique(written, return_inverse=True)
        split = sum(len(text.forms) for text in passages)
        everything = np.arange(len(chosen))
        return ReaderBatch(
            passages=TokenStore([text.ids for text in passages]).batch(everything),
            passage_forms=torch.from_numpy(numbers[:split]),
            features=torch.from_numpy(self._features(passages, questions)),
            questions=TokenStore([text.ids for text in questions]).batch(everything),
            question_forms=torch.from_numpy(numbers[split:]),
            forms=self._spelled.batch(distinct),
        )

    def _features(
        self, passages: Sequence[_Text], questions: Sequence[_Text]
    ) -> NDArray[np.float32]:
        rows = [np.zeros((0, FEATURES), dtype=np.float32)]
        for passage, question in zip(passages, questions, strict=True):
            columns = (
                np.isin(passage.forms, question.forms),
                np.isin(self._fold[passage.forms], self._fold[question.forms]),
                passage.shares,
            )
            rows.append(np.stack(columns, axis=1).astype(np.float32))
        return np.concatenate(rows)


def _read(texts: Sequence[str], tokenized: Sequence[TokenizedText], forms: _Forms) -> list[_Text]:
    made = []
    for text, tokens in zip(texts, tokenized, strict=True):
        numbers = forms.number(text, tokens.offsets)
        _, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        shares = (counts[place] / max(1, len(numbers))).astype(np.float32)
        made.append(_Text(tokens.ids, tokens.offsets, numbers, shares))
    return made


class StoryTexts:
    """Questions about stories, ready to be put into batches.

    Args:
        tokenizer: of words.
        asked: the questions; each line of a context that is not blank is a line of the story.
    """

    def __init__(self, tokenizer: Tokenizer, asked: Sequence[Asked]) -> None:
        numbers: dict[str, int] = {}
        stories = [
            np.array(
                [
                    numbers.setdefault(line, len(numbers))
                    for line in each.context.splitlines()
                    if line.strip()
                ],
                dtype=np.int64,
            )
            for each in asked
        ]
        self._lines = TokenStore(tokenizer.encode_ids(list(numbers)))
        self._stories = TokenStore(stories)
        self._questions = TokenStore(tokenizer.encode_ids([each.question for each in asked]))
        # Tokens of each story, its question included.
        self.lengths: Ids = self._questions.lengths + np.array(
            [int(self._lines.lengths[story].sum()) for story in stories], dtype=np.int64
        )

    def __len__(self) -> int:
        return len(self._questions)

    def batch(self, chosen: Ids) -> StoryBatch:
        """The questions of these indices, in this order."""
        stories = self._stories.batch(chosen)
        distinct, places = torch.unique(stories.data, return_inverse=True)
        return StoryBatch(
            lines=self._lines.batch(distinct.numpy()),
            stories=stories.with_data(places),
            questions=self._questions.batch(chosen),
        )
