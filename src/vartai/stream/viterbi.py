"""The best tags of a growing sentence: Viterbi's algorithm that answers after a fixed delay.

The best row of tags of a whole sentence is known at its end only. Here the tag of a word is taken
from the best row of tags so far, once `delay` more words were read: so what is remembered is
`delay` steps, whatever the length. Words that come later than that can no longer change it. With a
delay no shorter than the sentence the tags are those of `vartai.nn.crf.LinearChainCRF.decode`.

Scores are kept below 0, the best at 0: only their differences count, and they would grow for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vartai.nn.crf import FORBIDDEN, LinearChainCRF
from vartai.stream.rows import Field, Rows


class DelayedViterbi:
    """Steps a field; rows are best scores ``[R, C]`` and ``[R, delay, C]``, where they came from.

    Args:
        crf: C tags; its weights are copied.
        delay: words after which a tag is told.
    """

    def __init__(self, crf: LinearChainCRF, delay: int) -> None:
        weights = [part.detach().cpu().clone() for part in (crf.start, crf.transitions, crf.end)]
        if crf.legal is not None:
            masks = (crf.legal.start, crf.legal.transitions, crf.legal.end)
            weights = [
                weight.masked_fill(~mask.cpu(), FORBIDDEN)
                for weight, mask in zip(weights, masks, strict=True)
            ]
        self._start, self._transitions, self._end = weights
        self.delay = delay
        tags = len(self._start)
        self.fields = (
            Field("tags.best", (tags,)),
            Field("tags.came_from", (delay, tags), torch.int64),
        )

    def fresh(self) -> Rows:
        """Before the first word, of one stream."""
        tags = len(self._start)
        return torch.zeros(1, tags), torch.zeros(1, self.delay, tags, dtype=torch.int64)

    def read(self, rows: Rows, scores: Tensor, before: Sequence[int]) -> Rows:
        """After one more word of each stream, of scores ``[R, C]``; `before` words were read."""
        best, came_from = rows
        value, source = (best[:, :, None] + self._transitions).max(1)
        first = torch.tensor([[count == 0] for count in before])
        value = torch.where(first, self._start, value) + scores
        value = value - value.amax(1, keepdim=True)
        came_from = torch.cat([came_from, source[:, None]], 1)[:, 1:] if self.delay else came_from
        return value, came_from

    def decided(self, rows: Rows) -> list[int]:
        """The tag of the word `delay` words ago, of each stream."""
        best, came_from = rows
        tags = best.argmax(1)
        for step in reversed(range(self.delay)):
            tags = came_from[:, step].gather(1, tags[:, None]).squeeze(1)
        found: list[int] = tags.tolist()
        return found

    def rest(self, rows: Rows, count: int) -> list[int]:
        """The tags of the last `count` words of one stream, as if its sentence ended here."""
        if count == 0:
            return []
        best, came_from = rows
        tag = int((best[0] + self._end).argmax())
        found = [tag]
        for step in range(1, count):
            tag = int(came_from[0, self.delay - step, tag])
            found.append(tag)
        return found[::-1]
