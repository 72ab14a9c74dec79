"""Honest baselines: what a captioner must beat before anyone should wait for it to train.

* ``most frequent``: the caption that occurs most often in training, whatever the picture.
* ``nearest``: a caption of the training picture that looks most alike when it is made very small.

What attention is worth is told by the same model without it: ``--attention none``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain

import torch
from torch import Tensor
from torch.nn import functional

from vartai.data.captions import CaptionedPictures
from vartai.data.duplicates import fold_text
from vartai.tasks.caption.examples import captions_of
from vartai.tasks.caption.scores import CaptionScores, score_captions
from vartai.tasks.experiment import BaselineScore, score_baselines

_SMALL = 8  # pixels along each side of what is compared
_BLOCK = 256
Describe = Callable[[Tensor], list[str]]


def run_baselines(
    train: CaptionedPictures, test: CaptionedPictures
) -> list[BaselineScore[CaptionScores]]:
    """Learn both and score them on the test pictures."""
    return score_baselines(
        {
            "most frequent": lambda: learn_most_frequent(train)(test.inputs),
            "nearest": lambda: learn_nearest(train)(test.inputs),
        },
        lambda written: score_captions(written, captions_of(test)),
    )


def learn_most_frequent(train: CaptionedPictures) -> Describe:
    """Always the commonest caption; of equally common ones the first by text."""
    everything = list(chain.from_iterable(captions_of(train)))
    counts = Counter(map(fold_text, everything))
    best = min(counts, key=lambda text: (-counts[text], text))
    caption = min(text for text in everything if fold_text(text) == best)
    return lambda pictures: [caption] * len(pictures)


def learn_nearest(train: CaptionedPictures) -> Describe:
    """The first caption of the training picture that is nearest, pixel by pixel, when small."""
    known = _small(train.inputs)
    sizes = known.square().sum(1)

    def describe(pictures: Tensor) -> list[str]:
        # Nearest by squared distance, of which the asked picture's own size is no part.
        blocks = torch.split(_small(pictures), _BLOCK)
        nearest = [(sizes - 2 * (block @ known.T)).argmin(1) for block in blocks]
        return [train.items[place].captions[0] for place in torch.cat(nearest).tolist()]

    return describe


def _small(pictures: Tensor) -> Tensor:
    """``[P, …]``: every picture as few numbers."""
    return torch.cat([_shrunk(block) for block in torch.split(pictures, _BLOCK)])


def _shrunk(pictures: Tensor) -> Tensor:
    if pictures.dim() == 3:  # annotations: their mean
        return pictures.float().mean(1)
    size = min(_SMALL, pictures.size(2))
    return functional.adaptive_avg_pool2d(pictures.float() / 255, size).flatten(1)
