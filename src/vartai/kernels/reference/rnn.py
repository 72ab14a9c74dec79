"""Simple (Elman) recurrent cell: the definition every faster version must match.

One step, with W_ih ``[H, D]``, W_hh ``[H, H]``:

    h' = activation(W_ih x + b_ih + W_hh h + b_hh)

The activation is tanh or relu in the standard form, and any of `ACTIVATIONS`.

`layer_norm` (Ba, Kiros & Hinton 2016, equation 4): the whole sum is normalised,

    h' = activation(LN(W_ih x + W_hh h; gain) + b_ih + b_hh)

Source: Elman, "Finding structure in time", 1990; two biases as in PyTorch.
"""

from __future__ import annotations

from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.normalised import add, layer_norm

Gates = tuple[Tensor, ...]


def rnn_inputs(product: Tensor, _w: CellWeights) -> Tensor:
    """``W_ih x […, H]`` as it is: what inputs add to the sums, whatever the state."""
    return product


def rnn_step(
    form: Form, inputs: Tensor, _state: tuple[Tensor, ...], w: CellWeights, seen: Tensor
) -> tuple[tuple[Tensor, ...], Gates]:
    """Advance one step.

    Args:
        form: of the cell.
        inputs: ``[B, H]``. From `rnn_inputs`.
        _state: hidden ``[B, H]`` before the step; only `seen` of it counts.
        w: weights of the form.
        seen: ``[B, H]``. The hidden state as ``W_hh`` meets it, which dropout may have thinned.

    Returns:
        hidden ``[B, H]`` after the step, and the candidate, which is the same.
    """
    sums = layer_norm(inputs + seen @ w.weight_hh.T, w.gain)
    hidden = ACTIVATIONS[form.activation](add(add(sums, w.bias_ih), w.bias_hh))
    return (hidden,), (hidden,)
