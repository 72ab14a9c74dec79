"""The one door to running a recurrent layer: picks the path, agrees with the definition."""

from __future__ import annotations

from torch import Tensor

from vartai.kernels import dense, form_recurrence, graph_recurrence, recurrence
from vartai.kernels.direction import Noise, Result, State
from vartai.kernels.forms import Form
from vartai.kernels.masked import run_masked
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.kernels.reach import in_a_transform
from vartai.kernels.stepwise import run_stepwise


def run_direction(
    form: Form,
    batch: AnyBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    noise: Noise | None = None,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction over ragged sequences.

    The compiled core takes float32 on a CPU, with noise and in every form. What else is a
    standard form without noise goes to torch's dense operators; those keep no trace, and
    `torch.func` cannot map them. Everything else is run step by step. A padded batch, as a graph
    that is being traced has them, goes to the core as one operator, or step by step.

    Args:
        form: of the cell.
        batch: data ``[N, D]``, or ``[B, T, D]`` if it is padded.
        state: ``[B, P]`` hidden, and ``[B, H]`` cell for an LSTM. State before the first step
            taken; P is H unless an LSTM projects its hidden state.
        weights: in the order of `Form.weight_names`, with biases or without.
        reverse: take the steps from each sequence's last to its first.
        noise: recurrent dropout and zoneout.
        keep: whether a trace is wanted.

    Returns:
        outputs ``[N, P]`` in the row order of `batch`, the state ``[B, …]`` each after the last
        step taken, and the trace. A sequence of length zero keeps its initial state.

    Raises:
        ValueError: shapes that do not belong together.
    """
    plain = form.standard and noise is None
    if isinstance(batch, PaddedBatch):
        if plain and graph_recurrence.takes(batch, state, weights):
            return graph_recurrence.run_in_graph(
                form.operator, batch, state, weights, reverse=reverse, keep=keep
            )
        return run_masked(form, batch, state, weights, reverse=reverse, noise=noise, keep=keep)
    if plain:
        if recurrence.takes(batch, state, weights):
            return recurrence.run_recurrence(
                form.operator, batch, state, weights, reverse=reverse, keep=keep
            )
        if not keep and not in_a_transform():
            outputs, final = dense.run_dense(form.operator, batch, state, weights, reverse=reverse)
            return Result(outputs, final)
    elif form_recurrence.takes(form, batch, state, weights, noise):
        return form_recurrence.run_form(
            form, batch, state, weights, reverse=reverse, noise=noise, keep=keep
        )
    return run_stepwise(form, batch, state, weights, reverse=reverse, noise=noise, keep=keep)
