"""A cell over ragged sequences, one at a time: slow, short, and without a special case."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.direction import Noise, Result, State, Trace
from vartai.kernels.forms import Form
from vartai.kernels.reference.cells import CELLS, noisy_step
from vartai.sequences import SequenceBatch


def run_reference(
    form: Form,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    noise: Noise | None = None,
    keep: bool = False,
) -> Result:
    """Run a cell through every sequence; the definition of a recurrent layer's direction.

    Args:
        form: of the cell.
        batch: data ``[N, D]``.
        state: ``[B, …]`` each, as `Form.state_sizes` says. State before the first step taken.
        weights: in the order of `Form.weight_names`.
        reverse: take the steps from each sequence's last to its first.
        noise: recurrent dropout and zoneout.
        keep: whether a trace is wanted.

    Returns:
        outputs ``[N, P]`` in the row order of `batch`, and the state after the last step taken. A
        sequence of length zero keeps its initial state.
    """
    w = form.named(weights)
    noise = noise or Noise()
    # An entry a row or sequence, after one without rows: so there is always something to join.
    nothing = tuple(part[:0] for part in state)
    states, finals = [nothing], [nothing]
    gates: list[State] = [(nothing[:2][-1],) * len(form.traced)]  # H wide, as a cell is
    row = 0
    for index, rows in enumerate(batch.split()):
        current: State = tuple(part[index : index + 1] for part in state)
        order = range(len(rows) - 1, -1, -1) if reverse else range(len(rows))
        steps: dict[int, tuple[State, State]] = {}
        for t in order:
            inputs = CELLS[form.cell].inputs(rows[t : t + 1], w)
            own = _noise_of(noise, sequence=index, row=row + t)
            current, activated = noisy_step(form, inputs, current, w, own)
            steps[t] = current, activated
        states.extend(steps[t][0] for t in range(len(rows)))
        gates.extend(steps[t][1] for t in range(len(rows)))
        finals.append(current)
        row += len(rows)
    outputs = _joined(states)
    return Result(
        outputs[0], _joined(finals), _trace(form, outputs, _joined(gates)) if keep else None
    )


def _joined(parts: list[State]) -> State:
    return tuple(torch.cat(part) for part in zip(*parts, strict=True))


def _noise_of(noise: Noise, *, sequence: int, row: int) -> Noise:
    """What one sequence meets at one row."""
    recurrent = None if noise.recurrent is None else noise.recurrent[sequence : sequence + 1]
    zoneout = (z[row : row + 1] if isinstance(z, Tensor) else z for z in noise.zoneout)
    return Noise(recurrent, *zoneout)


def _trace(form: Form, states: State, gates: State) -> Trace:
    named = dict(zip(form.traced, (gate.detach() for gate in gates), strict=True))
    return Trace(states[0].detach(), states[1].detach() if len(states) > 1 else None, named)
