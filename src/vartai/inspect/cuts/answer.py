"""A reader of passages, cut at the layers over the passage; the question is closed over."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.inspect.answering import SAID, marginals, tokens_of
from vartai.inspect.cut import MAX_TOKENS, Cut
from vartai.models.reader import SpanReader
from vartai.sequences import SequenceBatch
from vartai.tasks.answer.task import AnswerTask
from vartai.tasks.answer.texts import Asked


def cut_answer(
    task: AnswerTask, context: str, question: str, *, max_tokens: int = MAX_TOKENS
) -> Cut:
    """Cut a reader that is about to read one passage with one question.

    Args:
        task: such as an estimator's ``task_``; its model is put into evaluation mode and left so.
        context: the passage.
        question: about it.
        max_tokens: of a longer passage the first so many are read.

    Returns:
        The cut; for each token the scores of an answer beginning and ending there. What the
        question has to do with each token of the passage is part of `Cut.vectors`. `Cut.jointly`
        gives probabilities over all legal spans, as if there were an answer.

    Raises:
        InputError: a passage or question without any token.
        OptionError: a reader of stories.
    """
    model = task.model.eval()
    if not isinstance(model, SpanReader):
        raise OptionError("a reader of stories reads them several times, so it cannot be cut")
    tokens, asked, notes = tokens_of(task, Asked(context, question), max_tokens)
    batch = task.read_spans([asked]).batch(np.zeros(1, dtype=np.int64))
    with torch.no_grad():
        vectors, of_question = model.inputs(batch.to(model.start.weight.device))
    longest = task.config.model.longest_answer

    def above(rows: SequenceBatch) -> Tensor:
        read, _ = model.question_layers(of_question)
        count = len(rows)
        repeated = SequenceBatch(read.data.repeat(count, 1), read.lengths.repeat(count))
        scores = model.scores(rows, repeated)
        return torch.stack([scores.start, scores.end], 1)

    return Cut(
        tokens=(tokens["passage"],),
        vectors=vectors,
        layers=model.passage_layers,
        segment=None,
        above=above,
        per="token",
        labels=SAID,
        probabilities=torch.sigmoid,
        notes=(notes,),
        jointly=lambda scores: marginals(scores, longest=longest),
    )
