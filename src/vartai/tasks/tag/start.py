"""Where a tagger's weights begin when it goes on from another tagger."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.tasks.continuing import require_same
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import GivenWords

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
    require_same(start.config, config, {"model": _SHAPING})
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
