"""How far back a trained model remembers, on texts; and what the gates of its layers do there."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vartai.errors import unknown_name
from vartai.inspect.cut import Cut, cut
from vartai.inspect.gates import Saturation, saturation
from vartai.inspect.memory.curve import Sizes
from vartai.inspect.memory.gradients import (
    Memory,
    as_memory,
    layer_memory,
    pieces,
    pull_through,
    quiet,
)
from vartai.inspect.memory.jacobian import jacobian_sizes, step_of_row
from vartai.inspect.memory.options import MemoryOptions
from vartai.sequences import SequenceBatch

OF = ("outputs", "states", "score")
MAX_TOKENS = 200
"""Of a longer text the first so many tokens are read: gradients cost more than a run."""

# Scores of a large vocabulary are as many numbers a step.
_STEPS = 2_000


def model_memory(
    task: object,
    texts: Sequence[str],
    *,
    of: str = "outputs",
    layer: str | None = None,
    max_tokens: int = MAX_TOKENS,
    options: MemoryOptions | None = None,
) -> Memory:
    """How the gradients of a trained model fare over distance.

    ``outputs`` and ``states`` are those of its recurrent layers, as `layer_memory` has them; the
    vectors that the layers read stand for the inputs. ``score`` is that of the predicted label: of
    each position of a tagger or language model, and of the whole text of a classifier, where the
    distance is that of a token to the end.

    Args:
        task: such as an estimator's ``task_``, to classify, tag or generate.
        texts: at least one.
        of: ``outputs``, ``states`` or ``score``.
        layer: one direction by itself, such as ``l0_reverse``; not of a score.
        max_tokens: of a longer text the first so many are read, and a note says so.
        options: how.

    Raises:
        InputError: a text without any token, or none at all.
        OptionError: an unknown name; a task of another kind, or one without recurrent layers; or
            states of layers in two directions.
    """
    return cut_memory(cut(task, texts, max_tokens=max_tokens), of=of, layer=layer, options=options)


def cut_memory(
    model: Cut,
    *,
    of: str = "outputs",
    layer: str | None = None,
    options: MemoryOptions | None = None,
) -> Memory:
    """The same of a model that has been cut.

    Raises:
        OptionError: see `model_memory`.
    """
    options = options or MemoryOptions()
    if of not in OF:
        raise unknown_name("of", of, OF)
    notes = _notes(model)
    if of == "score":
        if layer is not None:
            raise unknown_name("layer of a score", layer, ("none: scores are above all layers",))
        return _score_memory(model, options, notes)
    vectors = model.vectors
    if model.segment is not None:
        vectors = vectors.cut(model.segment)
        notes.append(
            f"The layers begin anew after every {model.segment} tokens and remember no further."
        )
    found = layer_memory(model.layers, vectors, of=of, layer=layer, options=options)
    return Memory(found.what, found.back, found.ahead, found.projections, (*notes, *found.notes))


def gate_saturation(model: Cut) -> dict[str, dict[str, Saturation]]:
    """Saturation of every gate of every layer over all tokens: layer → gate → saturation.

    A layer without gates has an empty one.
    """
    with torch.no_grad():
        traces = model.run(keep=True).traces
    return {
        name: saturation({gate: rows.cpu().numpy() for gate, rows in trace.gates.items()})
        for name, trace in traces.items()
    }


def _notes(model: Cut) -> list[str]:
    """What was said of single texts, once, with the number of texts that it was said of."""
    counts: dict[str, int] = {}
    for notes in model.notes:
        for note in notes:
            counts[note] = counts.get(note, 0) + 1
    total = len(model.notes)
    return [
        f"{note[:1].upper()}{note[1:]}." if times == total else f"{times} of {total} texts: {note}."
        for note, times in counts.items()
    ]


def _score_memory(model: Cut, options: MemoryOptions, notes: list[str]) -> Memory:
    measure = _of_text if model.per == "text" else _of_tokens
    with quiet(model.layers):
        parts = [measure(model, piece, options) for piece in pieces(model.vectors, _STEPS)]
    what = "∂ score of the predicted label / ∂ inputs"
    if model.per == "text":
        what = f"{what}, by distance from the end of the text"
    return as_memory(what, parts, model.vectors, options, projections=None, notes=notes)


def _predicted(model: Cut, batch: SequenceBatch) -> tuple[Tensor, Tensor]:
    """The vectors as a leaf, and the highest score of each row of scores."""
    leaf = batch.data.detach().requires_grad_()
    scores = model.read(batch.with_data(leaf))
    best = scores.detach().argmax(1, keepdim=True)
    return leaf, scores.gather(1, best)


def _of_text(model: Cut, batch: SequenceBatch, _: MemoryOptions) -> tuple[Sizes, Sizes | None]:
    leaf, best = _predicted(model, batch)
    gradient = pull_through(best, leaf)(torch.ones_like(best))
    sizes = gradient.cpu().double().norm(dim=1).numpy()
    text = batch.sequence_of_row().cpu()
    distance = batch.lengths[text] - 1 - step_of_row(batch)
    return Sizes(text.numpy(), distance.numpy(), sizes), None


def _of_tokens(
    model: Cut, batch: SequenceBatch, options: MemoryOptions
) -> tuple[Sizes, Sizes | None]:
    leaf, best = _predicted(model, batch)
    both = model.layers.bidirectional
    return jacobian_sizes(pull_through(best, leaf), batch, 1, options, both=both)
