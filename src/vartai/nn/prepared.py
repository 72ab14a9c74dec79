"""A cell prepared for many steps, as a stream takes them."""

from __future__ import annotations

from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels import native
from vartai.nn.cells import LSTMCell, RecurrentCell


class PreparedStep:
    """A cell whose weights have been copied and packed; see `prepare_step`."""

    def __init__(self, cell: RecurrentCell) -> None:
        self._core = native.PreparedCell(cell.form.operator, cell.weights())
        self._pair = isinstance(cell, LSTMCell)

    def step(
        self, inputs: Tensor, hx: Tensor | tuple[Tensor, Tensor]
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Advance one step. No gradient flows through it.

        Args:
            inputs: ``[B, D]``, contiguous float32 on the CPU.
            hx: ``[B, H]``, likewise; of an LSTM the pair of hidden and cell.

        Returns:
            The state after the step, in the form of `hx`.

        Raises:
            ValueError: another shape, type or device.
        """
        if isinstance(hx, Tensor):
            return self._core.step(inputs, (hx,))[0]
        hidden, cell = self._core.step(inputs, hx)
        return hidden, cell


def prepare_step(cell: RecurrentCell) -> PreparedStep:
    """Pack a cell's weights once, for steps of a few microseconds each.

    A step then gives bit for bit what the layer gives that runs all steps at once. The weights are
    copied: training the cell further changes nothing here.

    Args:
        cell: an `RNNCell`, `LSTMCell` or `GRUCell` of float32.

    Raises:
        OptionError: the installation has no compiled core, or the weights are not float32.

    Example:
        >>> import torch
        >>> from vartai.nn.cells import GRUCell
        >>> cell = GRUCell(3, 5)
        >>> inputs, hidden = torch.ones(1, 3), torch.zeros(1, 5)
        >>> prepared = prepare_step(cell)
        >>> torch.allclose(prepared.step(inputs, hidden), cell(inputs, hidden), atol=1e-6)
        True
    """
    if not native.HAS_CORE:
        raise OptionError("prepare_step needs the compiled core, and this installation has none")
    kinds = {str(weight.dtype) for weight in cell.weights()}
    if kinds != {"torch.float32"}:
        raise OptionError(f"prepare_step takes weights of float32, these are {', '.join(kinds)}")
    return PreparedStep(cell)
