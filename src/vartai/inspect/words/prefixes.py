"""What each word did to the prediction as the text went on.

    effect of token t = margin(tokens 1 … t) - margin(tokens 1 … t-1)

where each beginning of the text is read as a text of its own, so that the definition is the same
for models that read in both directions. The effects add up to the margin of the text less that of
an empty text, exactly: every term between the two cancels.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.inspect.cut import Cut
from vartai.inspect.words.asked import Asked
from vartai.inspect.words.portions import portions
from vartai.sequences import SequenceBatch

Floats = NDArray[np.float64]


def running_margins(cut: Cut, asked: Asked) -> Floats:
    """``[T + 1]``: the margin of every beginning of the text, that of no token first.

    Costs T²/2 steps.

    Raises:
        OptionError: a model that scores tokens: its answer is of one token, not of a beginning.
    """
    if cut.per != "text":
        raise OptionError(
            "the running effect is of models that score texts; this one scores tokens"
        )
    rows = cut.vectors.data
    lengths = torch.arange(len(rows) + 1)
    found = []
    with torch.no_grad():
        for chosen in portions(lengths.tolist()):
            some = lengths[chosen]
            data = torch.cat([rows[:length] for length in some.tolist()])
            found.append(asked.of(cut, SequenceBatch(data, some)))
    return torch.cat(found).double().cpu().numpy()
