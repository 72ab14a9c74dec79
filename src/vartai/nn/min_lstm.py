"""minLSTM layers: two gates and a candidate that read the input alone."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from vartai.errors import unknown_name
from vartai.kernels.direction import State
from vartai.kernels.graph_scan import scan_batch
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.min_gru import CANDIDATES
from vartai.kernels.reference.min_lstm import GATES
from vartai.nn.layer_stack import OneStateStack


class MinLSTM(OneStateStack):
    """minLSTM layers (Feng et al. 2024, arXiv 2410.01201); `vartai.kernels.reference.min_lstm`.

    Forget and input gate are scaled to add up to one; there is no cell state beside the hidden one.
    Inputs and outputs are those of `vartai.nn.GRU`; parameters are ``weight_ih [3H, D]`` and
    ``bias_ih [3H]``: forget gate, input gate, candidate, in the paper's order.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there is a ``bias_ih``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        candidate: ``g``, positive, as in the paper's log-space form; ``identity``, as in its
            vanilla form; or ``tanh``.

    Raises:
        OptionError: a number out of bounds, or an unknown candidate.

    Example:
        >>> import torch
        >>> layer = MinLSTM(3, 5, bidirectional=True)
        >>> outputs, hidden = layer(torch.zeros(7, 2, 3), lengths=torch.tensor([7, 0]))
        >>> outputs.shape, hidden.shape
        (torch.Size([7, 2, 10]), torch.Size([2, 2, 5]))
    """

    gates = len(GATES)

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
        candidate: str = "g",
    ) -> None:
        if candidate not in CANDIDATES:
            raise unknown_name("candidate", candidate, CANDIDATES)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )
        self.candidate = candidate

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool
    ) -> tuple[Tensor, State]:
        """See `LayerStack.run_direction`."""
        sums = functional.linear(batch.data, *self.input_weights(suffix))
        kind = f"min_lstm_{self.candidate}"
        outputs, final = scan_batch(kind, batch.with_data(sums), state[0], reverse=reverse)
        return outputs, (final,)

    def own_options(self) -> dict[str, object]:
        """See `LayerStack.own_options`."""
        return {"candidate": "g"}
