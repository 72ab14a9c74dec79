"""A language model's graphs against it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from vartai.exchange.checks.compare import Array, Case, open_session, run, worst
from vartai.exchange.checks.draw import SHAPES, Ids, draw_ids, draw_lengths, inside, zero_state
from vartai.exchange.graphs.generate import generate_state
from vartai.sequences import SequenceBatch
from vartai.tasks.generate.task import GenerateTask


def whole_cases(
    task: GenerateTask, random: np.random.Generator, *, fresh: bool = False
) -> Iterator[Case]:
    """Batches of texts, each from a state of its own, or from a fresh one."""
    for count, longest in SHAPES:
        lengths = draw_lengths(random, count, longest)
        ids = draw_ids(random, task.tokenizer.size, (count, longest))
        state = {
            name: random.uniform(-0.9, 0.9, value.shape).astype(np.float32) * (not fresh)
            for name, value in zero_state(generate_state(task), count).items()
        }
        feeds: dict[str, Array] = {"ids": ids, "lengths": lengths, **state}
        where = {"log_probabilities": inside(lengths, longest)}
        yield Case(feeds, _expected(task, ids, lengths, state), where)


def step_difference(task: GenerateTask, model: bytes, random: np.random.Generator) -> float:
    """The largest difference between a text read step by step and at once."""
    session = open_session(model)
    count, steps = 3, 12
    ids = draw_ids(random, task.tokenizer.size, (count, steps))
    start = state = zero_state(generate_state(task), count)
    wanted = _expected(task, ids, np.full(count, steps), start)["log_probabilities"]
    largest = 0.0
    for step in range(steps):
        found = run(session, {"ids": ids[:, step : step + 1], **state})
        state = {f"{name[:-4]}_in": found[name] for name in found if name.endswith("_out")}
        here = Case({}, {"log_probabilities": wanted[:, step]}, {})
        largest = max(largest, worst(found, here))
    return largest


def _expected(
    task: GenerateTask, ids: Ids, lengths: Ids, state: dict[str, Array]
) -> dict[str, Array]:
    names = [name for name in ("hidden", "cell") if f"{name}_in" in state]
    before = tuple(
        torch.from_numpy(state[f"{name}_in"]).transpose(0, 1).contiguous() for name in names
    )
    batch = SequenceBatch.from_padded(
        torch.from_numpy(ids), torch.from_numpy(lengths), batch_first=True
    )
    with torch.inference_mode():
        rows, after = task.model.read(batch, before)
        found = task.model.output.log_probabilities(rows)
    grid = np.zeros((*ids.shape, task.tokenizer.size), np.float32)
    grid[inside(lengths, ids.shape[1])] = found.numpy()
    return {
        "log_probabilities": grid,
        **{
            f"{name}_out": part.transpose(0, 1).numpy()
            for name, part in zip(names, after, strict=True)
        },
    }
