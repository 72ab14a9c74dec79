"""Word vectors that others have learned, in the place of random ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import nn

from vartai.errors import OptionError
from vartai.nn.embedding import Embedding
from vartai.text.vectors import read_vectors


def load_vectors(
    embedding: Embedding | nn.Embedding,
    tokens: Sequence[str],
    path: Path,
    note: Callable[[str], None],
    *,
    things: str,
) -> None:
    """Put the vectors of a word2vec or GloVe text file in place of the random ones.

    Args:
        embedding: with a row for each token.
        tokens: in the order of their ids.
        path: of the file.
        note: told how many were found.
        things: what tokens are called there: ``words``.

    Raises:
        OptionError: the file's vectors have another size than the embedding.
        InputError: the file cannot be read.
    """
    vectors = read_vectors(path, {token: place for place, token in enumerate(tokens)})
    wanted = embedding.weight.size(1)
    if vectors.size != wanted:
        raise OptionError(
            f"{path}: its vectors have {vectors.size} numbers, embedding_size is {wanted}"
        )
    with torch.no_grad():
        embedding.weight[torch.from_numpy(vectors.ids)] = torch.from_numpy(vectors.matrix)
    note(f"{len(vectors.ids):,} of {len(tokens):,} {things} found in {path}")
