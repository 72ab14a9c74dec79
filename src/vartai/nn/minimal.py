"""What minGRU and minLSTM share: one product with the inputs, then one scan, and a candidate."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor
from torch.nn import functional

from vartai.errors import unknown_name
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.graph_scan import scan_batch
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.min_gru import CANDIDATES
from vartai.nn.layer_stack import LayerStack


class MinimalLayers(LayerStack):
    """Layers of a cell whose gates read the input alone. Use `MinGRU` or `MinLSTM`.

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
    """

    scan: str  # of `vartai.kernels.scan`, without its candidate

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
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """See `LayerStack.run_direction`."""
        sums = functional.linear(batch.data, *self.input_weights(suffix))
        kind = f"{self.scan}_{self.candidate}"
        outputs, final = scan_batch(kind, batch.with_data(sums), state[0], reverse=reverse)
        trace = None
        if keep:
            # The core keeps the sums; of them the gates are what the definition says.
            trace = Trace(outputs.detach(), None, self.gates_of(sums.detach()))
        return Result(outputs, (final,), trace)

    @abstractmethod
    def gates_of(self, sums: Tensor) -> dict[str, Tensor]:
        """Sums ``[…, gates·H]`` to the activated gates ``[…, H]`` by name."""
