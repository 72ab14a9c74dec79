"""Grid LSTM over nothing but depth: a gated feed-forward network."""

from __future__ import annotations

from torch import Tensor

from vartai.kernels.reference.grid_lstm import Vectors, grid_block
from vartai.nn.grid_blocks import DEPTH, GridBlocks


class GridLSTM1d(GridBlocks):
    """Layers of blocks with one side, for vectors (Kalchbrenner, Danihelka & Graves 2015).

    What each layer keeps of the layer below is decided by gates, so hundreds of layers can be
    trained; a Highway network is much the same. `vartai.kernels.reference.grid_lstm` defines a
    block.

    Args:
        input_size: D.
        hidden_size: d.
        num_layers: layers.
        tied: all layers have the same weights.
        hidden_form: ``gated``, h' = o * tanh(m'), or ``squashed``, h' = tanh(o * m').

    Raises:
        OptionError: a name that is not known, or a number out of bounds.

    Example:
        >>> import torch
        >>> grid = GridLSTM1d(10, 4, num_layers=50, tied=True)
        >>> hidden, memory = grid(torch.zeros(2, 10))
        >>> hidden.shape, memory.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        tied: bool = False,
        hidden_form: str = "gated",
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            sides=(),
            tied=tied,
            hidden_form=hidden_form,
            depth_activation=None,
        )

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Run all layers.

        Args:
            inputs: ``[…, D]``.

        Returns:
            The hidden vectors and the memories above the last layer, ``[…, d]`` both.

        Raises:
            ValueError: inputs of another size or type.
        """
        vectors = self.project(inputs)
        for layer in range(self.num_layers):
            vectors = self._block(vectors, layer)
        if vectors.memory is None:
            raise ValueError("depth has no memory")
        return vectors.hidden, vectors.memory

    def _block(self, vectors: Vectors, layer: int) -> Vectors:
        return grid_block([vectors], [self.side(DEPTH, layer)], hidden_form=self.hidden_form)[0]
