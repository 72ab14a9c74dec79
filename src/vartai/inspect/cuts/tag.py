"""A tagger, cut at its recurrent layers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vartai.data.tagged.blocks import Sentence
from vartai.errors import InputError
from vartai.inspect.cut import MAX_TOKENS, Cut, Token
from vartai.inspect.cuts.reading import bound_notes, require_tokens
from vartai.sequences import SequenceBatch
from vartai.tasks.tag.task import TagTask

_WORD = re.compile(r"\S+")
_CRF = (
    "scores are each word's own, before those of transitions between tags; a running prediction "
    "counts both"
)


def cut_tagger(task: TagTask, texts: Sequence[str], *, max_tokens: int) -> Cut:
    """See `vartai.inspect.cut.cut`; words are what stands between white space.

    Raises:
        InputError: a text without any word, or a tagger that reads columns beside the words.
    """
    if task.vocabulary.columns:
        names = ", ".join(task.config.reading.input_column)
        raise InputError(
            f"this tagger reads columns beside the words ({names}), which a text has not: give "
            "sentences (vartai.inspect.cuts.tag.cut_sentences)"
        )
    tokens = tuple(
        tuple(Token(found[0], found.start(), found.end()) for found in _WORD.finditer(text))
        for text in texts
    )
    return _cut(task, [_sentence(row) for row in tokens], tokens, max_tokens=max_tokens)


def cut_sentences(
    task: TagTask, sentences: Sequence[Sentence], *, max_tokens: int = MAX_TOKENS
) -> Cut:
    """The same for sentences that come cut into words, with columns where the tagger reads them.

    Places of the tokens are those in the words joined by blanks.

    Raises:
        InputError: a sentence without any word, or without a column that the tagger reads.
    """
    tokens = tuple(_joined(sentence.words) for sentence in sentences)
    return _cut(task, sentences, tokens, max_tokens=max_tokens)


def _sentence(tokens: Sequence[Token]) -> Sentence:
    return Sentence(1, tuple(token.text for token in tokens), (), ())


def _joined(words: Sequence[str]) -> tuple[Token, ...]:
    tokens = []
    start = 0
    for word in words:
        tokens.append(Token(word, start, start + len(word)))
        start += len(word) + 1
    return tuple(tokens)


def _first(sentence: Sentence, count: int) -> Sentence:
    inputs = tuple(column[:count] for column in sentence.inputs)
    return Sentence(sentence.line, sentence.words[:count], sentence.tags[:count], inputs)


def _cut(
    task: TagTask,
    sentences: Sequence[Sentence],
    tokens: tuple[tuple[Token, ...], ...],
    *,
    max_tokens: int,
) -> Cut:
    require_tokens([len(row) for row in tokens], what="word")
    model = task.model.eval()
    store = task.read([_first(sentence, max_tokens) for sentence in sentences])
    with torch.no_grad():
        batch = store.batch(np.arange(len(sentences))).to(model.output.weight.device)
        vectors: SequenceBatch = model.vectors(batch)

    def above(rows: SequenceBatch) -> Tensor:
        scores: Tensor = model.output(model.output_dropout(rows.data))
        return scores

    crf = () if model.crf is None else (_CRF,)
    return Cut(
        tokens=tuple(row[:max_tokens] for row in tokens),
        vectors=vectors,
        layers=model.encoder,
        segment=None,
        above=above,
        per="token",
        labels=task.tags,
        probabilities=lambda scores: scores.softmax(-1),
        notes=tuple((*bound_notes(len(row), max_tokens=max_tokens), *crf) for row in tokens),
        jointly=None if model.crf is None else model.crf.marginals,
    )
