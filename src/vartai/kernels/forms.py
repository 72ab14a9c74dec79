"""Which recurrent cell, in which form: the one value that every path to computing it reads.

A *standard* form is what `torch.nn` has and the compiled core, cuDNN and oneDNN compute. All others
are defined in `vartai.kernels.reference`, taken by the core in float32 on a CPU
(`vartai.kernels.form_recurrence`), and run by `vartai.kernels.stepwise` everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from torch import Tensor

from vartai.errors import OptionError, require_range, unknown_name
from vartai.kernels.activations import ACTIVATIONS

# The blocks along the first axis of a cell's weights, in PyTorch's order.
GATES: Final[dict[str, tuple[str, ...]]] = {
    "rnn": ("candidate",),
    "lstm": ("input", "forget", "candidate", "output"),
    "gru": ("reset", "update", "candidate"),
}


@dataclass(frozen=True, eq=False)
class CellWeights:
    """The weights of one layer in one direction, by name; None where the form has none.

    Args:
        weight_ih: ``[G·H, D]``. Of the inputs.
        weight_hh: ``[G·H, P]``. Of the hidden state; P is H unless an LSTM projects it.
        bias_ih: ``[G·H]``. Added where `weight_ih` is.
        bias_hh: ``[G·H]``. Added where `weight_hh` is.
        weight_hr: ``[P, H]``. An LSTM's projection.
        peephole: ``[3·H]``, of the input, forget and output gate; ``[2·H]`` if coupled.
        gain: ``[H]``. Layer normalisation of an RNN's sums.
        gain_ih: ``[G·H]``. Layer normalisation of what the inputs add to the gates.
        gain_hh: ``[G·H]``. Layer normalisation of what the hidden state adds to them.
        gain_cell: ``[H]``. Layer normalisation of an LSTM's cell.
        bias_cell: ``[H]``. Added to the normalised cell.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None
    weight_hr: Tensor | None = None
    peephole: Tensor | None = None
    gain: Tensor | None = None
    gain_ih: Tensor | None = None
    gain_hh: Tensor | None = None
    gain_cell: Tensor | None = None
    bias_cell: Tensor | None = None


@dataclass(frozen=True)
class Form:
    """A cell and the options that change its equations.

    Args:
        cell: ``rnn``, ``lstm`` or ``gru``.
        activation: a name of `ACTIVATIONS`: of an RNN's outputs, of an LSTM's candidate and shown
            cell, of a GRU's candidate.
        peepholes: an LSTM's input and forget gate see the cell before the step, its output gate
            the cell after it (Gers & Schmidhuber 2000).
        coupled: an LSTM forgets what it does not put in, f = 1 - i (Greff et al. 2017).
        projection: P, the size of an LSTM's projected hidden state (Sak et al. 2014); 0 for none.
        reset_before: a GRU's reset gate acts on the hidden state (Cho et al. 2014), not on its
            product with the weights.
        layer_norm: the sums are normalised (Ba, Kiros & Hinton 2016; see each cell's definition).

    Raises:
        OptionError: an unknown cell or activation, or an option that the cell does not have.

    Example:
        >>> form = Form("lstm", coupled=True)
        >>> form.gates, form.standard
        (('input', 'candidate', 'output'), False)
        >>> form.weight_shapes(3, 5, bias=False)
        {'weight_ih': (15, 3), 'weight_hh': (15, 5)}
    """

    cell: str
    activation: str = "tanh"
    peepholes: bool = False
    coupled: bool = False
    projection: int = 0
    reset_before: bool = False
    layer_norm: bool = False

    def __post_init__(self) -> None:
        if self.cell not in GATES:
            raise unknown_name("cell", self.cell, GATES)
        if self.activation not in ACTIVATIONS:
            raise unknown_name("activation", self.activation, ACTIVATIONS)
        require_range("projection", self.projection, at_least=0)
        owners = {"peepholes": "lstm", "coupled": "lstm", "projection": "lstm"}
        owners["reset_before"] = "gru"
        for option, owner in owners.items():
            if getattr(self, option) and self.cell != owner:
                raise OptionError(f"{option} is an option of {owner}, not of {self.cell}")

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that have weights, in the order of their blocks."""
        if self.coupled:
            return tuple(gate for gate in GATES["lstm"] if gate != "forget")
        return GATES[self.cell]

    @property
    def traced(self) -> tuple[str, ...]:
        """The gates that a step computes; a coupled LSTM's forget gate is one of them."""
        return GATES[self.cell]

    @property
    def standard(self) -> bool:
        """Whether `torch.nn` has this form, without a projection."""
        return self in _OPERATORS

    @property
    def operator(self) -> str:
        """What torch calls a standard form: ``rnn_tanh``, ``rnn_relu``, ``lstm`` or ``gru``.

        Raises:
            OptionError: the form is not standard.
        """
        if self not in _OPERATORS:
            raise OptionError(f"no operator of torch computes {self}")
        return _OPERATORS[self]

    def state_sizes(self, hidden_size: int) -> tuple[int, ...]:
        """Numbers a sequence in each part of the state: hidden, and an LSTM's cell."""
        hidden = self.projection or hidden_size
        return (hidden, hidden_size) if self.cell == "lstm" else (hidden,)

    def weight_names(self, *, bias: bool) -> tuple[str, ...]:
        """Names of the weights, in the order in which every path takes them."""
        return tuple(self.weight_shapes(1, 1, bias=bias))

    def weight_shapes(
        self, input_size: int, hidden_size: int, *, bias: bool
    ) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by name, those of `torch.nn` first and in its order."""
        stacked = len(self.gates) * hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (stacked, input_size),
            "weight_hh": (stacked, self.projection or hidden_size),
        }
        if bias:
            shapes |= {"bias_ih": (stacked,), "bias_hh": (stacked,)}
        if self.projection:
            shapes["weight_hr"] = (self.projection, hidden_size)
        if self.peepholes:
            shapes["peephole"] = (stacked - hidden_size,)
        if self.layer_norm and self.cell == "rnn":
            shapes["gain"] = (hidden_size,)
        elif self.layer_norm:
            shapes |= {"gain_ih": (stacked,), "gain_hh": (stacked,)}
        if self.layer_norm and self.cell == "lstm":
            shapes["gain_cell"] = (hidden_size,)
            if bias:
                shapes["bias_cell"] = (hidden_size,)
        return shapes

    def named(self, weights: tuple[Tensor, ...]) -> CellWeights:
        """The weights by name, from a tuple in the order of `weight_names`.

        Raises:
            ValueError: their number is not that of the form, with biases or without.
        """
        for bias in (True, False):
            names = self.weight_names(bias=bias)
            if len(names) == len(weights):
                return CellWeights(**dict(zip(names, weights, strict=True)))
        needed = len(self.weight_names(bias=False)), len(self.weight_names(bias=True))
        raise ValueError(
            f"{self.cell}: expected {needed[0]} weights, or {needed[1]} with biases, "
            f"got {len(weights)}"
        )

    def options(self) -> dict[str, object]:
        """The options that differ from their defaults."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "cell"}
        usual = Form(self.cell)
        return {name: value for name, value in values.items() if value != getattr(usual, name)}


STANDARD: Final[dict[str, Form]] = {
    "rnn_tanh": Form("rnn"),
    "rnn_relu": Form("rnn", activation="relu"),
    "lstm": Form("lstm"),
    "gru": Form("gru"),
}
_OPERATORS: Final[dict[Form, str]] = {form: name for name, form in STANDARD.items()}
