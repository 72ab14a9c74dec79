"""sLSTM layers: exponential gates, a normaliser, and recurrent weights within heads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vartai.errors import OptionError, require_range
from vartai.kernels.direction import Result, State
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.slstm import GATES, TRACED, SLSTMState
from vartai.kernels.slstm import run_slstm
from vartai.nn.layer_stack import LayerStack


class SLSTM(LayerStack):
    """sLSTM layers (Beck et al. 2024, arXiv 2405.04517); `vartai.kernels.reference.slstm`.

    The cell alone, without the convolution, normalisation and projections of the xLSTM block.
    Inputs and outputs are those of `vartai.nn.LSTM`; the state has four parts, see `SLSTMState`.
    Parameters are ``weight_ih [4H, D]``, ``bias_ih [4H]`` (input, forget, candidate, output) and
    ``weight_hh [heads, H/heads, 4, H/heads]`` (head, unit read, gate, unit written).

    A trace's cell is the one stored, ``e^m`` times smaller than it is, and so is the ``normaliser``
    that stands beside the gates: hidden = output · cell / normaliser.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there is a ``bias_ih``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        num_heads: heads that the units are divided among; the units of a head read each other.

    Raises:
        OptionError: a number out of bounds, or heads that do not divide H.

    Example:
        >>> layer = SLSTM(3, 8, num_heads=2)
        >>> outputs, state = layer(torch.zeros(7, 2, 3))
        >>> outputs.shape, state.normaliser.shape
        (torch.Size([7, 2, 8]), torch.Size([1, 2, 8]))
    """

    gate_names = GATES
    traced = TRACED
    state_parts = len(SLSTMState._fields)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        num_heads: int = 1,
    ) -> None:
        require_range("num_heads", num_heads, at_least=1)
        if hidden_size % num_heads != 0:
            raise OptionError(f"num_heads must divide hidden_size {hidden_size}, was {num_heads}")
        self._heads = (num_heads, hidden_size // num_heads)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )

    @property
    def num_heads(self) -> int:
        """Heads that the units are divided among."""
        return self._heads[0]

    def parameter_shapes(self, below: int) -> dict[str, tuple[int, ...]]:
        """See `LayerStack.parameter_shapes`."""
        heads, size = self._heads
        return super().parameter_shapes(below) | {"weight_hh": (heads, size, len(GATES), size)}

    def reset_parameters(self) -> None:
        """Draw weights within ±1/√H, recurrent ones zero; biases as the authors' program has them.

        Forget gates begin spread from long memory to short within each head, by a power that grows
        from the first layer to the last; all other biases are zero.
        """
        super().reset_parameters()
        for name, parameter in self.named_parameters():
            if not name.startswith("weight_ih"):
                nn.init.zeros_(parameter)
        if not self.bias:
            return
        for layer in range(self.num_layers):
            for suffix in self.suffixes(layer):
                with torch.no_grad():
                    forget = self.parameter("bias_ih", suffix).chunk(len(GATES))[1]
                    forget.copy_(self._forget_biases(layer))

    def _forget_biases(self, layer: int) -> Tensor:
        """``[H]``: 5 - 12 p^(0.3 + 1.3 l), p and l the places in head and stack, from 0 to 1."""
        heads, size = self._heads
        place = torch.arange(size) / max(1, size - 1)
        height = layer / max(1, self.num_layers - 1)
        biases: Tensor = 5.0 - 12.0 * place ** (0.3 + 1.3 * height)
        return biases.repeat(heads)

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """See `LayerStack.run_direction`."""
        weights = (*self.input_weights(suffix), self.parameter("weight_hh", suffix))
        return run_slstm(batch, SLSTMState(*state), weights, reverse=reverse, keep=keep)

    def shown(self, state: State) -> SLSTMState:
        """See `SequenceLayers.shown`."""
        return SLSTMState(*state)
