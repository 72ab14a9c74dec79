"""Whole layers: Vartai's, and torch's in each way that people run them."""

from __future__ import annotations

from torch import Tensor, nn

import vartai.nn
from vartai.measure.entrant import Alone, Entrant, Forward, Together
from vartai.measure.work import Work

State = tuple[Tensor, ...]


def vartai_layer(work: Work) -> Together:
    """Vartai on a padded tensor where no step is padding, else on a `SequenceBatch`."""
    layer = _vartai_twin(work)
    if not work.case.ragged:
        return _on_padded(layer, work)

    def forward(rows: Tensor) -> tuple[Tensor, State]:
        outputs, state = layer(work.batch.with_data(rows))
        return outputs.data, _as_tuple(state)

    inputs, gradient = work.rows()
    return Together(forward, inputs, lambda rows: rows, gradient, _named(layer, work))


def vartai_packed(work: Work) -> Together:
    """Vartai in the place of torch's layer, on a `PackedSequence`."""
    return _on_packed(_vartai_twin(work), work)


def torch_packed(work: Work) -> Together:
    """Run torch on a `PackedSequence`; the time of packing is not counted."""
    return _on_packed(work.layer, work)


def torch_padded(work: Work) -> Entrant:
    """Run torch on padded tensors; it computes the padding too.

    Its final states are those after the padding, and a reverse direction has read the padding
    first: these are other results, and not compared.
    """
    padded = _on_padded(work.layer, work)
    if not work.case.ragged:
        return padded
    if work.case.bidirectional:
        return Alone(padded.run)
    forward = padded.forward

    def outputs_only(inputs: Tensor) -> tuple[Tensor, State]:
        return forward(inputs)[0], ()

    return Together(outputs_only, padded.inputs, padded.rows, padded.gradient, padded.parameters)


def _vartai_twin(work: Work) -> nn.Module:
    case = work.case
    twin: nn.Module = {"RNN": vartai.nn.RNN, "GRU": vartai.nn.GRU, "LSTM": vartai.nn.LSTM}[
        case.cell
    ](case.size, case.size, num_layers=case.layers, bidirectional=case.bidirectional)
    twin.load_state_dict(work.layer.state_dict())
    return twin


def _on_padded(layer: nn.Module, work: Work) -> Together:
    inputs, gradient = work.padded()
    return Together(_calling(layer), inputs, work.from_padded, gradient, _named(layer, work))


def _on_packed(layer: nn.Module, work: Work) -> Together:
    def forward(data: Tensor) -> tuple[Tensor, State]:
        outputs, state = layer(work.pack(data))
        return outputs.data, _as_tuple(state)

    inputs, gradient = work.packed()
    return Together(forward, inputs, work.from_packed, gradient, _named(layer, work))


def _calling(layer: nn.Module) -> Forward:
    def forward(inputs: Tensor) -> tuple[Tensor, State]:
        outputs, state = layer(inputs)
        return outputs, _as_tuple(state)

    return forward


def _named(layer: nn.Module, work: Work) -> dict[str, Tensor]:
    parameters = dict(layer.named_parameters())
    return {name: parameters[name] for name in work.parameters}


def _as_tuple(state: Tensor | State) -> State:
    return (state,) if isinstance(state, Tensor) else state
