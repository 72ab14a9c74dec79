"""Adam that leaves the rows of an embedding alone until they are used.

Dense parameters follow Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter
2019), as torch's fused operator. The rows of an `Embedding` follow the same rule at the steps that
use them: their moments do not decay in between (the "lazy" Adam of TensorFlow and of
`torch.optim.SparseAdam`), and the bias correction counts the optimiser's steps.
"""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import torch
from torch import Tensor, nn

from vartai.nn.embedding import Embedding
from vartai.training.unfreezing import ALL_AT_ONCE, Unfreezing

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Adam over the parameters of a model, by rows for its embeddings.

    Args:
        model: every parameter that requires a gradient is trained.
        weight_decay: decoupled decay of dense matrices; not of biases, nor of embeddings.
        schedule: how much slower some parameters learn than others. A parameter that is frozen
            later on keeps its moments.
    """

    def __init__(
        self, model: nn.Module, *, weight_decay: float, schedule: Unfreezing = ALL_AT_ONCE
    ) -> None:
        tables = {
            f"{name}.weight": module
            for name, module in model.named_modules()
            if isinstance(module, Embedding) and module.weight.requires_grad
        }
        self._tables = list(tables.values())
        self._table_factors = [schedule.factor(name) for name in tables]
        by_row = {id(table.weight) for table in self._tables}
        self._dense = torch.optim.AdamW(
            _groups(model, by_row, weight_decay, schedule),
            betas=(_BETA1, _BETA2),
            eps=_EPSILON,
            fused=True,
        )
        self._moments = [
            (torch.zeros_like(t.weight.detach()), torch.zeros_like(t.weight.detach()))
            for t in self._tables
        ]
        self.steps = 0

    def gradients(self) -> list[Tensor]:
        """Every gradient of this step, rows in use included."""
        dense = (p.grad for group in self._dense.param_groups for p in group["params"])
        rows = (use.rows.grad for table in self._tables for use in table.in_use)
        return [gradient for gradient in (*dense, *rows) if gradient is not None]

    def clip(self, norm: float) -> float:
        """Scale all gradients so that their joint norm is at most `norm`; returns what it was."""
        gradients = self.gradients()
        total = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        torch._foreach_mul_(gradients, torch.clamp(norm / (total + 1e-6), max=1.0))
        return float(total)

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Update every parameter that has a gradient. Gradients and rows in use stay: `clear`."""
        self.steps += 1
        for group in self._dense.param_groups:
            group["lr"] = learning_rate * group["factor"]
        self._dense.step()
        for table, factor, (first, second) in zip(
            self._tables, self._table_factors, self._moments, strict=True
        ):
            rate = learning_rate * factor
            for use in table.in_use:
                if use.rows.grad is not None:
                    self._step_rows(table.weight, use.ids, use.rows, first, second, rate)

    def clear(self) -> None:
        """Forget all gradients and rows in use."""
        self._dense.zero_grad(set_to_none=True)
        for table in self._tables:
            table.in_use.clear()

    def _step_rows(
        self, weight: Tensor, ids: Tensor, rows: Tensor, first: Tensor, second: Tensor, rate: float
    ) -> None:
        gradient = rows.grad
        if gradient is None:
            return
        m = first.index_select(0, ids).lerp_(gradient, 1 - _BETA1)
        v = second.index_select(0, ids).mul_(_BETA2).addcmul_(gradient, gradient, value=1 - _BETA2)
        first.index_copy_(0, ids, m)
        second.index_copy_(0, ids, v)
        root = v.sqrt_().div_(math.sqrt(1 - _BETA2**self.steps)).add_(_EPSILON)
        moved = m.div_(root).mul_(-rate / (1 - _BETA1**self.steps)).add_(rows.detach())
        weight.index_copy_(0, ids, moved)

    def state(self) -> dict[str, Tensor]:
        """Everything needed to go on, as named tensors."""
        state = {"steps": torch.tensor([self.steps])}
        for place, parameter in enumerate(self._dense_parameters()):
            for name, value in self._dense.state[parameter].items():
                state[f"dense.{place}.{name}"] = value
        for place, moments in enumerate(self._moments):
            for name, value in zip(("first", "second"), moments, strict=True):
                state[f"rows.{place}.{name}"] = value
        return state

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from `state()` of an optimiser of the same model."""
        self.steps = int(state["steps"])
        for place, parameter in enumerate(self._dense_parameters()):
            prefix = f"dense.{place}."
            moments = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            if moments:
                self._dense.state[parameter] = moments
        for place, pair in enumerate(self._moments):
            for name, value in zip(("first", "second"), pair, strict=True):
                value.copy_(state[f"rows.{place}.{name}"])

    def _dense_parameters(self) -> list[nn.Parameter]:
        return [p for group in self._dense.param_groups for p in group["params"]]


def _groups(
    model: nn.Module, by_row: Set[int], weight_decay: float, schedule: Unfreezing
) -> list[dict[str, Any]]:
    """Dense parameters by decay and rate, in the order of the model within each group."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and id(parameter) not in by_row:
            decay = weight_decay if parameter.dim() > 1 else 0.0
            groups.setdefault((decay, schedule.factor(name)), []).append(parameter)
    return [
        {"params": parameters, "weight_decay": decay, "factor": factor}
        for (decay, factor), parameters in groups.items()
    ]
