"""A trace of a translation: the encoder over the text, the decoder over what it wrote, attention.

The decoder reads one behind: its row for a token is what it computed when it read that token and
was about to write the next. The translation is given, or written first by beam search; either way
the decoder is then run over it once, all rows at a time, as in training.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.errors import InputError
from vartai.inspect.cut import Token
from vartai.inspect.cuts.generate import BORDER, BORDER_NAME
from vartai.inspect.cuts.reading import bound_notes, located
from vartai.inspect.running import Running, as_array, likeliest
from vartai.inspect.selection import Selection
from vartai.inspect.trace import LIKELIEST, AttentionMap, Trace, states_of
from vartai.kernels import direction
from vartai.models.encoder_decoder import EncoderDecoder, begun
from vartai.sequences import SequenceBatch
from vartai.tasks.translate.task import TranslateTask
from vartai.text.subwords import SubwordTokenizer

END = "<end>"
Pieces = list[tuple[Token, int]]


def trace_translation(
    task: TranslateTask,
    source: str,
    target: str | None,
    selection: Selection,
    *,
    running: bool,
    max_tokens: int,
) -> Trace:
    """Trace one translation.

    Args:
        task: such as an estimator's ``task_``.
        source: the text.
        target: its translation; the task's own if not given.
        selection: of layers, units and gates.
        running: whether what the decoder says after each token it read is wanted.
        max_tokens: of longer texts the first so many are read.

    Returns:
        The trace. Its layers are called ``encoder.l0`` and so on; its attention is the map
        ``decoder``, one row for each token that was written, and for the end.

    Raises:
        InputError: a text without any token.
        OptionError: a layer, unit or gate that is not there.
    """
    model = task.model.eval()
    read, notes = pieces_of(task.source, source, max_tokens, "the text")
    if not source.strip():
        raise InputError("texts: expected at least one token, found none")
    if target is None:
        target = task.translate([source])[0].text
    written, cut = pieces_of(task.target, target, max_tokens, "the translation")
    with torch.no_grad():
        run = _Run(model, ids_of(read, model), ids_of(written, model))
    tokens = {
        "encoder": tuple(token for token, _ in read),
        "decoder": (BORDER, *(token for token, _ in written)),
    }
    layers = {}
    for name in selection.of_layers(run.traces):
        part = name.partition(".")[0]
        layers[name] = states_of(run.traces[name], tokens[part], name, selection)
    said: Running | None = None
    if running:
        names = [BORDER_NAME, *task.target.tokens(range(1, task.target.size))]
        said = likeliest(run.scores.softmax(1), names, tokens["decoder"], LIKELIEST)
    attention = {}
    if run.weights is not None:
        rows = (*(token.text for token in tokens["decoder"][1:]), END)
        columns = tuple(token.text for token in tokens["encoder"])
        attention["decoder"] = AttentionMap(rows, columns, as_array(run.weights))
    texts = {"encoder": source, "decoder": target}
    return Trace(source, tokens["encoder"], layers, said, attention, (*notes, *cut), texts)


def pieces_of(
    tokenizer: SubwordTokenizer, text: str, max_tokens: int, what: str
) -> tuple[Pieces, tuple[str, ...]]:
    """Tokens with their ids. Every text is read with a space before it, which is not its own."""
    [found] = tokenizer.encode([f" {text}"])
    offsets = (found.offsets - 1).clip(min=0)
    pairs = list(zip(located(text, offsets), found.ids.tolist(), strict=True))
    notes = bound_notes(len(pairs), max_tokens=max_tokens)
    return pairs[:max_tokens], tuple(f"of {what}: {note}" for note in notes)


def ids_of(pieces: Pieces, model: EncoderDecoder) -> SequenceBatch:
    """The ids of one text, where the model is."""
    ids = torch.tensor([number for _, number in pieces], dtype=torch.int64)
    return SequenceBatch.from_sequences([ids]).to(model.bias.device)


class _Run:
    """All that an encoder and a decoder compute of one pair: `Decoder.at_once`, with traces.

    Attributes:
        traces: by part and layer.
        weights: ``[target + 1, source]`` of attention; None without.
        scores: ``[target + 1, V]`` of what is written next.
    """

    def __init__(self, model: EncoderDecoder, source: SequenceBatch, target: SequenceBatch) -> None:
        encoder, decoder = model.encoder, model.decoder
        vectors = (encoder.vectors or decoder.vectors)(source)
        self.traces: dict[str, direction.Trace] = {}
        self._take("encoder", encoder.layers.run(vectors, keep=True).traces)
        encoded = model.encode(source)
        inputs: SequenceBatch = decoder.vectors(begun(target))
        if decoder.feeding:
            # What each step was fed is known once all were written, so that one run shows them all.
            made = decoder.fed(inputs, encoded)
            before = torch.cat([torch.zeros_like(made[:1]), made[:-1]])
            inputs = inputs.with_data(torch.cat([inputs.data, before], 1))
        first = decoder.first.run(inputs, tuple(part[:1] for part in encoded.state), keep=True)
        self._take("decoder", first.traces)
        rows, context = first.rows, None
        self.weights: Tensor | None = None
        if decoder.attention is not None and encoded.memory is not None:
            contexts, weights = decoder.attention(rows.unsqueeze(0), encoded.memory)
            context, self.weights = contexts[0], weights[0]
        if decoder.further is not None:
            upper = tuple(part[1:] for part in encoded.state)
            below = inputs.with_data(_joined(rows, context))
            further = decoder.further.run(below, upper, keep=True)
            self._take("decoder", further.traces, above=1)
            rows = further.rows
        written = torch.tanh(decoder.combine(_joined(rows, context)))
        self.scores = torch.nn.functional.linear(written, model.output_weight, model.bias)

    def _take(self, part: str, traces: dict[str, direction.Trace], *, above: int = 0) -> None:
        for name, kept in traces.items():
            number, mark, side = name[1:].partition("_")
            self.traces[f"{part}.l{int(number) + above}{mark}{side}"] = kept


def _joined(rows: Tensor, context: Tensor | None) -> Tensor:
    return rows if context is None else torch.cat([rows, context], -1)
