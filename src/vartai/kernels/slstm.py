"""sLSTM layers by torch's operators: the products with inputs at once, the rest step by step."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from vartai.kernels.masked import carry
from vartai.kernels.padded import AnyBatch
from vartai.kernels.reference.slstm import SLSTMState, recurrent_sums, slstm_gates


def run_slstm(
    batch: AnyBatch,
    state: SLSTMState,
    weights: tuple[Tensor, Tensor | None, Tensor],
    *,
    reverse: bool = False,
) -> tuple[Tensor, SLSTMState]:
    """Run one layer in one direction.

    Args:
        batch: data ``[N, D]``.
        state: ``[B, H]`` each. State before the first step taken.
        weights: ``W [4H, D]``, ``b [4H]`` or None, ``R [heads, H/heads, 4, H/heads]``.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[N, H]`` in the order of the rows, and the state after the last step taken.
    """
    w_ih, b_ih, recurrent = weights

    def step(sums: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return slstm_gates(sums + recurrent_sums(state[0], recurrent), SLSTMState(*state))

    sums = functional.linear(batch.data, w_ih, b_ih)
    outputs, final = carry(step, batch.with_data(sums), state, reverse=reverse)
    return outputs, SLSTMState(*final)
