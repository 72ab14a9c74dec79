"""What is asked of layers here: rows in, rows out, a state in between; one direction by itself."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.errors import OptionError, unknown_name
from vartai.kernels.direction import State
from vartai.nn.both_ways import reversed_rows
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch


def run_layers(
    layers: SequenceLayers, batch: SequenceBatch, state: State | None = None
) -> tuple[SequenceBatch, State]:
    """Outputs of the last layer, and the state after, ``[layers·directions, B, …]`` each."""
    found = layers.run(batch, state)
    return batch.with_data(found.rows), found.state


def run_states(layers: SequenceLayers, batch: SequenceBatch) -> tuple[Tensor, list[Tensor]]:
    """Run step by step, so that the state between two steps is a node that gradients can be of.

    Args:
        layers: of one direction.
        batch: data ``[N, D]``.

    Returns:
        ``[T, B, S]``: the whole state after each step, of all layers, hidden and cell, as one
        vector; what stands past the end of a sequence means nothing. And its T nodes ``[B, S]``.

    Raises:
        OptionError: the layers have two directions, so there is no state that the one step leaves
            and the next one meets.
    """
    if layers.bidirectional:
        raise OptionError(
            "layers of two directions have no state between two steps; choose one direction: "
            + ", ".join(layers.names())
        )
    grid = batch.padded()
    one = torch.ones(len(batch), dtype=torch.int64)
    state: State | None = None
    nodes = []
    for inputs in grid:
        _, after = run_layers(layers, SequenceBatch(inputs, one), state)
        node = torch.cat([part.transpose(0, 1).flatten(1) for part in after], dim=1)
        if not node.requires_grad:
            node.requires_grad_()
        nodes.append(node)
        state = _split(node, after)
    return torch.stack(nodes), nodes


def _split(node: Tensor, like: State) -> State:
    """Back from one vector a sequence to the parts of a state."""
    parts = torch.split(node, [part.size(0) * part.size(2) for part in like], dim=1)
    return tuple(
        part.view(len(node), old.size(0), old.size(2)).transpose(0, 1).contiguous()
        for part, old in zip(parts, like, strict=True)
    )


def one_direction(
    layers: SequenceLayers, name: str, batch: SequenceBatch
) -> tuple[RecurrentLayers, SequenceBatch]:
    """One layer in one direction by itself, and the rows that it reads.

    Args:
        layers: the stack.
        name: such as ``l1_reverse``.
        batch: data ``[N, D]``: what the lowest layer reads.

    Returns:
        A layer with the same weights that reads forward, and its rows, from each sequence's end
        to its start if the direction is a reverse one.

    Raises:
        OptionError: there is no such layer, or it is of a kind that cannot be taken apart.
    """
    if name not in layers.names():
        raise unknown_name("layer", name, layers.names())
    if not isinstance(layers, RecurrentLayers):
        raise OptionError(
            f"a layer of {type(layers).__name__} cannot be looked at by itself; without a layer, "
            "all of them are looked at together"
        )
    place = int(name.removesuffix("_reverse")[1:])
    with torch.no_grad():
        for below in range(place):
            batch = _run_level(layers, below, batch)
    if name.endswith("_reverse"):
        batch = reversed_rows(batch)
    return _alone(layers, name, batch.data.size(1)), batch


def _run_level(layers: RecurrentLayers, place: int, batch: SequenceBatch) -> SequenceBatch:
    outputs = []
    for name in layers.names():
        if name.removesuffix("_reverse") == f"l{place}":
            reverse = name.endswith("_reverse")
            rows = reversed_rows(batch) if reverse else batch
            found, _ = run_layers(_alone(layers, name, batch.data.size(1)), rows)
            outputs.append((reversed_rows(found) if reverse else found).data)
    return batch.with_data(torch.cat(outputs, dim=1))


def _alone(layers: RecurrentLayers, name: str, input_size: int) -> RecurrentLayers:
    weights = {
        own.removesuffix(f"_{name}"): value
        for own, value in layers.state_dict().items()
        if own.endswith(f"_{name}")
    }
    like = next(iter(weights.values()))
    alone = RecurrentLayers(
        layers.form,
        input_size,
        layers.hidden_size,
        1,
        layers.bias,
        False,
        0.0,
        False,
        like.device,
        like.dtype,
        recurrent_dropout=layers.recurrent_dropout,
        zoneout=layers.zoneout,
        learned_state=layers.learned_state,
    )
    alone.load_state_dict({f"{own}_l0": value for own, value in weights.items()})
    return alone.eval().requires_grad_(False)
