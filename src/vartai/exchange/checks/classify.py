"""A classifier's graphs against it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.exchange.checks.compare import Case, open_session, run, worst
from vartai.exchange.checks.draw import SHAPES, Ids, draw_ids, draw_lengths, zero_state
from vartai.exchange.graphs.classify import classify_state
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.blend import probabilities
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.affixes import BUCKETS, columns


def whole_cases(task: ClassifyTask, random: np.random.Generator) -> Iterator[Case]:
    """Batches of whole texts."""
    for count, longest in SHAPES:
        lengths = draw_lengths(random, count, longest)
        ids, affixes = _draw(task, random, count, longest)
        feeds = {"ids": ids, "lengths": lengths, **_named(affixes)}
        yield Case(feeds, _expected(task, ids, affixes, lengths), {})


def step_difference(task: ClassifyTask, model: bytes, random: np.random.Generator) -> float:
    """The largest difference between texts read step by step and each of their beginnings."""
    session = open_session(model)
    count, steps = 3, 9
    ids, affixes = _draw(task, random, count, steps)
    state = zero_state(classify_state(task), count)
    largest = 0.0
    for step in range(steps):
        own = None if affixes is None else affixes[:, step]
        found = run(session, {"ids": ids[:, step : step + 1], **_named(own), **state})
        state = {f"{name[:-4]}_in": found[name] for name in found if name.endswith("_out")}
        lengths = np.full(count, step + 1)
        wanted = _expected(task, ids, affixes, lengths)
        largest = max(largest, worst(found, Case({}, wanted, {})))
    return largest


def _named(affixes: Ids | None) -> dict[str, Ids]:
    return {} if affixes is None else {"affixes": affixes}


def _draw(
    task: ClassifyTask, random: np.random.Generator, count: int, steps: int
) -> tuple[Ids, Ids | None]:
    ids = draw_ids(random, task.tokenizer.size, (count, steps))
    width = columns(task.config.text.affixes)
    if not width:
        return ids, None
    affixes = draw_ids(random, BUCKETS + 1, (count, steps, width))
    # A word shorter than an affix has none.
    return ids, np.where(random.random(affixes.shape) < 0.3, 0, affixes)


def _expected(
    task: ClassifyTask, ids: Ids, affixes: Ids | None, lengths: Ids
) -> dict[str, NDArray[np.float64]]:
    rows = ids if affixes is None else np.concatenate([ids[:, :, None], affixes], axis=2)
    batch = SequenceBatch.from_padded(
        torch.from_numpy(rows), torch.from_numpy(lengths), batch_first=True
    )
    with torch.inference_mode():
        scores = task.model(batch).double().numpy() * task.blend.recurrent
    shares = probabilities(scores, multilabel=task.multilabel)
    return {"scores": scores, "probabilities": shares}
