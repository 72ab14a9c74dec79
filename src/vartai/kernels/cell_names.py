"""Every cell that a model can be made of, by the name that `--cell` takes.

Only words: what builds layers of a cell is in `vartai.nn.layer_catalogue`, and a configuration can
be read and refused without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vartai.errors import OptionError, unknown_name


@dataclass(frozen=True)
class CellFacts:
    """What is known of a cell.

    Args:
        what: it is, in a few words.
        recurrent_dropout: whether hidden units can be dropped on their way to the next step.
        smallest: units that a layer has at least.
    """

    what: str
    recurrent_dropout: bool = True
    smallest: int = 1


CELLS: Final[dict[str, CellFacts]] = {
    "rnn": CellFacts("simple recurrent layers, Elman 1990"),
    "lstm": CellFacts("long short-term memory as PyTorch has it: a forget gate, no peepholes"),
    "gru": CellFacts("gated recurrent layers as PyTorch has them, the reset after the product"),
    "lstm-peephole": CellFacts("LSTM whose gates see the cell, Gers & Schmidhuber 2000"),
    "lstm-no-input-gate": CellFacts("lstm-peephole without its input gate, Greff et al. 2017"),
    "lstm-no-forget-gate": CellFacts("lstm-peephole without its forget gate, likewise"),
    "lstm-no-output-gate": CellFacts("lstm-peephole without its output gate, likewise"),
    "lstm-no-input-activation": CellFacts("lstm-peephole whose candidate is linear, likewise"),
    "lstm-no-output-activation": CellFacts("lstm-peephole that shows its cell as it is, likewise"),
    "lstm-coupled": CellFacts("lstm-peephole that forgets what it does not put in, likewise"),
    "lstm-gate-recurrence": CellFacts("lstm-peephole whose gates see the last gates, likewise"),
    "lstm-layer-norm": CellFacts("LSTM with its sums normalised, Ba et al. 2016"),
    "gru-reset-before": CellFacts("GRU with the reset before the product, Cho et al. 2014"),
    "gru-layer-norm": CellFacts("GRU with its sums normalised, Ba et al. 2016"),
    "lstm-depth-gated": CellFacts("LSTM with the cell below let in, Yao et al. 2015", False),
    "clockwork-rnn": CellFacts("RNN in parts of slower clocks, Koutnik et al. 2014", False, 8),
    "ind-rnn": CellFacts("a unit reads its own past alone, Li et al. 2018", False),
    "min-gru": CellFacts("GRU whose gate reads the input alone, Feng et al. 2024", False),
    "min-lstm": CellFacts("LSTM whose gates read the input alone, Feng et al. 2024", False),
    "slstm": CellFacts("LSTM with exponential gates and a normaliser, Beck et al. 2024", False),
    "grid-lstm": CellFacts("memory along depth too, Kalchbrenner et al. 2015", False),
    "grid-lstm-tied": CellFacts("the same with one set of weights for all layers", False),
}
"""By name. The first three are those of `torch.nn`."""

LESSON: Final = ("rnn", "lstm", "gru")


def require_cell(cell: str, *, recurrent_dropout: float = 0.0, also: tuple[str, ...] = ()) -> None:
    """Refuse a name that no cell has, or an option that the cell cannot do.

    Args:
        cell: the name.
        recurrent_dropout: share of hidden units dropped on their way to the next step.
        also: further names that are known to whoever asks.

    Raises:
        OptionError: lists the names that there are, or the cells that can.
    """
    if cell not in CELLS and cell not in also:
        raise unknown_name("cell", cell, (*also, *CELLS))
    if recurrent_dropout and cell in CELLS and not CELLS[cell].recurrent_dropout:
        able = ", ".join(sorted(name for name, facts in CELLS.items() if facts.recurrent_dropout))
        raise OptionError(f"recurrent_dropout: {cell} has none; cells that have: {able}")
