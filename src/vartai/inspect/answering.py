"""Traces of a reader of passages: layers over passage and question, who is like whom, what is said.

``aligned`` is how much of each question token a passage token takes in; ``question`` is the weight
of each question token in the vector that the passage is asked with. What the reader says of a
passage token is the probability that an answer begins there, and that one ends there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vartai.errors import InputError
from vartai.inspect.cut import Token
from vartai.inspect.cuts.reading import bound_notes, located
from vartai.inspect.running import Running, as_array
from vartai.inspect.selection import Selection
from vartai.inspect.stories import trace_story
from vartai.inspect.trace import AttentionMap, Trace, states_of
from vartai.inspect.watching import Traces, watch
from vartai.kernels import direction
from vartai.models.reader import SpanReader
from vartai.models.span_scores import SpanScores, log_totals
from vartai.models.story_reader import StoryReader
from vartai.sequences import SequenceBatch
from vartai.tasks.answer.task import AnswerTask
from vartai.tasks.answer.texts import Asked

SAID = ("answer begins", "answer ends")
"""What is said of each token of a passage."""
_PARTS = {"passage": "passage_layers", "question": "question_layers"}
Tokens = dict[str, tuple[Token, ...]]


def trace_answer(
    task: AnswerTask, asked: Asked, selection: Selection, *, running: bool, max_tokens: int
) -> Trace:
    """Trace the reading of one passage with one question; of a story, as `trace_story`.

    Args:
        task: such as an estimator's ``task_``.
        asked: context and question.
        selection: of layers, units and gates.
        running: whether what is said of each passage token is wanted.
        max_tokens: a longer passage is cut after so many.

    Returns:
        The trace. Its layers are called ``passage.l0``, ``question.l0`` and so on.

    Raises:
        InputError: a passage or question without any token.
        OptionError: a layer, unit or gate that is not there.
    """
    model = task.model.eval()
    if isinstance(model, StoryReader):
        return trace_story(task, model, asked, selection, running=running, max_tokens=max_tokens)
    tokens, asked, notes = tokens_of(task, asked, max_tokens)
    batch = task.read_spans([asked]).batch(np.zeros(1, dtype=np.int64))
    batch = batch.to(model.start.weight.device)
    with torch.no_grad(), watch(model, names=list(_PARTS.values())) as seen, _heard(model) as heard:
        scores: SpanScores = model(batch)
        aligned = model.aligned.weights(*heard["aligned"])[0]
        share = model.question.weights(heard["question"][0])
    kept = {
        f"{part}.{side}": trace
        for part, module in _PARTS.items()
        for side, trace in _rows(seen[module][0]).items()
    }
    layers = {}
    for name in selection.of_layers(kept):
        layers[name] = states_of(kept[name], tokens[name.partition(".")[0]], name, selection)
    passage, question = (tuple(token.text for token in tokens[part]) for part in _PARTS)
    attention = {
        "aligned": AttentionMap(passage, question, as_array(aligned)),
        "question": AttentionMap(("question",), question, as_array(share[None])),
    }
    said = _said(scores, tokens["passage"], task.config.model.longest_answer) if running else None
    texts = {"passage": asked.context, "question": asked.question}
    return Trace(asked.context, tokens["passage"], layers, said, attention, notes, texts)


def tokens_of(
    task: AnswerTask, asked: Asked, max_tokens: int
) -> tuple[Tokens, Asked, tuple[str, ...]]:
    """Tokens of passage and question, and both texts as they are read."""
    found = task.tokenizer.encode([asked.context, asked.question])
    notes = bound_notes(len(found[0].ids), max_tokens=max_tokens)
    if notes:
        asked = asked._replace(context=asked.context[: int(found[0].offsets[max_tokens - 1, 1])])
    tokens = {
        "passage": located(asked.context, found[0].offsets[:max_tokens]),
        "question": located(asked.question, found[1].offsets),
    }
    for part, own in tokens.items():
        if not own:
            raise InputError(f"{part}: expected at least one token, found none")
    return tokens, asked, notes


@contextmanager
def _heard(model: SpanReader) -> Iterator[dict[str, Any]]:
    """What the two parts that attend are given."""
    heard: dict[str, Any] = {}

    def hear(name: str, part: nn.Module) -> Any:
        return part.register_forward_pre_hook(lambda _, given: heard.update({name: given}))

    handles = [hear(name, getattr(model, name)) for name in ("aligned", "question")]
    try:
        yield heard
    finally:
        for handle in handles:
            handle.remove()


def _rows(traces: Traces) -> dict[str, direction.Trace]:
    """Traces of the one sequence of a batch, as rows."""
    return {
        side: direction.Trace(
            trace.hidden.data,
            None if trace.cell is None else trace.cell.data,
            {gate: rows.data for gate, rows in trace.gates.items()},
        )
        for side, trace in traces.items()
    }


def _said(scores: SpanScores, tokens: tuple[Token, ...], longest: int) -> Running:
    """Probabilities of beginning and end."""
    both = SequenceBatch(torch.stack([scores.start, scores.end], 1), scores.lengths)
    shares = marginals(both, longest=longest, none=scores.none)
    return Running(SAID, as_array(shares), tokens=tokens)


def marginals(scores: SequenceBatch, *, longest: int, none: Tensor | None = None) -> Tensor:
    """``[N, 2]``: how probable it is that an answer begins at each token, and that it ends there.

    They are the gradients of the logarithm of the sum over all legal spans.

    Args:
        scores: ``[N, 2]``, of beginning and end.
        longest: most tokens of an answer.
        none: ``[B]``, the score of no answer; as if there were one if not given.
    """
    if none is None:
        none = scores.data.new_full((len(scores),), -torch.inf)
    with torch.enable_grad():
        rows = scores.data.detach().requires_grad_()
        start, end = rows.unbind(1)
        total = log_totals(SpanScores(start, end, none, scores.lengths), longest=longest)
        (found,) = torch.autograd.grad(total.sum(), rows)
    return found
