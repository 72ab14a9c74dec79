"""Figures of a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vartai.errors import MissingExtra, unknown_name
from vartai.figures.attention import attention_map
from vartai.figures.figure import Figure
from vartai.figures.heat_map import heat_map
from vartai.figures.running import likeliest, running_prediction

if TYPE_CHECKING:
    from vartai.inspect.trace import Trace

# What lies between 0 and 1 whatever the cell; a state, a cell and a candidate have signs.
_SHARES = ("input", "forget", "output", "reset", "update")
RUNNING = "running"


def picture(trace: Trace, layer: str | None, quantity: str) -> Figure:
    """See `vartai.inspect.trace.Trace.figure`.

    Raises:
        OptionError: a layer or quantity that the trace does not hold.
    """
    if quantity == RUNNING and trace.running is not None:
        return _running(trace)
    if quantity in trace.attention:
        shown = trace.attention[quantity]
        return attention_map(
            weights=shown.weights,
            rows=shown.rows,
            columns=shown.columns,
            title=f"Attention: {quantity}",
        )
    if layer is None:
        if not trace.layers:
            known = [*trace.attention, *([] if trace.running is None else [RUNNING])]
            raise unknown_name("quantity", quantity, known)
        layer = next(iter(trace.layers))
    states = trace[layer]
    return heat_map(
        values=states.quantity(quantity),
        tokens=[token.text for token in states.tokens],
        units=states.units,
        title=f"{quantity} of {layer}",
        share=quantity in _SHARES,
    )


def _running(trace: Trace) -> Figure:
    running = trace.running
    if running is None:
        raise unknown_name("quantity", RUNNING, trace.attention)
    tokens = [token.text for token in running.tokens]
    if running.likeliest is not None:
        return likeliest(
            probabilities=running.probabilities, names=running.likeliest, tokens=tokens
        )
    return running_prediction(
        probabilities=running.probabilities, labels=running.labels, tokens=tokens
    )


def in_notebook(figure: Figure) -> Any:
    """A figure as an object that notebooks display.

    Raises:
        MissingExtra: plotly is not installed.
    """
    try:
        from plotly import graph_objects
    except ImportError as error:
        raise MissingExtra("Showing a figure", extra="inspect") from error
    return graph_objects.Figure(figure)
