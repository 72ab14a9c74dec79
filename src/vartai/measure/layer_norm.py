"""The layer-normalised LSTM of Ba, Kiros and Hinton (2016), the way people write it in torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import vartai.nn
from vartai.measure.entrant import Together
from vartai.measure.work import Work


class EagerLayerNormLSTM(nn.Module):
    """Equations 20–22 of the supplement; W·x and its norm are formed for all steps at once.

    Args:
        plain: the LSTM whose weights it takes; gains begin at 1, the norms' biases at 0.
    """

    def __init__(self, plain: nn.RNNBase) -> None:
        super().__init__()
        size = plain.hidden_size
        for name, weight in plain.named_parameters():
            self.register_parameter(name, nn.Parameter(weight.detach().clone()))
        self.of_inputs = nn.LayerNorm(4 * size)
        self.of_hidden = nn.LayerNorm(4 * size)
        self.of_cell = nn.LayerNorm(size)

    def forward(self, inputs: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Outputs ``[T, B, H]``, hidden and cell ``[1, B, H]``, from ``[T, B, D]``."""
        named = dict(self.named_parameters())
        biases = named["bias_ih_l0"] + named["bias_hh_l0"]
        products = self.of_inputs(inputs @ named["weight_ih_l0"].T) + biases
        recurrent = named["weight_hh_l0"].T
        hidden = cell = inputs.new_zeros(inputs.size(1), recurrent.size(0))
        outputs = []
        for product in products.unbind(0):
            gates = product + self.of_hidden(hidden @ recurrent)
            i, f, g, o = gates.chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * self.of_cell(cell).tanh()
            outputs.append(hidden)
        return torch.stack(outputs), (hidden[None], cell[None])


def eager_layer_norm(work: Work) -> Together:
    """The loop in Python."""
    return _on_padded(EagerLayerNormLSTM(work.layer), work)


def vartai_layer_norm(work: Work) -> Together:
    """Vartai's layer with ``layer_norm=True``."""
    size = work.case.size
    layer = vartai.nn.LSTM(size, size, layer_norm=True)
    layer.load_state_dict(work.layer.state_dict(), strict=False)
    return _on_padded(layer, work)


def _on_padded(layer: nn.Module, work: Work) -> Together:
    inputs, gradient = work.padded()
    # Gains too: they are trained like the rest. The shared names come first, to be compared.
    return Together(layer, inputs, work.from_padded, gradient, _ordered(layer, work))


def _ordered(layer: nn.Module, work: Work) -> dict[str, Tensor]:
    shared = list(work.parameters)
    return dict(
        sorted(layer.named_parameters(), key=lambda named: (named[0] not in shared, named[0]))
    )
