"""Every state and gate inside any PyTorch model, recorded while it runs as it always does.

    with vartai.inspect.watch(model) as traces:
        model(batch)
    traces["encoder.rnn"][0]["l0"].gates["forget"]

Layers and cells of `vartai.nn` tell what they kept. Those of `torch.nn` compute through Vartai for
as long as this lasts, as `vartai.accelerate` has it, because torch's own operators keep no gates;
results are the same to float tolerance. Afterwards everything is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from vartai.errors import OptionError, require_range, unknown_name
from vartai.kernels import recorded
from vartai.kernels.direction import Trace
from vartai.kernels.row_layout import DenseLayout, PackedLayout
from vartai.nn.accelerated_class import original_class
from vartai.nn.acceleration import swap, swap_back
from vartai.nn.cells import RecurrentCell
from vartai.nn.leaving_alone import is_recurrent, reason_not_to_extend
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.trace import LayerTrace, lay_out_all
from vartai.sequences import SequenceBatch

Traces = dict[str, LayerTrace[Any]]
_OURS = (SequenceLayers, RecurrentCell)

MAX_NUMBERS = 1 << 28
"""Numbers that one watch keeps, if nothing else is said: a gibibyte of float32."""


@dataclass(eq=False)
class Watched(Mapping[str, list[Traces]]):
    """What was recorded: for each module by name its calls, each the traces of its directions.

    Args:
        not_watched: recurrent modules that could not be watched, and why.
        left_out: calls of each module that were not kept, for `max_calls` or `max_numbers`.
    """

    not_watched: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    _calls: dict[str, list[Traces]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[Traces]:
        if name in self.not_watched:
            raise OptionError(f"{name or '(the model)'} is not watched: {self.not_watched[name]}")
        if name not in self._calls:
            raise unknown_name("module", name, self._calls)
        return self._calls[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __str__(self) -> str:
        lines = [f"{len(self)} recurrent modules watched"]
        for name, calls in self._calls.items():
            lost = f", {self.left_out[name]} left out" if name in self.left_out else ""
            lines.append(f"  {name or '(the model)'}: {len(calls)} calls{lost}")
        lines += [f"  {n or '(the model)'} not: {why}" for n, why in self.not_watched.items()]
        return "\n".join(lines)


@dataclass(frozen=True)
class _Keeping:
    """How much of each call is kept."""

    units: Sequence[int] | None
    gates: bool | Sequence[str]
    max_calls: int | None
    max_numbers: int


@contextmanager
def watch(
    module: nn.Module,
    *,
    names: Sequence[str] | None = None,
    units: Sequence[int] | None = None,
    gates: bool | Sequence[str] = True,
    max_calls: int | None = None,
    max_numbers: int = MAX_NUMBERS,
) -> Iterator[Watched]:
    """Record the recurrent layers and cells inside a model, of `torch.nn` and of `vartai.nn`.

    A module's traces are laid out like its outputs, one entry a call. A cell's has one step, under
    the name ``l0``. Recording begins when this is entered and ends when it is left. Only calls of
    modules are seen, not of their ``forward`` past the module.

    Args:
        module: any model, or a layer itself, whose name is then the empty text.
        names: of the modules to watch, as `torch.nn.Module.named_modules` has them; all if not
            given.
        units: numbers, from 0, of those to keep; all if not given. A projected hidden state is
            kept whole.
        gates: names of those to keep; True for all, False for none. A name that a cell does not
            have is no error as long as another has it.
        max_calls: of each module; further ones are counted, not kept.
        max_numbers: kept in all; a call that would go beyond is counted, not kept.

    Yields:
        What has been recorded so far.

    Raises:
        OptionError: a name that no recurrent module has, or nothing recurrent at all.
    """
    if max_calls is not None:
        require_range("max_calls", max_calls, at_least=1)
    require_range("max_numbers", max_numbers, at_least=1)
    chosen = _chosen(module, names)
    watched = Watched()
    record = _Recording(watched, _Keeping(units, gates, max_calls, max_numbers))
    with ExitStack() as undo:
        undo.enter_context(recorded.anybody_watching())
        for name, part in chosen.items():
            reason = _begin(part, name, record, undo)
            if reason is None:
                watched._calls[name] = []
            else:
                watched.not_watched[name] = reason
        yield watched


def _chosen(module: nn.Module, names: Sequence[str] | None) -> dict[str, nn.Module]:
    found: dict[str, nn.Module] = {}
    for name, part in module.named_modules():
        inside = any(isinstance(found.get(outer), _OURS) for outer in _around(name))
        if not inside and (isinstance(part, _OURS) or is_recurrent(part)):
            found[name] = part
    if not found:
        raise OptionError("there is no recurrent layer or cell of torch.nn or vartai.nn in here")
    for name in names or ():
        if name not in found:
            raise unknown_name("recurrent module", name, found)
    return found if names is None else {name: found[name] for name in names}


def _around(name: str) -> list[str]:
    """The names of the modules that one lies in, the outermost first."""
    parts = name.split(".") if name else []
    return [".".join(parts[:count]) for count in range(len(parts))]


def _begin(part: nn.Module, name: str, record: _Recording, undo: ExitStack) -> str | None:
    """Watch one module until `undo`; else say why it cannot be watched."""
    if isinstance(part, SequenceLayers) and not part.traced:
        return f"a {type(part).__name__} keeps no traces"
    if isinstance(part, SequenceLayers | RecurrentCell):
        if part.recorder is not None:
            return "it is being watched already"
        part.recorder = lambda traces: record.keep(name, traces)
        undo.callback(delattr, part, "recorder")
        return None
    if original_class(type(part)) is None:
        reason = reason_not_to_extend(part) or swap(part)
        if reason is not None:
            return reason
        undo.callback(swap_back, part)
    _Hooks(name, record).put_on(part, undo)
    return None


class _Hooks:
    """Listen to the operators that a module of torch calls, and lay out what they tell."""

    def __init__(self, name: str, record: _Recording) -> None:
        self._name = name
        self._record = record
        self._open: list[tuple[Any, list[Any]]] = []

    def put_on(self, part: nn.Module, undo: ExitStack) -> None:
        """Until `undo`."""
        for handle in (
            part.register_forward_pre_hook(self._before),
            part.register_forward_hook(self._after, always_call=True),
        ):
            undo.callback(handle.remove)

    def _before(self, _part: nn.Module, _given: Any) -> None:
        told: list[Any] = []
        token = recorded.listen(lambda traces, layout: told.append((traces, layout)))
        self._open.append((token, told))

    def _after(self, _part: nn.Module, _given: Any, result: Any) -> None:
        token, told = self._open.pop()
        recorded.stop_listening(token)
        outputs = result[0] if isinstance(result, tuple) and result else result
        for traces, layout in told:
            self._record.keep(self._name, _laid_out(traces, layout, outputs))


def _laid_out(
    traces: dict[str, Trace], layout: DenseLayout | PackedLayout | None, outputs: Any
) -> Traces:
    """Traces of rows in the form of a module's outputs."""

    def restore(rows: Tensor) -> Any:
        if layout is None:
            return rows.squeeze(0) if isinstance(outputs, Tensor) and outputs.dim() == 1 else rows
        data = layout.data(rows)
        if isinstance(layout, PackedLayout):
            order = (outputs.sorted_indices, outputs.unsorted_indices) if _packed(outputs) else ()
            return PackedSequence(data, layout.batch_sizes, *order)
        unbatched = isinstance(outputs, Tensor) and outputs.dim() == 2
        return data.squeeze(0 if layout.batch_first else 1) if unbatched else data

    return lay_out_all(traces, restore)


def _packed(outputs: Any) -> bool:
    return isinstance(outputs, PackedSequence)


class _Recording:
    """Keeps what modules tell, within bounds."""

    def __init__(self, watched: Watched, keeping: _Keeping) -> None:
        self._watched = watched
        self._keeping = keeping
        self._numbers = 0

    def keep(self, name: str, traces: Traces) -> None:
        """One call of a module."""
        own = self._keeping
        calls = self._watched._calls[name]
        kept = {side: self._selected(trace) for side, trace in traces.items()}
        numbers = sum(_numbers(trace) for trace in kept.values())
        full = own.max_calls is not None and len(calls) >= own.max_calls
        if full or self._numbers + numbers > own.max_numbers:
            self._watched.left_out[name] = self._watched.left_out.get(name, 0) + 1
            return
        self._numbers += numbers
        calls.append({side: _own_memory(trace) for side, trace in kept.items()})

    def _selected(self, trace: LayerTrace[Any]) -> LayerTrace[Any]:
        own = self._keeping
        gates = dict(trace.gates)
        if not isinstance(own.gates, bool):
            gates = {gate: rows for gate, rows in gates.items() if gate in own.gates}
        elif not own.gates:
            gates = {}
        if own.units is None:
            return LayerTrace(trace.hidden, trace.cell, gates)
        size = _width(next(iter(trace.gates.values())))
        for unit in own.units:
            if not 0 <= unit < size:
                raise OptionError(f"unknown unit {unit}; known: 0 to {size - 1}")
        units = torch.tensor(own.units, dtype=torch.int64)

        def pick(rows: Any) -> Any:
            return _changed(rows, lambda data: data.index_select(-1, units.to(data.device)))

        hidden = pick(trace.hidden) if _width(trace.hidden) == size else trace.hidden
        cell = None if trace.cell is None else pick(trace.cell)
        return LayerTrace(hidden, cell, {gate: pick(rows) for gate, rows in gates.items()})


def _own_memory(trace: LayerTrace[Any]) -> LayerTrace[Any]:
    """A copy, so that nothing but what is kept stays in memory, and nobody changes it."""

    def copied(rows: Any) -> Any:
        return _changed(rows, lambda data: data.detach().clone())

    cell = None if trace.cell is None else copied(trace.cell)
    gates = {gate: copied(rows) for gate, rows in trace.gates.items()}
    return LayerTrace(copied(trace.hidden), cell, gates)


def _parts(trace: LayerTrace[Any]) -> list[Any]:
    return [trace.hidden, *([] if trace.cell is None else [trace.cell]), *trace.gates.values()]


def _numbers(trace: LayerTrace[Any]) -> int:
    return sum(_data(rows).numel() for rows in _parts(trace))


def _width(rows: Any) -> int:
    return int(_data(rows).size(-1))


def _data(rows: Any) -> Tensor:
    """The numbers of sequences in any form."""
    data: Tensor = rows
    if isinstance(rows, PackedSequence | SequenceBatch):
        data = rows.data
    elif rows.is_nested:
        data = rows.values()
    return data


def _changed(rows: Any, change: Any) -> Any:
    """Sequences in the same form with other rows."""
    if isinstance(rows, PackedSequence):
        return rows._replace(data=change(rows.data))
    if isinstance(rows, SequenceBatch):
        return rows.with_data(change(rows.data))
    if rows.is_nested:
        offsets = rows.offsets()
        return torch.nested.nested_tensor_from_jagged(change(rows.values()), offsets=offsets)
    return change(rows)
