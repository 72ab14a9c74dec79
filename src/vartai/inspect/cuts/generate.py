"""A language model, cut at its recurrent layers.

The first row of every text is the border, which stands before the text's first token: what the
model says there is how it thinks that a text begins.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vartai.data.batches import TokenStore
from vartai.data.streams import BORDER_ID
from vartai.inspect.cut import Cut, Token
from vartai.inspect.cuts.reading import located, notes_of, require_tokens
from vartai.sequences import SequenceBatch
from vartai.tasks.generate.task import GenerateTask

BORDER = Token("", 0, 0)
BORDER_NAME = "<border>"


def cut_language_model(task: GenerateTask, texts: Sequence[str], *, max_tokens: int) -> Cut:
    """See `vartai.inspect.cut.cut`; scores are logarithms of probabilities of the next token.

    Raises:
        InputError: a text without any token.
    """
    model = task.model.eval()
    tokenized = task.tokenizer.encode(texts)
    require_tokens([len(each.ids) for each in tokenized], what="token")
    border = np.full(1, BORDER_ID)
    store = TokenStore([np.concatenate([border, each.ids[:max_tokens]]) for each in tokenized])
    with torch.no_grad():
        ids = store.batch(np.arange(len(texts))).to(model.output.bias.device)
        vectors: SequenceBatch = model.vectors(ids)

    def above(rows: SequenceBatch) -> Tensor:
        return model.output.log_probabilities(model.features(rows).data)

    names = task.tokenizer.tokens(range(1, task.tokenizer.size))
    return Cut(
        tokens=tuple(
            (BORDER, *located(text, each.offsets[:max_tokens]))
            for text, each in zip(texts, tokenized, strict=True)
        ),
        vectors=vectors,
        layers=model.encoder,
        segment=None,
        above=above,
        per="token",
        labels=(BORDER_NAME, *names),
        probabilities=torch.exp,
        notes=tuple(notes_of(each, max_tokens=max_tokens) for each in tokenized),
        ahead=True,
    )
