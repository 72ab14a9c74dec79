"""How well a model foretells a text: every unit once, from a state that is carried all the way.

A text can be scored in one go or in parts side by side, which is faster. A part begins with a
run-up of some hundred units that are read and not counted, since it needs a state to begin from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.streams import Corpus
from vartai.models.language_model import RecurrentLanguageModel
from vartai.sequences import SequenceBatch

RUN_UP = 256
_STEPS = 256
_ROWS = 4_096


@dataclass(frozen=True)
class Fit:
    """How well a text was foretold.

    Args:
        nats: summed over its units.
        units: counted.
        characters: of the text.
    """

    nats: float
    units: int
    characters: int

    @property
    def nats_per_unit(self) -> float:
        """Cross-entropy; lower is better."""
        return self.nats / self.units

    @property
    def perplexity(self) -> float:
        """As unsure as of so many units that are equally likely."""
        return math.exp(min(self.nats_per_unit, 700.0))

    @property
    def bits_per_character(self) -> float:
        """Comparable between units: what the text could be compressed to."""
        return self.nats / max(1, self.characters) / math.log(2)


def unit_nats(
    model: RecurrentLanguageModel, corpus: Corpus, *, parts: int = 1, run_up: int = RUN_UP
) -> NDArray[np.float64]:
    """Nats of every target of a corpus.

    Args:
        model: put into evaluation mode and left so.
        corpus: what is read.
        parts: read side by side; 1 reads all the way.
        run_up: units that every part but the first reads before it counts.

    Returns:
        ``[N]``, in the order of the corpus.
    """
    model.eval()
    count = max(1, min(parts, len(corpus) // max(1, run_up)))
    starts = np.arange(count + 1) * len(corpus) // count
    begins = np.maximum(0, starts[:-1] - run_up)
    lengths = starts[1:] - begins
    nats = np.zeros(len(corpus))
    device = model.output.bias.device
    steps = max(1, min(_STEPS, _ROWS // count))
    state = model.fresh_state(count)
    with torch.inference_mode():
        for first in range(0, int(lengths.max(initial=0)), steps):
            taken = np.clip(lengths - first, 0, steps)
            places = np.concatenate(
                [np.arange(b + first, b + first + n) for b, n in zip(begins, taken, strict=True)]
            )
            ids = SequenceBatch(
                torch.from_numpy(corpus.inputs[places]).to(device), torch.from_numpy(taken)
            )
            fresh = corpus.fresh[places]
            reset = torch.from_numpy(fresh).to(device) if fresh.any() else None
            targets = torch.from_numpy(corpus.targets[places]).to(device)
            found, state = model(ids, targets, state, reset)
            counted = places >= np.repeat(starts[:-1], taken)
            nats[places[counted]] = found.double().cpu().numpy()[counted]
    return nats


def score_corpus(
    model: RecurrentLanguageModel, corpus: Corpus, *, characters: int, parts: int = 1
) -> Fit:
    """How well a model foretells a corpus of so many characters; as `unit_nats`."""
    nats = unit_nats(model, corpus, parts=parts)
    return Fit(float(nats.sum()), len(corpus), characters)
