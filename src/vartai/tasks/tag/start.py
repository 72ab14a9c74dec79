"""Where a tagger's weights begin when not at random: word vectors, or another tagger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.nn.embedding import Embedding
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import GivenWords
from vartai.text.vectors import read_vectors

Note = Callable[[str], None]
_SHAPING = (
    "cell",
    "layers",
    "bidirectional",
    "hidden_size",
    "embedding_size",
    "character_embedding_size",
    "character_size",
    "column_size",
    "affixes",
    "crf",
)


def load_word_vectors(embedding: Embedding, vocabulary: GivenWords, path: Path, note: Note) -> None:
    """Put the vectors of a word2vec or GloVe text file in place of the random ones.

    Raises:
        OptionError: the file's vectors have another size than the embedding.
        InputError: the file cannot be read.
    """
    places = {token: place for place, token in enumerate(vocabulary.tokens())}
    vectors = read_vectors(path, places)
    wanted = embedding.weight.size(1)
    if vectors.size != wanted:
        raise OptionError(
            f"{path}: its vectors have {vectors.size} numbers, embedding_size is {wanted}"
        )
    with torch.no_grad():
        embedding.weight[torch.from_numpy(vectors.ids)] = torch.from_numpy(vectors.matrix)
    note(f"{len(vectors.ids):,} of {vocabulary.size:,} words found in {path}")


def continued_task(start: TagTask, config: TagConfig, fresh: GivenWords, note: Note) -> TagTask:
    """A tagger that goes on from another: same tags and weights, larger vocabularies.

    Args:
        start: the other.
        config: of the one to be.
        fresh: vocabularies of its own training sentences.
        note: told how the vocabulary grew.

    Raises:
        OptionError: an option that decides the shape of the model differs.
    """
    for name in _SHAPING:
        old, new = getattr(start.config.model, name), getattr(config.model, name)
        if old != new:
            raise OptionError(f"{name} is {old} in the model to continue, {new} was asked for")
    vocabulary = start.vocabulary.extended(fresh)
    model = build_model(
        config, vocabulary, start.tags, start.scheme if start.restricted else "none"
    )
    known = start.model.state_dict()
    model.load_state_dict(
        {name: _grown(known[name].cpu(), value) for name, value in model.state_dict().items()}
    )
    added = vocabulary.size - start.vocabulary.size
    note(f"vocabulary extended from {start.vocabulary.size:,} words by {added:,}")
    return TagTask(config, start.tags, vocabulary, model, start.scheme, start.restricted)


def _grown(known: Tensor, fresh: Tensor) -> Tensor:
    """The known rows, and after them the fresh ones that have none: new words come last."""
    return torch.cat([known, fresh[len(known) :]]) if known.dim() else known
