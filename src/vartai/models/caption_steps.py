"""A trained captioner that writes: one word of every row at a time, without gradients.

Several rows may write about one picture; its annotations are kept once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.models.captioner import Captioner
from vartai.models.encoder_decoder import BORDER_ID, UNKNOWN_ID
from vartai.models.looking import Choose
from vartai.nn.attention import Memory
from vartai.nn.layer_steps import LayerSteps


@dataclass(frozen=True, eq=False)
class CaptionState:
    """What was written so far, of R rows.

    Args:
        state: hidden and cell, ``[1, R, H]`` each.
        memory: annotations of the P pictures that rows write about.
        picture: ``[R]``, int64, CPU, rising: which of them each row writes about.
        weights: ``[R, L]``, where the last word was looked for; None before the first.
    """

    state: State
    memory: Memory
    picture: Tensor
    weights: Tensor | None

    def select(self, rows: Tensor) -> CaptionState:
        """Of some rows; see `vartai.decoding.step`. Pictures must stay in order."""
        present, renumbered = torch.unique_consecutive(self.picture[rows], return_inverse=True)
        memory = self.memory
        there = rows.to(memory.valid.device)
        if len(present) < len(memory.valid):
            memory = memory.select(present.to(there.device))
        state = tuple(part.index_select(1, there) for part in self.state)
        return CaptionState(state, memory, renumbered, None)


class CaptionSteps:
    """The step of a model, with the weights of its layer packed once.

    Args:
        model: in evaluation mode. Training it further does not change what is packed here.
        choose: the place that each row looks at; None to look by the weights.
    """

    def __init__(self, model: Captioner, choose: Choose | None) -> None:
        self._model = model
        self._choose = choose
        self._layer = LayerSteps(model.layer, packed=True)
        self._vectors = model.vectors.embedding.weight.detach()
        self._output = model.words.detach().T
        bias = model.bias.detach().clone()
        bias[UNKNOWN_ID] = -torch.inf  # no word
        self._bias = bias

    @torch.inference_mode()
    def begin(self, pictures: Tensor) -> CaptionState:
        """Look at P pictures, or take their annotations: one row for each."""
        seen = self._model.see(pictures)
        return CaptionState(seen.state, seen.memory, torch.arange(len(pictures)), None)

    @torch.inference_mode()
    def __call__(self, ids: Tensor, state: CaptionState) -> tuple[Tensor, CaptionState]:
        """Read one word of every row, ``[R]``; see `vartai.decoding.step`."""
        vectors = self._vectors.index_select(0, ids) * (ids != BORDER_ID).unsqueeze(1)
        one_each = len(ids) == len(state.memory.valid)
        glance = self._model.looking(
            state.state[0][0],
            state.memory,
            sequence=None if one_each else state.picture,
            choose=self._choose,
        )
        hidden, after = self._layer.step(torch.cat([vectors, glance.context], 1), state.state)
        features = self._model.output(hidden, vectors, glance.context)
        scores = torch.addmm(self._bias, features, self._output)
        read = CaptionState(after, state.memory, state.picture, glance.used)
        return torch.log_softmax(scores, 1), read
