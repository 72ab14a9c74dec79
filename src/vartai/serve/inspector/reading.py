"""Answers for the tab Read: a text's tokens, what the model says of it, and one layer's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vartai.figures.figure import Figure
from vartai.figures.heat_map import heat_map
from vartai.figures.unit_line import unit_line
from vartai.inspect.aligned import Pair, align, difference
from vartai.inspect.cut import Token
from vartai.inspect.order import ORDERS, order_units, strongest_first
from vartai.inspect.running import Running
from vartai.inspect.trace import LayerStates, Trace
from vartai.serve.inspector.opened import OpenedModel

Answer = dict[str, Any]
Floats = NDArray[np.floating[Any]]

# What the running prediction is of, by task: the whole text so far, the word, what comes next.
_SAYS = {
    "answer": "answer",
    "classify": "title",
    "generate": "next",
    "tag": "word",
    "translate": "next",
}
_WHOLE = "text"


class Asked(Protocol):
    """Which texts, and which layer's states or gate; the first there are for None."""

    @property
    def given(self) -> Mapping[str, str]:
        """Texts by field."""

    @property
    def layer(self) -> str | None:
        """Name of the layer and direction."""

    @property
    def what(self) -> str | None:
        """``hidden``, ``cell`` or a gate."""


def read(opened: OpenedModel, asked: Asked) -> Answer:
    """Tokens, running prediction, layers, attention and the first view of a text."""
    traced = opened.trace(asked.given)
    return {
        "sequences": sequences(traced),
        "layers": [_layer(name, states) for name, states in traced.layers.items()],
        "says": _SAYS[opened.saved.name],
        "running": None if traced.running is None else traced.figure(quantity="running"),
        "said": _said(traced),
        "verdict": verdict(opened, traced),
        "attention": [
            {"name": name, "figure": traced.figure(quantity=name)} for name in traced.attention
        ],
        "states": states(opened, asked),
        "notes": list(traced.notes),
    }


def sequences(traced: Trace) -> list[Answer]:
    """What layers read, each once: the tokens of a text, with their places in it."""
    if not traced.texts:
        return [_sequence(_WHOLE, traced.text, traced.tokens)]
    read = {_part(name): states.tokens for name, states in traced.layers.items()}
    return [_sequence(part, traced.texts[part], tokens) for part, tokens in read.items()]


def _sequence(name: str, shown: str, tokens: Sequence[Token]) -> Answer:
    return {"name": name, "shown": shown, "tokens": _tokens(tokens)}


def _tokens(tokens: Sequence[Token]) -> list[Answer]:
    return [token._asdict() for token in tokens]


def _part(layer: str) -> str:
    """The part of a model that a layer such as ``encoder.l0`` belongs to."""
    return layer.rpartition(".")[0] or _WHOLE


def _layer(name: str, states: LayerStates) -> Answer:
    return {"name": name, "sequence": _part(name), "whats": list(states.quantities())}


def _said(traced: Trace) -> list[Answer | None]:
    """The likeliest label after each token, None where nothing was read."""
    if traced.running is None:
        return []
    said = []
    for row, shares in enumerate(traced.running.probabilities):
        known = not np.isnan(shares).any()
        said.append(_likeliest(traced.running, row) if known else None)
    return said


def _likeliest(running: Running, row: int) -> Answer:
    best = int(running.probabilities[row].argmax())
    share = round(float(running.probabilities[row, best]), 4)
    return {"label": running.names(row)[best], "probability": share}


def verdict(opened: OpenedModel, traced: Trace) -> Answer | None:
    """What a classifier says of the whole text: label and probability."""
    if opened.saved.name != "classify" or traced.running is None:
        return None
    return _likeliest(traced.running, len(traced.tokens) - 1)


def states(opened: OpenedModel, asked: Asked) -> Answer:
    """One layer's states or one of its gates: its heat map, orders of units, a line for a unit."""
    layer, what, found = choose(opened.trace(asked.given), asked.layer, asked.what)
    values = found.quantity(what)
    tokens = [token.text for token in found.tokens]
    line = unit_line(
        tokens=tokens, values=_numbers(values[:, 0]), bounds=bounds(what, values), title=what
    )
    return {
        "layer": layer,
        "what": what,
        "figure": _map(what, values, tokens),
        "line": line,
        "orders": {order: order_units(values, order) for order in ORDERS},
    }


def _map(what: str, values: Floats, tokens: Sequence[str]) -> Figure:
    low, high = bounds(what, values)
    units = range(values.shape[1])
    return heat_map(
        values=values, tokens=tokens, units=units, title=what, share=low == 0, bound=high
    )


def choose(traced: Trace, layer: str | None, what: str | None) -> tuple[str, str, LayerStates]:
    """A layer and one of its states or gates by name; the first ones for None.

    Raises:
        OptionError: there is none of that name; lists those there are.
    """
    layer = next(iter(traced.layers)) if layer is None else layer
    states = traced[layer]
    what = "hidden" if what is None else what
    states.quantity(what)
    return layer, what, states


def bounds(what: str, values: Floats) -> tuple[float, float]:
    """Ends of the scale: those of a gate or a state between -1 and 1; of a cell, its largest."""
    if what in ("hidden", "cell", "candidate"):
        most = float(np.abs(values).max(initial=0.0))
        return (-1.0, 1.0) if most <= 1 else (-most, most)
    return 0.0, 1.0


def compare_texts(opened: OpenedModel, asked: Asked, other: Mapping[str, str]) -> Answer:
    """Two texts side by side: tokens aligned, and the difference of every unit at each place."""
    texts = (asked.given, other)
    both = [opened.trace(text) for text in texts]
    chosen = [choose(traced, asked.layer, asked.what) for traced in both]
    what = chosen[0][1]
    parts = [states for _, _, states in chosen]
    first, second = (states.quantity(what) for states in parts)
    pairs = align(*([token.text for token in states.tokens] for states in parts))
    apart = difference(first, second, pairs)
    columns = _columns(parts, pairs)
    most = float(np.nanmax(np.abs(apart), initial=0.0)) or 1.0
    together = np.concatenate([first, second])
    scale = _map(what, together, [""] * len(together))["data"][0]
    orders = {order: order_units(first, order) for order in ORDERS}
    largest = np.nan_to_num(np.abs(apart)).max(0)
    return {
        "figure": _with_gaps(
            heat_map(
                values=apart,
                tokens=columns,
                units=range(apart.shape[1]),
                title="difference",
                share=False,
                bound=most,
            )
        ),
        "scale": {name: scale[name] for name in ("colorscale", "zmin", "zmax")},
        "pairs": [list(pair) for pair in pairs],
        "columns": columns,
        "values": [_rows(first), _rows(second)],
        "tokens": [_tokens(states.tokens) for states in parts],
        "verdicts": [verdict(opened, traced) for traced in both],
        "orders": {**orders, "difference": strongest_first(largest)},
        "same": not any(pair.changed for pair in pairs),
    }


def _with_gaps(figure: Figure) -> Figure:
    """Numbers that are none as gaps of the picture: JSON has no other word for them."""
    (drawn,) = figure["data"]
    rows = [[None if value != value else value for value in row] for row in drawn["z"]]
    return {**figure, "data": [{**drawn, "z": rows}]}


def _columns(parts: Sequence[LayerStates], pairs: Sequence[Pair]) -> list[str]:
    names = []
    for first, second, changed in pairs:
        left = "–" if first is None else parts[0].tokens[first].text
        right = "–" if second is None else parts[1].tokens[second].text
        names.append(f"{left}→{right}" if changed else left)
    return names


def _rows(values: Floats) -> list[list[float]]:
    return [_numbers(row) for row in values.T]


def _numbers(values: Floats) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), 4).tolist()
    return rounded
