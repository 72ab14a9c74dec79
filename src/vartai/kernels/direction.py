"""What goes into one layer in one direction besides rows and weights, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vartai.kernels.forms import Form
from vartai.kernels.padded import AnyBatch

State = tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Noise:
    """What a layer's training forgets on purpose.

    Args:
        recurrent: ``[B, P]``. Multiplies the hidden state wherever it meets ``W_hh``, at every
            step alike: 0 drops a unit, 1/(1-share) keeps it (Gal & Ghahramani 2016). None drops
            nothing.
        zoneout_hidden: ``[N, P]``, 1 where a step leaves the hidden state as it was; or the share
            of the old state that every step keeps, as in evaluation (Krueger et al. 2017).
        zoneout_cell: ``[N, H]`` or a share; the same of an LSTM's cell.
    """

    recurrent: Tensor | None = None
    zoneout_hidden: Tensor | float = 0.0
    zoneout_cell: Tensor | float = 0.0

    @property
    def zoneout(self) -> tuple[Tensor | float, Tensor | float]:
        """In the order of an LSTM's state."""
        return self.zoneout_hidden, self.zoneout_cell


@dataclass(frozen=True, eq=False)
class Trace:
    """Everything a direction computed, from the run itself; no gradient flows through it.

    Args:
        hidden: ``[N, P]``. The outputs.
        cell: ``[N, H]``. An LSTM's cells, None for others.
        gates: ``[N, H]`` each, activated, by the names of `Form.traced`.
    """

    hidden: Tensor
    cell: Tensor | None
    gates: dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Result:
    """What one layer in one direction gives.

    Args:
        outputs: ``[N, P]``, in the row order of the batch.
        final: ``[B, P]``, ``[B, H]`` of an LSTM's cell, its gates where they are recurrent. State
            after the last step taken.
        trace: if it was asked for.
    """

    outputs: Tensor
    final: State
    trace: Trace | None = None


def no_rows(rows: Tensor, size: int) -> Tensor:
    """Outputs ``[0, size]`` of a batch without any step, in the graph of its rows ``[0, …]``."""
    return rows[:0].flatten(1)[:, :1].expand(0, size)


def require_shapes(form: Form, batch: AnyBatch, state: State, weights: tuple[Tensor, ...]) -> None:
    """Refuse tensors that do not belong together.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    named = form.named(weights)
    hidden_size = named.weight_hh.size(0) // len(form.gates)
    input_size = named.weight_ih.size(-1)
    _require_shape(form, "data", batch.data, (*batch.data.shape[:-1], input_size))
    sizes = form.state_sizes(hidden_size)
    if len(state) != len(sizes):
        raise ValueError(f"{form.cell}: expected {len(sizes)} parts of the state, got {len(state)}")
    for name, part, size in zip(("hidden", "cell", "gates"), state, sizes, strict=False):
        _require_shape(form, name, part, (batch.count, size))
    shapes = form.weight_shapes(input_size, hidden_size, bias=named.bias_ih is not None)
    for (name, shape), weight in zip(shapes.items(), weights, strict=True):
        _require_shape(form, name, weight, shape)


def _require_shape(form: Form, name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    if tensor.shape != shape:
        raise ValueError(f"{form.cell}: {name} must be {list(shape)}, was {list(tensor.shape)}")
