"""One process or many, doing the same steps: data parallelism under `torchrun`.

Every process plans the same batches from the same seed and takes every world-th text of each. One
all-reduce a step adds up all gradients and the step's counts, so two processes do what one does
with the same batch, up to the order of summation (and each process's own dropout). Rows of an
embedding in use differ between processes: their ids are gathered first.

`torch.nn.parallel.DistributedDataParallel` is not used: it averages over processes, where texts
must weigh the same whoever reads them, and it would reduce the whole embedding.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

from vartai.nn.embedding import Embedding, RowsInUse


@dataclass(frozen=True)
class Processes:
    """This process's place among those that train together.

    Args:
        rank: from 0; rank 0 speaks and writes.
        world: how many there are.
    """

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that speaks and writes."""
        return self.rank == 0

    def sum_gradients(self, model: nn.Module, counts: Sequence[float]) -> list[float]:
        """Add up all processes' gradients in place, and `counts`, in one all-reduce.

        Args:
            model: after the backward pass; a missing gradient counts as zeros.
            counts: numbers of this process to be summed along.

        Returns:
            The sums of the counts.
        """
        if self.world == 1:
            return list(counts)
        tables = [module for module in model.modules() if isinstance(module, Embedding)]
        for table in tables:
            self._share_rows(table)
        by_row = {id(table.weight) for table in tables}
        leaves: list[Tensor] = [
            p for p in model.parameters() if p.requires_grad and id(p) not in by_row
        ]
        leaves += [use.rows for table in tables for use in table.in_use]
        for leaf in leaves:
            if leaf.grad is None:
                leaf.grad = torch.zeros_like(leaf)
        gradients = [leaf.grad for leaf in leaves if leaf.grad is not None]
        extra = torch.tensor(list(counts), dtype=torch.float32, device=gradients[0].device)
        flat = torch.cat([gradient.flatten() for gradient in gradients] + [extra])
        dist.all_reduce(flat)
        sizes = [gradient.numel() for gradient in gradients]
        parts = torch.split(flat, [*sizes, len(counts)])
        for gradient, part in zip(gradients, parts[:-1], strict=True):
            gradient.copy_(part.view_as(gradient))
        return [float(value) for value in parts[-1]]

    def copy_first(self, tensor: Tensor) -> None:
        """Overwrite a tensor by the first process's.

        For numbers that arithmetic of another machine would round otherwise.
        """
        if self.world > 1:
            dist.broadcast(tensor, src=0)

    def _share_rows(self, table: Embedding) -> None:
        """Widen the rows in use to those of any process, with this process's gradients."""
        device = table.weight.device
        own = [use.ids for use in table.in_use]
        ids = torch.unique(torch.cat(own)) if own else torch.zeros(0, dtype=torch.int64).to(device)
        everyone = torch.unique(torch.cat(self._gather(ids)))
        rows = table.weight.detach().index_select(0, everyone).requires_grad_()
        rows.grad = torch.zeros_like(rows)
        for use in table.in_use:
            if use.rows.grad is not None:
                rows.grad.index_add_(0, torch.searchsorted(everyone, use.ids), use.rows.grad)
        table.in_use[:] = [RowsInUse(everyone, rows)]

    def _gather(self, ids: Tensor) -> list[Tensor]:
        """Every process's ids; their numbers may differ."""
        size = torch.tensor([ids.numel()], device=ids.device)
        sizes = [torch.zeros_like(size) for _ in range(self.world)]
        dist.all_gather(sizes, size)
        counts = [int(value) for value in sizes]
        padded = torch.zeros(max(counts), dtype=torch.int64, device=ids.device)
        padded[: ids.numel()] = ids
        gathered = [torch.zeros_like(padded) for _ in counts]
        dist.all_gather(gathered, padded)
        return [part[:count] for part, count in zip(gathered, counts, strict=True)]


@contextmanager
def join_processes() -> Iterator[Processes]:
    """The processes that `torchrun` started together with this one; just this one without it.

    Joins through gloo on CPUs and NCCL where there are GPUs.
    """
    if "WORLD_SIZE" not in os.environ or int(os.environ["WORLD_SIZE"]) == 1:
        yield Processes()
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield Processes(rank=dist.get_rank(), world=dist.get_world_size())
    finally:
        dist.destroy_process_group()
