"""Other programs' forms of the same networks.

`layers_from_torch`, `layers_from_onnx` and `layers_from_keras` make layers of `vartai.nn`.
"""

from __future__ import annotations

from importlib import import_module

__all__ = ["layers_from_keras", "layers_from_onnx", "layers_from_torch", "layers_model"]

_HOMES = {
    "layers_from_keras": "vartai.exchange.keras_layers",
    "layers_from_onnx": "vartai.exchange.onnx_in",
    "layers_from_torch": "vartai.exchange.layers_in",
    "layers_model": "vartai.exchange.graphs.layers",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
