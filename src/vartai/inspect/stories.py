"""Traces of a reader of stories: layers over words and lines, what each hop looked at, answers.

The map ``hops`` has a row for each reading of the facts and a column for each line of the story.
Its numbers are gates between 0 and 1, which need not add up: a later line that is let in pushes
out what was there (`vartai.models.story_reader`). What the reader says after a line is its answer
to the story up to there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from vartai.errors import InputError
from vartai.inspect.cut import Token
from vartai.inspect.cuts.reading import located
from vartai.inspect.running import Running, as_array, likeliest
from vartai.inspect.selection import Selection
from vartai.inspect.trace import LIKELIEST, AttentionMap, Trace, states_of
from vartai.inspect.watching import Traces, watch
from vartai.kernels import direction
from vartai.models.story_reader import StoryReader
from vartai.sequences import SequenceBatch
from vartai.tasks.answer.task import AnswerTask, model_device
from vartai.tasks.answer.texts import Asked

# Beginnings of a story that are read for the running prediction, at most.
_BEGINNINGS = 300


def trace_story(
    task: AnswerTask,
    model: StoryReader,
    asked: Asked,
    selection: Selection,
    *,
    running: bool,
    max_tokens: int,
) -> Trace:
    """Trace the reading of one story with one question.

    Args:
        task: such as an estimator's ``task_``.
        model: its model.
        asked: the story, a line at a time, and the question.
        selection: of layers, units and gates.
        running: whether the answer after each line is wanted.
        max_tokens: of a longer story the first lines with so many tokens are read.

    Returns:
        The trace. ``story.l0`` is over lines, ``words.l0`` over the words of each line by itself,
        ``question.l0`` over those of the question.

    Raises:
        InputError: a story or question without any token.
        OptionError: a layer, unit or gate that is not there.
    """
    lines, words, notes = _read(task, asked.context, max_tokens)
    [question] = task.tokenizer.encode([asked.question])
    tokens = {
        "story": tuple(lines),
        "words": tuple(word for row in words for word in row),
        "question": located(asked.question, question.offsets),
    }
    if not tokens["words"] or not tokens["question"]:
        raise InputError("expected at least one token in both story and question, found none")
    text = asked.context[: lines[-1].end]
    batch = task.read_words([asked._replace(context=text)]).batch(np.zeros(1, dtype=np.int64))
    batch = batch.to(model_device(model))
    with torch.no_grad(), watch(model, names=["words", "lines"]) as seen, _gates(model) as gates:
        model(batch)
    of_lines, of_question = seen["words"]
    kept = {
        **_named("story", seen["lines"][0]),
        **_named("words", of_lines, batch.stories.data.cpu()),
        **_named("question", of_question),
    }
    layers = {}
    for name in selection.of_layers(kept):
        layers[name] = states_of(kept[name], tokens[name.partition(".")[0]], name, selection)
    hops = tuple(f"hop {place}" for place in range(1, len(gates) + 1))
    spelled = tuple(line.text for line in lines)
    attention = {"hops": AttentionMap(hops, spelled, as_array(torch.stack(gates)))}
    said = _answers(task, model, asked, lines) if running else None
    if said is not None and len(said.tokens) < len(lines):
        notes = (*notes, f"the answer was asked for after {len(said.tokens)} of the lines only")
    texts = {"story": text, "words": text, "question": asked.question}
    return Trace(text, tokens["story"], layers, said, attention, notes, texts)


def _read(
    task: AnswerTask, story: str, max_tokens: int
) -> tuple[list[Token], list[tuple[Token, ...]], tuple[str, ...]]:
    """Lines that are not blank, their words, and what was left out."""
    lines: list[Token] = []
    words: list[tuple[Token, ...]] = []
    start = count = left_out = 0
    for raw in story.splitlines(keepends=True):
        line = raw.splitlines()[0]
        if line.strip():
            [found] = task.tokenizer.encode([line])
            count += len(found.ids)
            if count > max_tokens and lines:
                left_out += 1
            else:
                lines.append(Token(line, start, start + len(line)))
                words.append(located(story, found.offsets + start))
        start += len(raw)
    notes = (f"only the first {len(lines):,} lines were read, {left_out:,} were not",)
    if not lines:
        raise InputError("expected at least one token in both story and question, found none")
    return lines, words, notes if left_out else ()


@contextmanager
def _gates(model: StoryReader) -> Iterator[list[Tensor]]:
    """``[lines]`` of each hop, as it was taken."""
    gates: list[Tensor] = []

    def hear(hop: torch.nn.Module, given: tuple[SequenceBatch, Tensor]) -> None:
        gates.append(hop.scores(*given).sigmoid())  # type: ignore[operator]

    handles = [hop.register_forward_pre_hook(hear) for hop in model.hops]
    try:
        yield gates
    finally:
        for handle in handles:
            handle.remove()


def _named(part: str, traces: Traces, order: Tensor | None = None) -> dict[str, direction.Trace]:
    """Traces as rows of one sequence; with `order`, of the sequences in that order."""

    def rows(batch: SequenceBatch) -> Tensor:
        if order is None:
            return batch.data
        parts = batch.split()
        return torch.cat([parts[place] for place in order.tolist()])

    return {
        f"{part}.{side}": direction.Trace(
            rows(trace.hidden),
            None if trace.cell is None else rows(trace.cell),
            {gate: rows(own) for gate, own in trace.gates.items()},
        )
        for side, trace in traces.items()
    }


def _answers(task: AnswerTask, model: StoryReader, asked: Asked, lines: list[Token]) -> Running:
    """The likeliest answers to the story up to each of its lines."""
    step = -(-len(lines) // _BEGINNINGS)
    ends = lines[::-1][::step][::-1]
    stories = [Asked(asked.context[: line.end], asked.question) for line in ends]
    read = task.read_words(stories)
    parts = []
    with torch.no_grad():
        for some in np.array_split(np.arange(len(stories)), -(-len(stories) // 32)):
            parts.append(model(read.batch(some).to(model_device(model))).softmax(1))
    return likeliest(torch.cat(parts), task.knowledge.answers, tuple(ends), LIKELIEST)
