"""What a model computed as it read a text: every state and gate, token by token.

The numbers are the ones that the run itself kept (`vartai.nn.sequence_layers.SequenceLayers.run`),
not a second computation: what stands here is what the prediction was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.errors import OptionError, require_range, unknown_name
from vartai.inspect.cut import Cut, Token, cut
from vartai.inspect.pictures import in_notebook, picture
from vartai.inspect.running import Running, as_array, run_along
from vartai.inspect.saving import write_trace
from vartai.inspect.selection import Selection, Units
from vartai.kernels import direction
from vartai.nn.stack_run import StackRun
from vartai.sequences import SequenceBatch

Floats = NDArray[np.float32]

MAX_TOKENS = 10_000
"""Of a longer text the first so many tokens are traced."""
MAX_NUMBERS = 1 << 28
"""Most numbers in the traces of one call: a gibibyte."""
LIKELIEST = 10
# Texts are read together as long as they have at most so many tokens.
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class LayerStates:
    """One layer in one direction, at T steps, in the order of the text; float32.

    Args:
        tokens: what it read, one a row.
        hidden: ``[T, H]``. What the layer put out.
        cell: ``[T, H]``. An LSTM's cells; None for other cells.
        gates: ``[T, H]`` each, activated, by name. LSTM: ``input, forget, candidate, output``; GRU:
            ``reset, update, candidate``; RNN: ``candidate``.
        units: number of the unit in each column.
    """

    tokens: tuple[Token, ...]
    hidden: Floats
    cell: Floats | None
    gates: Mapping[str, Floats]
    units: tuple[int, ...]

    def quantities(self) -> dict[str, Floats]:
        """All there is by name: ``hidden``, ``cell`` where there is one, and each gate."""
        cell = {} if self.cell is None else {"cell": self.cell}
        return {"hidden": self.hidden, **cell, **self.gates}

    def quantity(self, name: str) -> Floats:
        """One of `quantities`.

        Raises:
            OptionError: there is none of this name; lists those there are.
        """
        known = self.quantities()
        if name not in known:
            raise unknown_name("quantity", name, known)
        return known[name]


@dataclass(frozen=True, eq=False)
class AttentionMap:
    """Who looked where.

    Args:
        rows: names of what looks.
        columns: names of what is looked at.
        weights: ``[R, C]``, float32. Shares, a row's adding up to 1; or, of a story reader's hops,
            gates between 0 and 1.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    weights: Floats


@dataclass(frozen=True, eq=False)
class Trace:
    """Everything a model computed as it read one text.

    Args:
        text: as it was read.
        tokens: of the text, with their places in it.
        layers: states and gates by layer and direction: ``l0``, ``l0_reverse``, ``l1``, …
        running: what the model said after each token; None if it was not asked for.
        attention: maps by name; none where nothing attends.
        notes: what is to be known about this trace, in sentences.
        texts: of each part, where a model reads or writes several: layers are called
            ``part.l0`` then, and their tokens have their places in the part's text.
    """

    text: str
    tokens: tuple[Token, ...]
    layers: Mapping[str, LayerStates]
    running: Running | None = None
    attention: Mapping[str, AttentionMap] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, layer: str) -> LayerStates:
        if layer not in self.layers:
            raise unknown_name("layer", layer, self.layers)
        return self.layers[layer]

    def __repr__(self) -> str:
        lines = [f"Trace of {len(self.tokens):,} tokens: {self.text!r:.60}"]
        for name, states in self.layers.items():
            lines.append(f"  {name}: {len(states.units)} units; {', '.join(states.quantities())}")
        if self.running is not None:
            last = self.running.probabilities[-1]
            best = np.argsort(-last, kind="stable")[:3]
            names = self.running.names(len(self.running.probabilities) - 1)
            said = ", ".join(f"{names[place]!r} {last[place]:.3f}" for place in best)
            lines.append(f"  after the last token: {said}")
        lines += [
            f"  attention {name}: {len(shown.rows)} x {len(shown.columns)}"
            for name, shown in self.attention.items()
        ]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)

    def to_parquet(self, path: str | Path) -> None:
        """Write it as a table with a row for each token; see `vartai.inspect.saving`.

        Raises:
            SaveError: it could not be written.
        """
        write_trace(self, path)

    def figure(self, layer: str | None = None, quantity: str = "hidden") -> dict[str, Any]:
        """A figure of Plotly's, in plain JSON: a heat map of units by tokens, or what is asked for.

        Args:
            layer: name; the first if not given.
            quantity: ``hidden``, ``cell``, or a gate; ``running`` for the running prediction; or
                the name of an attention map.

        Raises:
            OptionError: a layer or quantity that is not there; lists those there are.
        """
        return picture(self, layer, quantity)

    def show(self, layer: str | None = None, quantity: str = "hidden") -> Any:
        """The same as an object that notebooks display; arguments as `figure` has them.

        Raises:
            OptionError: a layer or quantity that is not there; lists those there are.
            MissingExtra: plotly is not installed.
        """
        return in_notebook(picture(self, layer, quantity))


def trace(
    task: object,
    texts: Sequence[str],
    *,
    layers: Sequence[str] | None = None,
    units: Units | None = None,
    gates: bool | Sequence[str] = True,
    running: bool = True,
    max_tokens: int = MAX_TOKENS,
) -> list[Trace]:
    """Trace the model of a task that classifies, tags or generates.

    Args:
        task: such as an estimator's ``task_``.
        texts: at least one.
        layers: names of those to keep, such as ``["l0", "l0_reverse"]``; all if not given.
        units: numbers, from 0, of those to keep of every layer, or by the name of the layer; all if
            not given.
        gates: names of those to keep; True for all, False for none.
        running: whether the running prediction is wanted.
        max_tokens: of a longer text the first so many are read, and a note says so.

    Returns:
        A trace for each text, in their order.

    Raises:
        InputError: a text without any token; names its position.
        OptionError: a layer, unit or gate that is not there, or more numbers than `MAX_NUMBERS`.
    """
    require_range("max_tokens", max_tokens, at_least=1)
    selection = Selection(layers, units, gates)
    return trace_cut(cut(task, texts, max_tokens=max_tokens), texts, selection, running=running)


def trace_cut(
    whole: Cut, texts: Sequence[str], selection: Selection, *, running: bool
) -> list[Trace]:
    """Trace texts that are cut already; errors as `trace`.

    Args:
        whole: the cut.
        texts: as the traces are to have them.
        selection: of layers, units and gates.
        running: whether the running prediction is wanted.
    """
    _require_room(whole, selection)
    made: list[Trace] = []
    for start, end in _groups(whole.vectors.lengths.tolist()):
        made += _traced(whole.some(start, end), texts[start:end], selection, running=running)
    return made


def _require_room(whole: Cut, selection: Selection) -> None:
    """Refuse traces of more numbers than memory is set aside for; and names that are not there."""
    layers = whole.layers
    known = layers.trace_names()
    each = min(2, len(layers.state_sizes)) + len(selection.of_gates(layers.traced))
    width = 0
    for name in selection.of_layers(known):
        units = selection.of_units(name, layers.hidden_size)
        width += each * (layers.hidden_size if units is None else len(units))
    numbers = width * int(whole.vectors.lengths.sum())
    if numbers > MAX_NUMBERS:
        raise OptionError(
            f"the traces would hold {numbers:,} numbers, more than {MAX_NUMBERS:,}: trace fewer "
            "or shorter texts (max_tokens), or choose layers, units or gates"
        )


def _groups(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Texts that are read together, from one to before another."""
    start = rows = 0
    for place, length in enumerate(lengths):
        if rows and rows + length > _ROWS_AT_ONCE:
            yield start, place
            start, rows = place, 0
        rows += length
    yield start, len(lengths)


def _traced(some: Cut, texts: Sequence[str], selection: Selection, *, running: bool) -> list[Trace]:
    with torch.no_grad():
        run = some.run(keep=True)
        rows = some.vectors.with_data(run.rows)
        said = run_along(some, rows, keep=LIKELIEST) if running else None
        shares = None if some.shares is None else rows.with_data(some.shares(rows)).split()
    states = lay_out(run, some.vectors, some.tokens, selection)
    made = []
    for place, text in enumerate(texts):
        tokens = some.tokens[place]
        attention = {}
        if shares is not None:
            names = tuple(token.text for token in tokens)
            attention["pool"] = AttentionMap(("text",), names, as_array(shares[place][None]))
        notes = some.notes[place] + (() if said is None else said.notes[place])
        if some.segment is not None and len(tokens) > some.segment:
            notes += (f"the layers begin anew after every {some.segment:,} tokens",)
        along = None if said is None else said.texts[place]
        made.append(Trace(text, tokens, states[place], along, attention, notes))
    return made


def lay_out(
    run: StackRun,
    batch: SequenceBatch,
    tokens: Sequence[tuple[Token, ...]],
    selection: Selection,
) -> list[dict[str, LayerStates]]:
    """What a run kept, of each sequence of a batch by itself.

    Args:
        run: with traces.
        batch: the sequences that were run.
        tokens: of each.
        selection: of layers, units and gates.
    """
    made: list[dict[str, LayerStates]] = [{} for _ in tokens]
    for name in selection.of_layers(run.traces):
        kept = run.traces[name]
        units = selection.of_units(name, kept.hidden.size(1))
        numbers = tuple(range(kept.hidden.size(1)) if units is None else units)
        hidden = _by_sequence(kept.hidden, batch, units)
        cells = None if kept.cell is None else _by_sequence(kept.cell, batch, units)
        gates = {
            gate: _by_sequence(kept.gates[gate], batch, units)
            for gate in selection.of_gates(kept.gates)
        }
        for place, own in enumerate(tokens):
            made[place][name] = LayerStates(
                own,
                hidden[place],
                None if cells is None else cells[place],
                {gate: parts[place] for gate, parts in gates.items()},
                numbers,
            )
    return made


def states_of(
    kept: direction.Trace, tokens: tuple[Token, ...], name: str, selection: Selection
) -> LayerStates:
    """What one direction kept of one sequence.

    Args:
        kept: of the run.
        tokens: one a row.
        name: of the layer.
        selection: of units and gates.
    """
    batch = SequenceBatch.from_sequences([kept.hidden])
    run = StackRun(kept.hidden, (), {name: kept})
    own = replace(selection, layers=None, units=selection.units_of(name))
    return lay_out(run, batch, (tokens,), own)[0][name]


def _by_sequence(rows: Tensor, batch: SequenceBatch, units: list[int] | None) -> list[Floats]:
    chosen = rows if units is None else rows[:, units]
    return [as_array(part) for part in batch.with_data(chosen).split()]
