"""A tagger's graphs against it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from vartai.exchange.checks.compare import Array, Arrays, Case, open_session, run, worst
from vartai.exchange.checks.draw import SHAPES, draw_ids, draw_lengths, inside, zero_state
from vartai.exchange.graphs.tag import tag_state
from vartai.models.tagger import TaggerBatch
from vartai.sequences import SequenceBatch
from vartai.tasks.tag.task import TagTask
from vartai.text.affixes import BUCKETS, columns

_FORMS, _LONGEST = 9, 8


def whole_cases(task: TagTask, random: np.random.Generator) -> Iterator[Case]:
    """Batches of sentences."""
    for count, longest in SHAPES:
        lengths = draw_lengths(random, count, longest)
        feeds = {**_draw_words(task, random, count, longest), "lengths": lengths}
        made = _draw_forms(task, random, _FORMS)
        if made:
            feeds |= {**made, "forms": draw_ids(random, _FORMS, (count, longest))}
        scores = _scores(task, feeds)
        grid = np.zeros((count, longest, len(task.tags)), np.float32)
        grid[inside(lengths, longest)] = scores.data.numpy()
        yield Case(feeds, {"scores": grid}, {})


def tags_behind(task: TagTask, case: Case, found: Arrays) -> float:
    """How far the graph's tags fall behind the best ones, in the scores that decide."""
    scores = _scores(task, case.feeds)
    valid = inside(case.feeds["lengths"], found["tags"].shape[1])
    if (found["tags"][~valid] != -1).any():
        return float("inf")
    chosen = torch.from_numpy(found["tags"][valid])
    with torch.inference_mode():
        best = task.model.decode(scores)
        apart = _worth(task, scores, best) - _worth(task, scores, chosen)
    return float(apart.abs().max()) if apart.numel() else 0.0


def step_difference(task: TagTask, model: bytes, random: np.random.Generator) -> float:
    """The largest difference between sentences read word by word and at once."""
    session = open_session(model)
    count, steps = 3, 9
    feeds = {**_draw_words(task, random, count, steps), "lengths": np.full(count, steps)}
    made = _draw_forms(task, random, _FORMS)
    forms = draw_ids(random, _FORMS, (count, steps))
    wanted = _scores(task, {**feeds, **made, "forms": forms}).padded(batch_first=True).numpy()
    state = zero_state(tag_state(task), count)
    largest = 0.0
    for step in range(steps):
        own = {name: value[forms[:, step]] for name, value in made.items()}
        if "character_lengths" in own:
            own["character_lengths"] = own["character_lengths"][:, None]
        here = {"words": feeds["words"][:, step : step + 1], **own, **state}
        if "columns" in feeds:
            here["columns"] = feeds["columns"][:, step]
        found = run(session, here)
        state = {f"{name[:-4]}_in": found[name] for name in found if name.endswith("_out")}
        largest = max(largest, worst(found, Case({}, {"scores": wanted[:, step]}, {})))
    return largest


def _draw_words(
    task: TagTask, random: np.random.Generator, count: int, steps: int
) -> dict[str, Array]:
    vocabulary = task.vocabulary
    words = draw_ids(random, vocabulary.size, (count, steps))
    if not vocabulary.columns:
        return {"words": words}
    own = [draw_ids(random, size, (count, steps)) for size in vocabulary.column_sizes]
    return {"words": words, "columns": np.stack(own, axis=2)}


def _draw_forms(task: TagTask, random: np.random.Generator, count: int) -> dict[str, Array]:
    found: dict[str, Array] = {}
    if task.model.vectors.shapes is not None:
        lengths = draw_lengths(random, count, _LONGEST)
        found["characters"] = draw_ids(random, task.vocabulary.characters_size, (count, _LONGEST))
        found["character_lengths"] = lengths
    if task.model.vectors.affixes is not None:
        width = columns(task.config.model.affixes)
        found["affixes"] = draw_ids(random, BUCKETS + 1, (count, width))
        found["affixes"][random.random((count, width)) < 0.3] = 0
    return found


def _scores(task: TagTask, feeds: Arrays) -> SequenceBatch:
    lengths = torch.from_numpy(feeds["lengths"])
    rows = [feeds["words"][:, :, None]]
    if "columns" in feeds:
        rows.append(feeds["columns"])
    words = SequenceBatch.from_padded(
        torch.from_numpy(np.concatenate(rows, axis=2)), lengths, batch_first=True
    )
    valid = inside(feeds["lengths"], feeds["words"].shape[1])
    forms = feeds["forms"][valid] if "forms" in feeds else np.zeros(int(valid.sum()), np.int64)
    characters = SequenceBatch(torch.zeros(0, dtype=torch.int64), torch.zeros(1, dtype=torch.int64))
    if "characters" in feeds:
        characters = SequenceBatch.from_padded(
            torch.from_numpy(feeds["characters"]),
            torch.from_numpy(feeds["character_lengths"]),
            batch_first=True,
        )
    affixes = feeds["affixes"] if "affixes" in feeds else np.zeros((1, 0), np.int64)
    batch = TaggerBatch(words, torch.from_numpy(forms), characters, torch.from_numpy(affixes))
    with torch.inference_mode():
        scores: SequenceBatch = task.model(batch)
    return scores


def _worth(task: TagTask, scores: SequenceBatch, tags: Tensor) -> Tensor:
    """What is made as large as possible: of whole rows of tags, or of each tag."""
    if task.model.crf is not None:
        return task.model.crf.score(scores, tags)
    return scores.data.gather(1, tags[:, None]).squeeze(1)
