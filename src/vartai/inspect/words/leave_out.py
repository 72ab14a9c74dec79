"""Leave one out: how much less the model would prefer the label if a token were not there.

    effect of token t = margin(text) - margin(text without token t)

The plainest answer, and so the one that the others stand beside. It needs no baseline, but says
nothing of words that only count together: of "not bad" each word alone may seem to do little.
Source: Li, Monroe & Jurafsky, "Understanding neural networks through representation erasure", 2016.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.inspect.cut import Cut
from vartai.inspect.words.asked import Asked
from vartai.inspect.words.portions import portions
from vartai.sequences import SequenceBatch

Floats = NDArray[np.float64]


def left_out_effects(cut: Cut, asked: Asked) -> Floats:
    """``[T]``: the effect of each token; NaN of the one whose label is asked for."""
    rows = cut.vectors.data
    steps = len(rows)
    found = np.full(steps, np.nan)
    tokens = [token for token in range(steps) if token != asked.place]
    with torch.no_grad():
        for chosen in portions([steps - 1] * len(tokens)):
            some = tokens[chosen]
            kept = torch.cat([rows[torch.arange(steps) != token] for token in some])
            batch = SequenceBatch(kept, torch.full((len(some),), steps - 1))
            if asked.place is None:
                margins = asked.of(cut, batch)
            else:
                scores = cut.read(batch)
                # A token left out before the one that is asked for moves that one forward.
                shift = torch.tensor([token < asked.place for token in some])
                margins = scores[batch.offsets[:-1] + asked.place - shift.long()] @ asked.weights
            found[some] = asked.margin - margins.double().cpu().numpy()
    return found
