"""Long short-term memory layers."""

from __future__ import annotations

import torch

from vartai.errors import require_range
from vartai.kernels.forms import Form
from vartai.nn.layers import RecurrentLayers


class LSTMLayers(RecurrentLayers):
    """What LSTM layers of every kind are made of. Use `LSTM` or `GateRecurrentLSTM`."""

    gate_recurrence = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        peepholes: bool = False,
        coupled: bool = False,
        activation: str = "tanh",
        candidate_activation: str | None = None,
        output_activation: str | None = None,
        without: tuple[str, ...] = (),
        layer_norm: bool = False,
        recurrent_dropout: float = 0.0,
        zoneout: float | tuple[float, float] = 0.0,
        learned_state: bool = False,
    ) -> None:
        require_range("hidden_size", hidden_size, at_least=1)
        require_range("proj_size", proj_size, at_least=0, below=hidden_size)
        form = Form(
            "lstm",
            candidate_activation or activation,
            output_activation=output_activation or activation,
            peepholes=peepholes,
            coupled=coupled,
            without=without,
            projection=proj_size,
            layer_norm=layer_norm,
            gate_recurrence=self.gate_recurrence,
        )
        super().__init__(
            form,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device,
            dtype,
            recurrent_dropout=recurrent_dropout,
            zoneout=zoneout,
            learned_state=learned_state,
        )
        self.peepholes = peepholes
        self.coupled = coupled
        self.activation = activation
        self.candidate_activation = candidate_activation
        self.output_activation = output_activation
        self.without = form.without


class LSTM(LSTMLayers):
    """Long short-term memory layers: `torch.nn.LSTM`, and more.

    The state is hidden ``[layers·directions, B, P]`` and cell ``[layers·directions, B, H]``; P is
    `proj_size`, or H without one.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers, each reading the outputs of the one below.
        bias: whether there are ``bias_ih`` and ``bias_hh``.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
        proj_size: P, the size of a projected hidden state (Sak et al. 2014); 0 for none.
        device: of the parameters.
        dtype: of the parameters.
        peepholes: input and forget gate see the cell before the step, the output gate the cell
            after it (Gers & Schmidhuber 2000).
        coupled: forget what is not put in, f = 1 - i (Greff et al. 2017).
        activation: of the candidate and of the cell as the hidden state shows it; a name of
            `vartai.kernels.activations.ACTIVATIONS`.
        candidate_activation: of the candidate, where it is not `activation`; ``identity`` for none
            (Greff et al. 2017: NIAF).
        output_activation: of the shown cell, likewise; ``identity`` for none (Greff et al.: NOAF).
        without: gates that are not there but always open, of ``input``, ``forget``, ``output``;
            they have no weights (Greff et al. 2017: NIG, NFG, NOG).
        layer_norm: normalise the sums of all gates jointly, and the cell where it is shown (Ba,
            Kiros & Hinton 2016, supplementary equations 20-22).
        recurrent_dropout: share of hidden units dropped on their way to the next step, the same at
            every step of a sequence (Gal & Ghahramani 2016).
        zoneout: share of hidden units and of cells that a step leaves as they were (Krueger et al.
            2017), or a pair of shares: hidden, cell.
        learned_state: initial states that are not given are parameters.

    Raises:
        OptionError: a name that is not known, a number out of bounds, or options that contradict
            each other.

    Example:
        >>> lstm = LSTM(3, 5, batch_first=True, coupled=True)
        >>> outputs, (hidden, cell), trace = lstm(torch.zeros(2, 7, 3), trace=True)
        >>> trace["l0"].gates["input"].shape
        torch.Size([2, 7, 5])
    """
