"""Which recurrent cell, in which form: the one value that every path to computing it reads.

A *standard* form is what `torch.nn` has and the compiled core, cuDNN and oneDNN compute. All others
are defined in `vartai.kernels.reference`, taken by the core in float32 on a CPU
(`vartai.kernels.form_recurrence`, which says what it takes), and run by `vartai.kernels.stepwise`
everywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
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

# The gates that an LSTM can do without; its candidate is no gate.
REMOVABLE: Final = ("input", "forget", "output")

# Which cell an option belongs to.
_OWNERS: Final = {
    "peepholes": "lstm",
    "coupled": "lstm",
    "projection": "lstm",
    "without": "lstm",
    "output_activation": "lstm",
    "gate_recurrence": "lstm",
    "reset_before": "gru",
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
        peephole: ``[S·H]``. Of the S gates of `Form.sigmoids`.
        weight_gg: ``[S·H, S·H]``. From the S gates of the step before to the S gates of this one.
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
    weight_gg: Tensor | None = None
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
        output_activation: of an LSTM's shown cell, where it is not `activation` (Greff et al. 2017:
            h); None for the same.
        without: gates that an LSTM does not have, of `REMOVABLE`: such a gate is always open, 1,
            and has no weights (Greff et al. 2017: NIG, NFG, NOG).
        peepholes: an LSTM's input and forget gate see the cell before the step, its output gate
            the cell after it (Gers & Schmidhuber 2000).
        coupled: an LSTM forgets what it does not put in, f = 1 - i (Greff et al. 2017).
        gate_recurrence: an LSTM's gates see those of the step before, which are a third part of the
            state (Greff et al. 2017: FGR).
        projection: P, the size of an LSTM's projected hidden state (Sak et al. 2014); 0 for none.
        reset_before: a GRU's reset gate acts on the hidden state (Cho et al. 2014), not on its
            product with the weights.
        layer_norm: the sums are normalised (Ba, Kiros & Hinton 2016; see each cell's definition).

    Raises:
        OptionError: an unknown cell, activation or gate, an option that the cell does not have, or
            options that contradict each other.

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
    without: tuple[str, ...] = ()
    output_activation: str | None = None
    gate_recurrence: bool = False

    def __post_init__(self) -> None:
        if self.cell not in GATES:
            raise unknown_name("cell", self.cell, GATES)
        for activation in (self.activation, self.shown_activation):
            if activation not in ACTIVATIONS:
                raise unknown_name("activation", activation, ACTIVATIONS)
        require_range("projection", self.projection, at_least=0)
        for option, owner in _OWNERS.items():
            if getattr(self, option) and self.cell != owner:
                raise OptionError(f"{option} is an option of {owner}, not of {self.cell}")
        # One form, one value: however it was asked for.
        if self.output_activation == self.activation:
            object.__setattr__(self, "output_activation", None)
        object.__setattr__(self, "without", _removed(self.without))
        self._require_sense()

    def _require_sense(self) -> None:
        """Refuse options that contradict each other."""
        if self.coupled and {"input", "forget"} & set(self.without):
            raise OptionError(
                "coupled makes the forget gate of the input gate; without one of them there is "
                f"nothing to couple: without={self.without}"
            )
        for option in ("peepholes", "gate_recurrence"):
            if getattr(self, option) and not self.sigmoids:
                raise OptionError(f"{option} needs a gate; without={self.without} leaves none")
        if self.gate_recurrence and self.layer_norm:
            raise OptionError("gate_recurrence is not defined with layer_norm: choose one")

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that have weights, in the order of their blocks."""
        missing = {*self.without, "forget"} if self.coupled else {*self.without}
        return tuple(gate for gate in GATES[self.cell] if gate not in missing)

    @property
    def sigmoids(self) -> tuple[str, ...]:
        """The same without the candidate: the gates that peepholes and gate recurrence reach."""
        return tuple(gate for gate in self.gates if gate != "candidate")

    @property
    def traced(self) -> tuple[str, ...]:
        """The gates that a step computes; a coupled LSTM's forget gate is one of them."""
        return tuple(gate for gate in GATES[self.cell] if gate not in self.without)

    @property
    def shown_activation(self) -> str:
        """The activation of an LSTM's cell as its hidden state shows it."""
        return self.activation if self.output_activation is None else self.output_activation

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
        """Numbers a sequence in each part of the state: hidden, an LSTM's cell, its gates.

        Gates are a part where they are recurrent: those of `sigmoids`, side by side.
        """
        hidden = self.projection or hidden_size
        if self.cell != "lstm":
            return (hidden,)
        if self.gate_recurrence:
            return hidden, hidden_size, len(self.sigmoids) * hidden_size
        return hidden, hidden_size

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
        if self.gate_recurrence:
            shapes["weight_gg"] = (stacked - hidden_size, stacked - hidden_size)
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


def _removed(gates: Sequence[str]) -> tuple[str, ...]:
    """Gates to do without, checked, in the order of the blocks."""
    if isinstance(gates, str):
        raise OptionError(f"without must be a tuple of gates, such as ('input',), was {gates!r}")
    for gate in gates:
        if gate not in REMOVABLE:
            raise unknown_name("gate to do without", gate, REMOVABLE)
    return tuple(gate for gate in REMOVABLE if gate in gates)


STANDARD: Final[dict[str, Form]] = {
    "rnn_tanh": Form("rnn"),
    "rnn_relu": Form("rnn", activation="relu"),
    "lstm": Form("lstm"),
    "gru": Form("gru"),
}
_OPERATORS: Final[dict[Form, str]] = {form: name for name, form in STANDARD.items()}
