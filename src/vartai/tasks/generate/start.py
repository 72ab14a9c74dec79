"""A language model that goes on from another: same weights, a larger vocabulary."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.data.passages import TextSplits
from vartai.errors import OptionError
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.task import GenerateTask

_KEPT = ("cell", "layers", "hidden_size", "embedding_size", "tied", "softmax", "cutoffs")
# Tensors with a row for every unit of the vocabulary.
_ROWS = ("vectors.embedding.weight", "output.own_weight", "output.bias")


def continued_task(
    start: GenerateTask,
    config: GenerateConfig,
    splits: TextSplits,
    note: Callable[[str], None],
) -> GenerateTask:
    """A language model that begins where another one ended.

    Raises:
        OptionError: an option that decides the shape of the model differs, or its vocabulary has
            grown and its softmax is cut into bands, which tell common units from rare ones.
    """
    for part, names in (("model", _KEPT), ("text", ("unit", "words"))):
        for name in names:
            old = getattr(getattr(start.config, part), name)
            new = getattr(getattr(config, part), name)
            if old != new:
                raise OptionError(f"{name} is {old} in the model to continue, {new} was asked for")
    texts = [passage.text for passage in splits.train]
    tokenizer = start.tokenizer.extended(texts, config.text.text_options())
    added = tokenizer.size - start.tokenizer.size
    if added and config.model.softmax == "adaptive" and not config.model.cutoffs:
        raise OptionError(
            f"the new text has {added:,} new units, and an adaptive softmax without cutoffs would "
            "cut its bands anew; train from the beginning, or allow no new units with "
            f"vocabulary_size {start.tokenizer.size}"
        )
    model = build_language_model(
        config, vocabulary_size=tokenizer.size, unknown_id=tokenizer.unknown_id
    )
    weights: dict[str, Tensor] = start.model.state_dict()
    fresh = model.state_dict()
    for name in _ROWS:
        if name in weights:
            new_rows = fresh[name][start.tokenizer.size :]
            weights[name] = torch.cat([weights[name].cpu(), new_rows])
    model.load_state_dict(weights)
    note(f"vocabulary extended from {start.tokenizer.size:,} to {tokenizer.size:,} (+{added:,})")
    return GenerateTask(config, tokenizer, model, start.ends or splits.ends)
