"""Where a classifier's weights begin when not at random: word vectors, or another classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import nn

from vartai.errors import OptionError
from vartai.nn.embedding import Embedding
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.tokenizer import Tokenizer
from vartai.text.vectors import read_vectors

Note = Callable[[str], None]
_EMBEDDING = "vectors.embedding.weight"


def load_embeddings(
    embedding: Embedding | nn.Embedding, tokenizer: Tokenizer, path: Path, note: Note
) -> None:
    """Put the vectors of a word2vec or GloVe text file in place of the random ones.

    Raises:
        OptionError: the file's vectors have another size than the embedding.
        InputError: the file cannot be read.
    """
    tokens = tokenizer.tokens(range(tokenizer.size))
    vectors = read_vectors(path, {token: place for place, token in enumerate(tokens)})
    wanted = embedding.weight.size(1)
    if vectors.size != wanted:
        raise OptionError(
            f"{path}: its vectors have {vectors.size} numbers, embedding_size is {wanted}"
        )
    with torch.no_grad():
        embedding.weight[torch.from_numpy(vectors.ids)] = torch.from_numpy(vectors.matrix)
    note(f"{len(vectors.ids):,} of {tokenizer.size:,} tokens found in {path}")


def continued_task(
    start: ClassifyTask, config: ClassifyConfig, texts: Sequence[str], note: Note
) -> ClassifyTask:
    """A classifier that goes on from another: same labels and weights, a larger vocabulary.

    Raises:
        OptionError: an option that decides the shape of the model differs.
    """
    for name in ("cell", "layers", "bidirectional", "hidden_size", "embedding_size", "pool"):
        old, new = getattr(start.config.model, name), getattr(config.model, name)
        if old != new:
            raise OptionError(f"{name} is {old} in the model to continue, {new} was asked for")
    if start.config.text.affixes != config.text.affixes:
        raise OptionError(
            f"affixes is {start.config.text.affixes} in the model to continue, "
            f"{config.text.affixes} was asked for"
        )
    tokenizer = start.tokenizer.extended(texts, config.text)
    model = build_classifier(
        config.model,
        vocabulary_size=tokenizer.size,
        unknown_id=tokenizer.unknown_id,
        classes=len(start.labels),
        affixes=config.text.affixes,
    )
    weights = start.model.state_dict()
    fresh = model.vectors.embedding.weight.detach()[start.tokenizer.size :]
    known = weights[_EMBEDDING].cpu()
    weights[_EMBEDDING] = torch.cat([known, fresh])
    model.load_state_dict(weights)
    added = tokenizer.size - start.tokenizer.size
    note(f"vocabulary extended from {start.tokenizer.size:,} to {tokenizer.size:,} (+{added:,})")
    return ClassifyTask(config, start.labels, tokenizer, model)
