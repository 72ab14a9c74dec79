"""The text that says nothing, from which integrated gradients set out."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.errors import OptionError, unknown_name
from vartai.inspect.cut import Cut

BASELINES = ("zero", "unknown")


def baseline_vector(task: object, cut: Cut, name: str) -> Tensor:
    """``[E]``: the vector that stands in the place of every token.

    Args:
        task: whose model is cut.
        cut: of any text.
        name: ``zero``, or ``unknown``: the vector of the token that stands for all that the
            vocabulary lacks, which word dropout makes a model expect.

    Raises:
        OptionError: an unknown name, or a model without such a vector.
    """
    if name not in BASELINES:
        raise unknown_name("baseline", name, BASELINES)
    size = cut.vectors.data.size(1)
    if name == "zero":
        return torch.zeros(size)
    tokenizer = getattr(task, "tokenizer", None)
    embedding = getattr(getattr(getattr(task, "model", None), "vectors", None), "embedding", None)
    if tokenizer is None or embedding is None:
        raise OptionError(
            "this model's unknown words have vectors of their own characters: baseline zero only"
        )
    row: Tensor = embedding.weight.detach()[tokenizer.unknown_id]
    return row
