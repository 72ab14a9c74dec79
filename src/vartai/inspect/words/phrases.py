"""What phrases bring to a margin, by contextual decomposition of all the recurrent layers.

    margin(text) = margin of β + margin of γ + what the model says of nothing

The last of these is the output's own bias. Between the layers and the scores must stand something
that is linear in the outputs, or chooses among them (`last`, `mean` and `max` pools): then β and γ
of the outputs are parts of the score, the choice being that which the whole text made.

Two phrases interact as far as together they bring more than each by itself:

    interaction(A, B) = effect(A and B) - effect(A) - effect(B)

Source: see `vartai.inspect.words.decomposition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.errors import OptionError
from vartai.inspect.cut import Cut
from vartai.inspect.words.asked import Asked
from vartai.inspect.words.decomposition import Parts, State, decompose_layer
from vartai.inspect.words.portions import portions
from vartai.kernels.forms import STANDARD
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sequence_layers import SequenceLayers

Floats = NDArray[np.float64]
Phrase = Iterable[int]

_LINEAR_NATS = 1e-3


def phrase_effects(cut: Cut, asked: Asked, phrases: Sequence[Phrase]) -> Floats:
    """``[P]``: what each phrase brings to the margin, in nats.

    Args:
        cut: of one text.
        asked: the number to explain.
        phrases: tokens of each, from 0; they need not stand side by side.

    Raises:
        OptionError: layers or a pool that cannot be decomposed, named; a token beyond the text.
    """
    require_decomposable(cut, asked)
    text = cut.vectors.data
    inside = _masks(phrases, len(text)).to(text)
    slope = _slope(cut, asked)
    effects = []
    with torch.no_grad():
        for chosen in portions([len(text)] * len(inside)):
            rows = decompose_rows(cut.layers, text, inside[chosen], segment=cut.segment)
            effects.append((rows.phrase * slope[:, None, :]).sum((0, 2)))
    return torch.cat(effects).double().cpu().numpy()


def interaction(cut: Cut, asked: Asked, one: Phrase, other: Phrase) -> float:
    """What two phrases bring to the margin only together, in nats.

    Raises:
        OptionError: they share a token, or cannot be decomposed.
    """
    first, second = set(one), set(other)
    if first & second:
        raise OptionError(f"phrases that interact share no token, found {sorted(first & second)}")
    together, alone, besides = phrase_effects(cut, asked, [first | second, first, second])
    return float(together - alone - besides)


def decompose_rows(
    layers: SequenceLayers, text: Tensor, inside: Tensor, *, segment: int | None
) -> Parts:
    """Outputs of the last layer in two parts.

    Args:
        layers: a standard LSTM's.
        text: ``[T, E]``. Vectors of one text.
        inside: ``[P, T]``. 1 where a token is of a phrase, else 0.
        segment: steps after which the layers begin anew; None for never.

    Returns:
        ``[T, P, F]`` each.
    """
    member = inside.T.unsqueeze(2)
    vectors = text.unsqueeze(1)
    inputs = Parts(member * vectors, (1 - member) * vectors)
    pieces = [torch.split(part, segment or len(text)) for part in inputs]
    read = [_decompose_piece(layers, Parts(*piece)) for piece in zip(*pieces, strict=True)]
    return Parts(*(torch.cat(rows) for rows in zip(*read, strict=True)))


def _decompose_piece(layers: SequenceLayers, rows: Parts) -> Parts:
    for layer in range(layers.num_layers):
        suffixes = [f"l{layer}", f"l{layer}_reverse"][: layers.directions]
        read = [_decompose_direction(layers, suffix, rows) for suffix in suffixes]
        rows = Parts(
            torch.cat([side.phrase for side in read], -1),
            torch.cat([side.rest for side in read], -1),
        )
    return rows


def _decompose_direction(layers: SequenceLayers, suffix: str, rows: Parts) -> Parts:
    layers = _of_a_form(layers)
    weights = layers.form.named(layers.weights(suffix))
    inputs = Parts(*(part @ weights.weight_ih.T for part in rows))
    backwards = suffix.endswith("_reverse")
    if backwards:
        inputs = Parts(*(part.flip(0) for part in inputs))
    count = inputs.phrase.size(1)
    # What a state begins with was learned with the biases, and comes from no word.
    start = State(
        *(
            Parts(part.new_zeros(count, len(part)), part.expand(count, -1))
            for part in layers.fresh_state(suffix)
        )
    )
    bias = weights.weight_ih.new_zeros(len(weights.weight_ih))
    if weights.bias_ih is not None and weights.bias_hh is not None:
        bias = weights.bias_ih + weights.bias_hh
    states = decompose_layer(inputs, start, weights.weight_hh, bias)
    return Parts(*(part.flip(0) for part in states)) if backwards else states


def _of_a_form(layers: SequenceLayers) -> RecurrentLayers:
    if not isinstance(layers, RecurrentLayers):
        raise OptionError(
            "contextual decomposition is defined for LSTMs; these layers are "
            f"{type(layers).__name__}"
        )
    return layers


def require_decomposable(cut: Cut, asked: Asked) -> None:
    """Refuse what has no contextual decomposition.

    Raises:
        OptionError: names what is in the way.
    """
    form = _of_a_form(cut.layers).form
    if form.cell != "lstm":
        raise OptionError(
            f"contextual decomposition is defined for LSTMs; these layers are {form.cell}"
        )
    if form != STANDARD["lstm"]:
        found = ", ".join(f"{name}={value!r}" for name, value in form.options().items())
        raise OptionError(
            f"contextual decomposition is defined for the standard LSTM; these layers have {found}"
        )
    rows = cut.vectors.with_data(cut.run().rows.detach())
    twice = rows.with_data(2 * rows.data)
    with torch.no_grad():
        said, said_twice = asked.of_rows(cut, rows), asked.of_rows(cut, twice)
    grown = (_slope(cut, asked) * rows.data).sum()
    if float((said_twice - said - grown).abs()) > _LINEAR_NATS * (1 + float(grown.abs())):
        raise OptionError(
            "contextual decomposition needs scores that are linear in the layers' outputs (pools "
            "last, mean, max); this model weights them by themselves (pool attention)"
        )


def _slope(cut: Cut, asked: Asked) -> Tensor:
    """``[N, F]``: how the margin grows with each output."""
    rows = cut.run().rows.detach().requires_grad_()
    with torch.enable_grad():
        margin = asked.of_rows(cut, cut.vectors.with_data(rows))
        [slope] = torch.autograd.grad(margin.sum(), [rows])
    return slope


def _masks(phrases: Sequence[Phrase], steps: int) -> Tensor:
    inside = torch.zeros(len(phrases), steps)
    for place, phrase in enumerate(phrases):
        for token in phrase:
            if not 0 <= token < steps:
                raise OptionError(
                    f"token {token} is not of this text, whose tokens are 0 to {steps - 1}"
                )
            inside[place, token] = 1.0
    return inside
