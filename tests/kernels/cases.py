"""Forms of cells, and random layers of them, for the tests that compare paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from vartai.kernels.direction import Noise, Result
from vartai.kernels.forms import STANDARD, Form
from vartai.sequences import SequenceBatch

D, H = 3, 5
LENGTHS = [4, 0, 7, 1, 9]

FORMS = {
    **STANDARD,
    "rnn softsign": Form("rnn", activation="softsign"),
    "rnn layer norm": Form("rnn", layer_norm=True),
    "lstm softsign": Form("lstm", activation="softsign"),
    "lstm peepholes": Form("lstm", peepholes=True),
    "lstm coupled": Form("lstm", coupled=True),
    "lstm coupled peepholes": Form("lstm", coupled=True, peepholes=True),
    "lstm projection": Form("lstm", projection=2),
    "lstm layer norm": Form("lstm", layer_norm=True),
    "lstm all": Form("lstm", "elu", peepholes=True, coupled=True, projection=2, layer_norm=True),
    "lstm NIG": Form("lstm", peepholes=True, without=("input",)),
    "lstm NFG": Form("lstm", peepholes=True, without=("forget",)),
    "lstm NOG": Form("lstm", peepholes=True, without=("output",)),
    "lstm NIAF": Form("lstm", "identity", peepholes=True, output_activation="tanh"),
    "lstm NOAF": Form("lstm", peepholes=True, output_activation="identity"),
    "lstm FGR": Form("lstm", peepholes=True, gate_recurrence=True),
    "lstm without gates": Form("lstm", "softsign", without=("input", "forget", "output")),
    "lstm coupled without output": Form(
        "lstm", "relu", coupled=True, without=("output",), output_activation="elu", layer_norm=True
    ),
    "lstm some gates recurrent": Form(
        "lstm", without=("forget",), gate_recurrence=True, projection=2, output_activation="sigmoid"
    ),
    "gru softsign": Form("gru", activation="softsign"),
    "gru reset before": Form("gru", reset_before=True),
    "gru layer norm": Form("gru", layer_norm=True),
    "gru all": Form("gru", "elu", reset_before=True, layer_norm=True),
}

Run = Callable[..., Result]


class Case:
    """Random rows, weights, states and noise of one form; everything a gradient is asked for."""

    def __init__(
        self,
        form: Form,
        lengths: list[int],
        dtype: torch.dtype = torch.float64,
        *,
        seed: int = 0,
        bias: bool = True,
        noisy: bool = False,
        sizes: tuple[int, int] = (D, H),
    ) -> None:
        self._random = torch.Generator().manual_seed(seed)
        self._dtype = dtype
        self.form = form
        self.lengths = torch.tensor(lengths, dtype=torch.int64)
        inputs, hidden = sizes
        self.rows = self.draw(sum(lengths), inputs)
        shapes = form.weight_shapes(inputs, hidden, bias=bias)
        self.names = list(shapes)
        self.weights = tuple(self.draw(*shape) for shape in shapes.values())
        parts = form.state_sizes(hidden)
        self.state = tuple(self.draw(len(lengths), size) for size in parts)
        self.noise = self._draw_noise(parts) if noisy else None

    def draw(self, *shape: int) -> Tensor:
        """Numbers that need a gradient; the same in every type."""
        values = torch.randn(*shape, generator=self._random, dtype=torch.float64)
        return (0.7 * values).to(self._dtype).requires_grad_()

    def _draw_noise(self, sizes: tuple[int, ...]) -> Noise:
        def flip(*shape: int) -> Tensor:
            return (torch.rand(*shape, generator=self._random) < 0.4).to(self._dtype)

        zoneout = [flip(len(self.rows), size) for size in sizes[:2]]
        return Noise(1.6 * flip(len(self.lengths), sizes[0]), *zoneout)

    @property
    def batch(self) -> SequenceBatch:
        return SequenceBatch(self.rows, self.lengths)

    @property
    def leaves(self) -> dict[str, Tensor]:
        states = zip(("hidden", "cell", "gates"), self.state, strict=False)
        return {
            "rows": self.rows,
            **dict(zip(self.names, self.weights, strict=True)),
            **dict(states),
        }

    def run(self, run: Run, *, reverse: bool = False) -> dict[str, Tensor]:
        """Outputs, final states, the trace, and the gradient of a lopsided sum in every leaf."""
        result = run(
            self.form,
            self.batch,
            self.state,
            self.weights,
            reverse=reverse,
            noise=self.noise,
            keep=True,
        )
        found = dict(_results(result))
        total = sum(
            (r * torch.cos(torch.arange(r.numel())).view_as(r)).sum() for r in found.values()
        )
        leaves = self.leaves
        gradients = torch.autograd.grad(total, list(leaves.values()), materialize_grads=True)
        found |= {f"d_{name}": d for name, d in zip(leaves, gradients, strict=True)}
        assert result.trace is not None
        found["trace hidden"] = result.trace.hidden
        if result.trace.cell is not None:
            found["trace cell"] = result.trace.cell
        return found | {f"trace {name}": gate for name, gate in result.trace.gates.items()}


def _results(result: Result) -> Iterator[tuple[str, Tensor]]:
    yield "outputs", result.outputs
    yield from zip(("final hidden", "final cell", "final gates"), result.final, strict=False)


def assert_same(
    found: dict[str, Tensor], wanted: dict[str, Tensor], *, tolerance: float = 1e-10
) -> None:
    """Tensor by tensor, by name."""
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        torch.testing.assert_close(
            found[name],
            value,
            rtol=tolerance,
            atol=tolerance,
            msg=lambda m, name=name: f"{name}: {m}",
        )
