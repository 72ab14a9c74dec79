"""A cell prepared for many steps, as a stream takes them."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from vartai.errors import OptionError, unknown_name
from vartai.kernels import native
from vartai.nn.cells import RecurrentCell

WEIGHTS: Final = ("float32", "bfloat16")


class PreparedStep:
    """A cell whose weights have been copied and packed; see `prepare_step`."""

    def __init__(self, core: native.PreparedCell) -> None:
        self._core = core

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

    def step_into(
        self, inputs: Tensor, state: tuple[Tensor, ...], after: tuple[Tensor, ...]
    ) -> None:
        """As `step`, with states as tuples; the one after the step is written into `after`.

        Raises:
            ValueError: another shape, type or device.
        """
        self._core.step_into(inputs, state, after)


def prepare_step(cell: RecurrentCell, *, weights: str = "float32") -> PreparedStep:
    """Pack a cell's weights once, for steps of a few microseconds each.

    A step then gives bit for bit what the layer gives that runs all steps at once. The weights are
    copied: training the cell further changes nothing here.

    With ``weights="bfloat16"`` the matrices of weights are rounded to eight bits of precision, so
    that half as many bytes are read at each step, which is what a step of many units waits for.
    Inputs, states, biases and sums stay float32. Each weight is off by 1/256 of itself at most, so
    each sum by at most 1/256 of the magnitudes of its products; what that makes of a long stream
    depends on the model, and is to be measured there.

    Args:
        cell: an `RNNCell`, `LSTMCell` or `GRUCell` of float32.
        weights: ``float32`` or ``bfloat16``.

    Raises:
        OptionError: the installation has no compiled core, the cell's weights are not float32, or
            there is no such type of weights.

    Example:
        >>> import torch
        >>> from vartai.nn.cells import GRUCell
        >>> cell = GRUCell(3, 5)
        >>> inputs, hidden = torch.ones(1, 3), torch.zeros(1, 5)
        >>> prepared = prepare_step(cell)
        >>> torch.allclose(prepared.step(inputs, hidden), cell(inputs, hidden), atol=1e-6)
        True
    """
    if weights not in WEIGHTS:
        raise unknown_name("type of weights", weights, WEIGHTS)
    bfloat16 = weights == "bfloat16"
    return PreparedStep(pack_cell(cell.form.operator, cell.weights(), bfloat16=bfloat16))


def pack_cell(
    operator: str, weights: tuple[Tensor, ...], *, bfloat16: bool = False
) -> native.PreparedCell:
    """The core's own prepared cell.

    Args:
        operator: of a standard form.
        weights: as the form orders them.
        bfloat16: as `prepare_step` has it.

    Raises:
        OptionError: as `prepare_step`.
    """
    if not native.HAS_CORE:
        raise OptionError("prepare_step needs the compiled core, and this installation has none")
    kinds = {str(weight.dtype) for weight in weights}
    if kinds != {"torch.float32"}:
        raise OptionError(f"prepare_step takes weights of float32, these are {', '.join(kinds)}")
    return native.PreparedCell(operator, weights, bfloat16=bfloat16)
