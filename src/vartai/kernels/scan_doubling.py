"""Linear elementwise recurrences in parallel: distances doubled until every row knows its past.

Of a row's past, a decay and a drive tell all: h = decay · h_before + drive. Two stretches of rows
that follow each other make one, so after k rounds a row speaks for 2^k steps up to its own (Hillis
& Steele 1986). T steps take log T rounds over all rows, more arithmetic than step by step and far
fewer calls: what a GPU wants and a CPU does not.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.sequences import SequenceBatch


def run_doubled(
    decay: Tensor, batch: SequenceBatch, hidden: Tensor, *, reverse: bool = False
) -> tuple[Tensor, Tensor]:
    """``h' = decay · h + drive`` over every sequence.

    Args:
        decay: ``[N, H]``.
        batch: the drives ``[N, H]``.
        hidden: ``[B, H]``. State before the first step taken.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[N, H]`` in the order of the rows, and the state ``[B, H]`` after the last step
        taken; a sequence of length zero keeps its initial state.

    Example:
        >>> batch = SequenceBatch(torch.ones(3, 1), torch.tensor([3]))
        >>> run_doubled(torch.full((3, 1), 0.5), batch, torch.zeros(1, 1))[0].flatten().tolist()
        [1.0, 1.5, 1.75]
    """
    drive, device = batch.data, batch.data.device
    some = batch.lengths > 0
    if not bool(some.any()):
        return drive, hidden
    first, last = batch.first_rows()[some].to(device), batch.last_rows()[some].to(device)
    if reverse:
        first, last = last, first
    kept = some.nonzero().flatten().to(device)
    drive = drive.index_add(0, first, decay[first] * hidden[kept])
    taken = _steps_taken(batch, reverse=reverse).to(device)
    distance = 1
    while distance < batch.steps:
        knows = (taken >= distance)[:, None]
        # Chosen before they are multiplied: what another sequence has may be no number.
        drive_before = torch.where(knows, _shifted(drive, distance, reverse), 0.0)
        decay_before = torch.where(knows, _shifted(decay, distance, reverse), 1.0)
        drive = torch.addcmul(drive, decay, drive_before)
        decay = decay * decay_before
        distance *= 2
    return drive, hidden.index_copy(0, kept, drive[last])


def _steps_taken(batch: SequenceBatch, *, reverse: bool) -> Tensor:
    """``[N]``: steps of the same sequence taken before each row's."""
    lengths = batch.lengths
    place = torch.arange(len(batch.data)) - batch.offsets[:-1].repeat_interleave(lengths)
    return lengths.repeat_interleave(lengths) - 1 - place if reverse else place


def _shifted(rows: Tensor, distance: int, reverse: bool) -> Tensor:
    """Each row's place taken by the one so many steps before; what comes in is never read."""
    return torch.roll(rows, -distance if reverse else distance, 0)
