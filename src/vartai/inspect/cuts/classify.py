"""A classifier, cut at its recurrent layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vartai.data.batches import TokenStore
from vartai.errors import OptionError
from vartai.inspect.cut import Cut
from vartai.inspect.cuts.reading import located, notes_of, require_tokens
from vartai.nn.pooling import AttentionPool
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.rows import read_rows

_WIDE = "scores are the recurrent path's alone: the n-gram path reads no states"


def cut_classifier(task: ClassifyTask, texts: Sequence[str], *, max_tokens: int) -> Cut:
    """See `vartai.inspect.cut.cut`.

    Scores are those of `ClassifyTask.alone`: without the n-gram path, where there is one, and
    weighted so that they turn into the probabilities that the task gives.

    Raises:
        InputError: a text without any token.
        OptionError: the classifier is a bag of embeddings.
    """
    model = task.model.eval()
    if model.encoder is None:
        raise OptionError("a bag of embeddings has no recurrent layers to look into")
    tokenized = task.tokenizer.encode(texts)
    require_tokens([len(each.ids) for each in tokenized], what="token")
    rows = read_rows(task.tokenizer, texts, affixes=task.config.text.affixes)
    store = TokenStore([row[:max_tokens] for row in rows])
    with torch.no_grad():
        ids = store.batch(np.arange(len(texts))).to(model.output.weight.device)
        vectors: SequenceBatch = model.vectors(ids)
    weight = task.blend.recurrent
    multilabel = task.multilabel

    def above(rows: SequenceBatch) -> Tensor:
        scores: Tensor = model.output(model.output_dropout(model.pool(rows)))
        return scores * weight

    def after_each(rows: SequenceBatch) -> Tensor:
        scores: Tensor = model.output(model.pool.after_each(rows))  # type: ignore[operator]
        return scores * weight

    def probabilities(scores: Tensor) -> Tensor:
        return scores.sigmoid() if multilabel else scores.softmax(-1)

    wide = () if task.wide is None else (_WIDE,)
    return Cut(
        tokens=tuple(
            located(text, each.offsets[:max_tokens])
            for text, each in zip(texts, tokenized, strict=True)
        ),
        vectors=vectors,
        layers=model.encoder,
        segment=model.segment,
        above=above,
        per="text",
        labels=task.labels,
        probabilities=probabilities,
        notes=tuple((*notes_of(each, max_tokens=max_tokens), *wide) for each in tokenized),
        after_each=None if model.encoder.bidirectional else after_each,
        shares=model.pool.weights if isinstance(model.pool, AttentionPool) else None,
    )
