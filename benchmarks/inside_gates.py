"""What the bits of gates agree with: the part of `benchmarks.inside_memory` about masks.

A unit is chosen on one half of the texts and judged on the other. Beside it stands the same choice
for a condition that has been moved along the text by a random number of tokens: as frequent and as
clustered as the true one, and without a meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vartai.bundle.trained import load_task
from vartai.data.documents import read_documents
from vartai.data.examples import Example, iter_examples
from vartai.data.options import TableOptions
from vartai.data.text_options import DocumentOptions
from vartai.inspect.cut import Cut, cut
from vartai.inspect.gates import CANDIDATE, agreement, bits

NEGATIONS = {"not", "n't", "no", "never", "nothing", "without", "nor", "neither"}
_SHIFTS = 20

Condition = Callable[[Sequence[str]], list[bool]]


def is_negation(tokens: Sequence[str]) -> list[bool]:
    """The token negates."""
    return [token.lower() in NEGATIONS for token in tokens]


def after_negation(tokens: Sequence[str]) -> list[bool]:
    """One of the three tokens before it negates."""
    said = is_negation(tokens)
    return [any(said[max(0, place - 3) : place]) for place in range(len(said))]


def is_space(tokens: Sequence[str]) -> list[bool]:
    """The character is a blank or the end of a line."""
    return [token.isspace() for token in tokens]


def is_vowel(tokens: Sequence[str]) -> list[bool]:
    """The character is a vowel."""
    return [token.lower() in "aeiou" and token != "" for token in tokens]


def in_speaker(tokens: Sequence[str]) -> list[bool]:
    """The character belongs to the line that names who speaks: it ends with a colon."""
    lines = "".join(token or "\x00" for token in tokens).split("\n")
    named = [[line.endswith(":")] * (len(line) + 1) for line in lines]
    return [value for line in named for value in line][: len(tokens)]


def classifier_agreement(model: Path, file: str) -> dict[str, Any]:
    """Of all texts of SST-2's test file."""
    task = load_task(model).task
    options = TableOptions(text=("1",))
    stream = iter_examples(file, options, fix_text=False, need_label=False)
    made = cut(task, [item.text for item in stream if isinstance(item, Example)])
    conditions = {"is a negation": is_negation, "within 3 after a negation": after_negation}
    return {name: _best(made, condition) for name, condition in conditions.items()}


def writer_agreement(model: Path, file: str) -> dict[str, Any]:
    """Of the last tenth of Shakespeare, in pieces of 1,000 characters: what it has not learned."""
    task = load_task(model).task
    (document,) = read_documents([file], DocumentOptions()).documents
    text = document.text[-len(document.text) // 10 :]
    made = cut(task, [text[at : at + 1000] for at in range(0, 60_000, 1000)])
    conditions = {
        "is a blank": is_space,
        "is a vowel": is_vowel,
        "belongs to a speaker's name": in_speaker,
    }
    return {name: _best(made, condition) for name, condition in conditions.items()}


def _best(made: Cut, condition: Condition) -> dict[str, Any]:
    """The unit that agrees best, of all gates of all layers, and how well another half says so."""
    with torch.no_grad():
        traces = made.run(keep=True).traces
    holds = np.array(
        [value for row in made.tokens for value in condition([token.text for token in row])]
    )
    half = int(made.vectors.lengths[: len(made.tokens) // 2].sum())
    numbers = np.random.default_rng(0)
    masks = {
        (layer, gate): bits({gate: rows.numpy()}, gate)
        for layer, trace in traces.items()
        for gate, rows in trace.gates.items()
        if gate != CANDIDATE
    }
    found = _chosen(masks, holds, half)
    moved = [
        abs(_chosen(masks, np.roll(holds, int(numbers.integers(50, len(holds) - 50))), half)["phi"])
        for _ in range(_SHIFTS)
    ]
    return {**found, "tokens": len(holds), "moved": float(np.mean(moved)), "most": max(moved)}


def _chosen(
    masks: dict[tuple[str, str], np.ndarray], holds: np.ndarray, half: int
) -> dict[str, Any]:
    best: tuple[float, tuple[str, str], int] = (-1.0, ("", ""), 0)
    for place, mask in masks.items():
        phi = np.abs(agreement(mask[:half], holds[:half]).phi)
        unit = int(phi.argmax())
        best = max(best, (float(phi[unit]), place, unit))
    _, place, unit = best
    judged = agreement(masks[place][half:, unit : unit + 1], holds[half:])
    return {
        "layer": place[0],
        "gate": place[1],
        "unit": unit,
        "phi": float(judged.phi[0]),
        "f1": float(judged.f1[0]),
        "precision": float(judged.precision[0]),
        "recall": float(judged.recall[0]),
        "base_rate": judged.base_rate,
        "base_f1": judged.base_f1,
    }
