"""What the estimators' `trace` methods share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vartai.inspect.cut import cut
from vartai.inspect.selection import Selection
from vartai.inspect.trace import Trace, trace_cut


@dataclass(frozen=True)
class TraceOptions:
    """What of a trace is wanted.

    Args:
        selection: of layers, units and gates.
        running: whether the running prediction is wanted.
        max_tokens: of a longer text the first so many are read.
    """

    selection: Selection
    running: bool
    max_tokens: int


def trace_texts(
    task: object, texts: Sequence[str], options: TraceOptions, *, notes: Sequence[str] = ()
) -> list[Trace]:
    """Traces of texts as they were read, each with further notes."""
    whole = cut(task, texts, max_tokens=options.max_tokens)
    made = trace_cut(whole, texts, options.selection, running=options.running)
    return [replace(one, notes=(*notes, *one.notes)) for one in made] if notes else made
