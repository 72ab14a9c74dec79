"""Ids of source texts to ids of translations, by beam search, in batches of similar length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vartai.data.batches import Ids, TokenStore, plan_in_order
from vartai.decoding.beam import BeamOptions, Written, beam_search
from vartai.models.decoder_steps import DecoderSteps
from vartai.models.encoder_decoder import BORDER_ID, EncoderDecoder
from vartai.sequences import SequenceBatch
from vartai.tasks.translate.config import WritingOptions

# How much is written at once: bounds memory, whatever the number and length of the texts.
_TOKENS, _ROWS = 8_000, 320
_MORE = 10  # tokens that a translation may have beyond its ratio


def write_translations(
    model: EncoderDecoder, sources: Sequence[Ids], options: WritingOptions, *, best: int = 1
) -> list[list[Written]]:
    """The best translations of each source, best first.

    Args:
        model: in evaluation mode.
        sources: ids of each source text.
        options: of the search.
        best: how many of each, at most the beam.
    """
    steps = DecoderSteps(model)
    store = TokenStore(sources)
    search = BeamOptions(
        beam=options.beam, length_penalty=options.length_penalty, end=BORDER_ID, best=best
    )
    found: list[list[Written]] = [[] for _ in sources]
    texts = max(1, _ROWS // options.beam)
    for chosen in plan_in_order(store.lengths, batch_tokens=_TOKENS, batch_size=texts):
        batch = store.batch(chosen)
        limits = [limit_of(int(length), options) for length in batch.lengths]
        begin = torch.full((len(chosen),), BORDER_ID, device=model.bias.device)
        state = steps.begin(batch.to(model.bias.device))
        written = beam_search(steps, state, begin, limits, search)
        for place, own in zip(chosen.tolist(), written, strict=True):
            found[place] = own
    return found


def limit_of(tokens: int, options: WritingOptions) -> int:
    """Most tokens of a translation of so many, the end included."""
    return int(np.ceil(tokens * options.max_ratio)) + _MORE


def attention_weights(model: EncoderDecoder, source: Ids, target: Ids) -> Tensor | None:
    """``[target + 1, source]``: weights of the source before each target token, and before the end.

    None for a model without attention.
    """
    steps = DecoderSteps(model)
    state = steps.begin(_alone(source).to(model.bias.device))
    rows = []
    for token in (BORDER_ID, *target.tolist()):
        _, state = steps(torch.tensor([token], device=model.bias.device), state)
        if state.weights is None:
            return None
        rows.append(state.weights[0])
    return torch.stack(rows).cpu()


def _alone(ids: Ids) -> SequenceBatch:
    return TokenStore([ids]).batch(np.zeros(1, dtype=np.int64))
