"""Where a classifier's weights begin when it goes on from another classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.continuing import require_same

Note = Callable[[str], None]
_SHAPING = {
    "model": ("cell", "layers", "bidirectional", "hidden_size", "embedding_size", "pool"),
    "text": ("affixes",),
}
_EMBEDDING = "vectors.embedding.weight"


def continued_task(
    start: ClassifyTask, config: ClassifyConfig, texts: Sequence[str], note: Note
) -> ClassifyTask:
    """A classifier that goes on from another: same labels and weights, a larger vocabulary.

    Raises:
        OptionError: an option that decides the shape of the model differs.
    """
    require_same(start.config, config, _SHAPING)
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
