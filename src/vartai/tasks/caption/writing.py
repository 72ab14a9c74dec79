"""Pictures to the words of their captions, by beam search, a few pictures at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.data.batches import Ids
from vartai.decoding.beam import BeamOptions, Written, beam_search
from vartai.models.caption_steps import CaptionSteps
from vartai.models.captioner import Captioner
from vartai.models.encoder_decoder import BORDER_ID
from vartai.models.looking import likeliest
from vartai.tasks.caption.config import CaptionWriting

# How much is written at once: bounds memory, whatever the number of pictures.
_ROWS = 320


def caption_steps(model: Captioner, options: CaptionWriting) -> CaptionSteps:
    """The step of a model that looks as it was told."""
    return CaptionSteps(model, likeliest if options.glance == "likeliest" else None)


def write_captions(
    model: Captioner,
    pictures: Tensor,
    options: CaptionWriting,
    *,
    longest: int,
    best: int = 1,
) -> list[list[Written]]:
    """The best captions of each picture, best first.

    Args:
        model: in evaluation mode.
        pictures: ``[P, …]``, to write about.
        options: of the search.
        longest: most words of a caption.
        best: how many of each, at most the beam.
    """
    steps = caption_steps(model, options)
    search = BeamOptions(
        beam=options.beam, length_penalty=options.length_penalty, end=BORDER_ID, best=best
    )
    device = model.bias.device
    found: list[list[Written]] = []
    count = max(1, _ROWS // options.beam)
    for start in range(0, len(pictures), count):
        chosen = pictures[start : start + count]
        state = steps.begin(chosen.to(device))
        begin = torch.full((len(chosen),), BORDER_ID, device=device)
        # The end is a token too.
        found += beam_search(steps, state, begin, [longest + 1] * len(chosen), search)
    return found


def look_weights(model: Captioner, picture: Tensor, words: Ids, options: CaptionWriting) -> Tensor:
    """``[words + 1, L]``: where it looked before each word of a caption, and before the end.

    Args:
        model: in evaluation mode.
        picture: one, or its annotations, without a batch.
        words: of the caption.
        options: how it looks.
    """
    steps = caption_steps(model, options)
    device = model.bias.device
    state = steps.begin(picture.unsqueeze(0).to(device))
    rows = []
    for word in (BORDER_ID, *words.tolist()):
        _, state = steps(torch.tensor([word], device=device), state)
        if state.weights is not None:
            rows.append(state.weights[0])
    return torch.stack(rows).cpu()
