"""A Keras 3 model, from a `.keras` file, taken apart: embedding, recurrent layers, pool, output.

What was found is run beside the model on random ids, and refused where it says anything else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vartai.errors import InputError
from vartai.exchange.checks.compare import TOLERANCE
from vartai.exchange.keras_files import LAYERS, OPERATIONS, require_harmless
from vartai.exchange.keras_layers import CELLS, import_keras, layers_from_keras
from vartai.exchange.network import Network

_IGNORED = {"InputLayer", "Dropout", "SpatialDropout1D"}
_POOLS = {"GlobalAveragePooling1D": "mean", "GlobalMaxPooling1D": "max", "Max": "max"}
_RECURRENT = {*CELLS, "Bidirectional"}
_ENDS = ("linear", "softmax", "sigmoid", "log_softmax")


def read_keras(path: Path) -> Network:
    """The parts of a saved model. Nothing in the file is executed.

    Args:
        path: of a `.keras` file.

    Raises:
        InputError: the file is damaged or hostile, or the model is of other parts; names them.
        OptionError: layers in a form that Vartai does not have.
        MissingExtra: Keras is not installed.
    """
    require_harmless(path)
    keras = import_keras()
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        first = str(error).strip().split("\n")[0][:200]
        raise InputError(f"Keras does not open it: {first}", file=str(path)) from error
    network, end = _take_apart(model, path)
    _require_agreement(model, network, end, path)
    return network


def _take_apart(model: Any, path: Path) -> tuple[Network, str]:
    # A model put together of calls has operations that are no layers, such as a maximum.
    parts = model.operations if hasattr(model, "operations") else model.layers
    kinds = [(type(layer).__name__, layer) for layer in parts]
    for kind, _ in kinds:
        if kind not in LAYERS | OPERATIONS:
            raise InputError(f"a layer {kind} has no place in a bundle", file=str(path))
    embeddings = [layer for kind, layer in kinds if kind == "Embedding"]
    recurrent = [layer for kind, layer in kinds if kind in _RECURRENT]
    dense = [layer for kind, layer in kinds if kind == "Dense"]
    if len(embeddings) != 1 or not recurrent or len(dense) != 1:
        found = ", ".join(kind for kind, _ in kinds if kind not in _IGNORED)
        raise InputError(
            f"expected one Embedding, recurrent layers and one Dense; found {found}",
            file=str(path),
        )
    end = str(dense[0].get_config()["activation"])
    if end not in _ENDS:
        raise InputError(
            f"the Dense layer ends in {end}; known: {', '.join(_ENDS)}", file=str(path)
        )
    weight, bias = _dense(dense[0])
    table = torch.from_numpy(np.array(embeddings[0].get_weights()[0], np.float32))
    layers = layers_from_keras(recurrent)
    pool = _pool([kind for kind, _ in kinds], recurrent[-1])
    return Network(table, layers, pool, weight, bias, ()), end


def _pool(kinds: list[str], last: Any) -> str:
    found = [_POOLS[kind] for kind in kinds if kind in _POOLS]
    if found:
        return found[0]
    own = last.forward_layer if type(last).__name__ == "Bidirectional" else last
    return "none" if own.return_sequences else "last"


def _dense(layer: Any) -> tuple[Tensor, Tensor]:
    arrays = [np.array(array, np.float32) for array in layer.get_weights()]
    weight = torch.from_numpy(arrays[0].T.copy())
    bias = torch.from_numpy(arrays[1]) if len(arrays) > 1 else torch.zeros(weight.size(0))
    return weight, bias


def _require_agreement(model: Any, network: Network, end: str, path: Path) -> None:
    random = np.random.default_rng(0)
    size = network.embedding.size(0)
    # Id 0 is often padding, which no text has.
    ids = random.integers(min(1, size - 1), size, (3, 11))
    given = np.asarray(model(ids.astype(np.int32)))
    scores = network.scores(torch.from_numpy(ids))
    if scores.shape != given.shape:
        raise InputError(
            f"the model gives scores of shape {list(given.shape)}, its parts "
            f"{list(scores.shape)}: it is put together otherwise",
            file=str(path),
        )
    apart = float(np.abs(_ended(scores, end).numpy() - given).max())
    if not apart <= TOLERANCE:
        raise InputError(
            f"its parts say something else than the model (by {apart:.2g}), so it is put together "
            "otherwise than by embedding, recurrent layers, pool and output",
            file=str(path),
        )


def _ended(scores: Tensor, end: str) -> Tensor:
    if end == "sigmoid":
        return torch.sigmoid(scores)
    if end == "softmax":
        return torch.softmax(scores, -1)
    return torch.log_softmax(scores, -1) if end == "log_softmax" else scores
