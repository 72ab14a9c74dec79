"""The stack of layers that `RNN`, `LSTM` and `GRU` share: parameters of a form, noise, states."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vartai.errors import OptionError
from vartai.kernels.direction import Result, State
from vartai.kernels.forms import Form
from vartai.kernels.ops import run_direction
from vartai.kernels.padded import AnyBatch
from vartai.nn.noise import NoiseShares
from vartai.nn.sequence_layers import SequenceLayers


class RecurrentLayers(SequenceLayers):
    """One or more layers of a cell, in one direction or two. Use `RNN`, `LSTM` or `GRU`.

    Args:
        form: of the cell.
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        device: of the parameters.
        dtype: of the parameters.
        recurrent_dropout: as `NoiseShares` has it.
        zoneout: one share, or those of hidden and cell, as `NoiseShares` has them.
        learned_state: whether initial states that are not given are parameters, not zeros.
    """

    state_names = ("hidden", "cell", "gates")

    def __init__(
        self,
        form: Form,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        *,
        recurrent_dropout: float,
        zoneout: float | tuple[float, float],
        learned_state: bool,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=bidirectional,
        )
        self.form = form
        self.bias = bias
        self.proj_size = form.projection
        self.layer_norm = form.layer_norm
        self.recurrent_dropout = recurrent_dropout
        self.zoneout = zoneout
        if isinstance(zoneout, tuple) and len(self.state_sizes) == 1:
            raise OptionError(f"zoneout must be one share, for there is no cell: {zoneout}")
        self._noise = NoiseShares.of(recurrent_dropout, zoneout)
        self.learned_state = learned_state
        self._weight_names = form.weight_names(bias=bias)
        for layer in range(num_layers):
            below = input_size if layer == 0 else self.output_size
            for suffix in self.suffixes(layer):
                for name, shape in self._shapes(below).items():
                    weight = torch.empty(shape, device=device, dtype=dtype)
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(weight))
        self.reset_parameters()

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Numbers a sequence in each part of a layer's state; see `Form.state_sizes`."""
        return self.form.state_sizes(self.hidden_size)

    @property
    def zones_out(self) -> bool:
        """Whether a step leaves a share of the state as it was, outside training too."""
        return self._noise.zoneout_hidden > 0 or self._noise.zoneout_cell > 0

    @property
    def plain(self) -> bool:
        """Whether a step outside training is that of the standard form and nothing else."""
        return self.form.standard and not self.zones_out

    @property
    def first_weight(self) -> Tensor:
        """See `SequenceLayers.first_weight`."""
        return self.weights("l0")[0]

    @property
    def gate_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """See `SequenceLayers.gate_names`."""
        return self.form.gates

    @property
    def traced(self) -> tuple[str, ...]:  # type: ignore[override]
        """See `SequenceLayers.traced`."""
        return self.form.traced

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter of a direction by name."""
        shapes = self.form.weight_shapes(input_size, self.hidden_size, bias=self.bias)
        if self.learned_state:
            names = (f"initial_{part}" for part in self.state_names)
            shapes |= {name: (size,) for name, size in zip(names, self.state_sizes, strict=False)}
        return shapes

    def reset_parameters(self) -> None:
        """Draw weights uniformly within ±1/√H, as `torch.nn` does.

        Gains begin at 1; the bias of a normalised cell and learned initial states begin at 0.
        """
        bound = 1.0 / math.sqrt(self.hidden_size)
        for name, parameter in self.named_parameters():
            if name.startswith("gain"):
                nn.init.ones_(parameter)
            elif name.startswith(("bias_cell", "initial")):
                nn.init.zeros_(parameter)
            else:
                nn.init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing: kept so that code written for `torch.nn` runs."""

    def weights(self, suffix: str) -> tuple[Tensor, ...]:
        """The weights of a direction such as ``l0_reverse``, in the order of its form."""
        return tuple([getattr(self, f"{name}_{suffix}") for name in self._weight_names])

    def fresh_state(self, suffix: str) -> State:
        """``[P]`` and an LSTM's ``[H]``: what a direction begins with where no state is given."""
        if self.learned_state:
            parts = self.state_names[: len(self.state_sizes)]
            return tuple(getattr(self, f"initial_{part}_{suffix}") for part in parts)
        return super().fresh_state(suffix)

    def _fresh_states(self, suffix: str, batch: AnyBatch) -> State:
        if not self.learned_state:
            return super()._fresh_states(suffix, batch)
        return tuple(part.expand(batch.count, -1) for part in self.fresh_state(suffix))

    def run_direction(
        self, batch: AnyBatch, state: State, suffix: str, *, reverse: bool, keep: bool
    ) -> Result:
        """See `SequenceLayers.run_direction`."""
        return run_direction(
            self.form,
            batch,
            state,
            self.weights(suffix),
            reverse=reverse,
            noise=self._noise.draw(batch, self.state_sizes, training=self.training),
            keep=keep,
        )
