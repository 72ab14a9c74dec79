"""A translator, cut at its encoder: the score is the log probability of one translation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import linear

from vartai.errors import InputError, OptionError
from vartai.inspect.cut import MAX_TOKENS, Cut
from vartai.inspect.translation import ids_of, pieces_of
from vartai.models.encoder_decoder import Encoded, EncoderDecoder, begun, ended
from vartai.nn.pooling import LastPool
from vartai.sequences import SequenceBatch
from vartai.tasks.translate.task import TranslateTask

LABEL = "log probability of the translation"


def cut_translation(
    task: TranslateTask, source: str, target: str | None = None, *, max_tokens: int = MAX_TOKENS
) -> Cut:
    """Cut a translator that is about to read one text.

    Args:
        task: such as an estimator's ``task_``; its model is put into evaluation mode and left so.
        source: the text.
        target: the translation whose probability is the score; the task's own if not given.
        max_tokens: of longer texts the first so many are read.

    Returns:
        The cut; one score a text. As ever, `Cut.above` may be given other sequences.

    Raises:
        InputError: a text without any token.
        OptionError: an LSTM, whose final cells a decoder needs and outputs do not hold.
    """
    model = task.model.eval()
    layers = model.encoder.layers
    if len(layers.state_sizes) > 1:
        raise OptionError(
            "a decoder of LSTM cells begins with the encoder's cells, which are not among its "
            "outputs, so it cannot be cut there"
        )
    if not source.strip():
        raise InputError("source: expected at least one token, found none")
    if target is None:
        target = task.translate([source])[0].text
    read, notes = pieces_of(task.source, source, max_tokens, "the text")
    written, left_out = pieces_of(task.target, target, max_tokens, "the translation")
    with torch.no_grad():
        vectors: SequenceBatch = (model.encoder.vectors or model.decoder.vectors)(
            ids_of(read, model)
        )
    return Cut(
        tokens=(tuple(token for token, _ in read),),
        vectors=vectors,
        layers=layers,
        segment=None,
        above=_scorer(model, ids_of(written, model)),
        per="text",
        labels=(LABEL,),
        probabilities=torch.exp,
        notes=((*notes, *left_out),),
    )


def _scorer(model: EncoderDecoder, ids: SequenceBatch) -> Callable[[SequenceBatch], Tensor]:
    """Outputs of the encoder's layers ``[N, F]`` to log probabilities ``[B, 1]`` of the ids."""
    last = LastPool(bidirectional=model.encoder.layers.bidirectional)

    def above(rows: SequenceBatch) -> Tensor:
        count = len(rows)
        state = model.encoder.start_state(last(rows))
        attention = model.decoder.attention
        memory = None if attention is None else attention.remember(rows)
        target_ids = SequenceBatch(ids.data.repeat(count), ids.lengths.repeat(count))
        made = model.decoder(model.decoder.vectors(begun(target_ids)), Encoded(memory, state))
        scores = linear(made, model.output_weight, model.bias).log_softmax(1)
        wanted = ended(target_ids)
        own = scores.gather(1, wanted.data[:, None]).squeeze(1)
        total = own.new_zeros(count).index_add(0, wanted.sequence_of_row(), own)
        return total[:, None]

    return above
