"""Other programs' forms of the same networks.

`layers_from_torch`, `layers_from_onnx` and `layers_from_keras` make layers of `vartai.nn`;
`layers_model` makes an ONNX model of such layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vartai.lazy_names import lazy_names

if TYPE_CHECKING:
    from vartai.exchange.graphs.layers import layers_model
    from vartai.exchange.keras_layers import layers_from_keras
    from vartai.exchange.layers_in import layers_from_torch
    from vartai.exchange.onnx_in import layers_from_onnx

__all__ = ["layers_from_keras", "layers_from_onnx", "layers_from_torch", "layers_model"]

_HOMES = {
    "layers_from_keras": "vartai.exchange.keras_layers",
    "layers_from_onnx": "vartai.exchange.onnx_in",
    "layers_from_torch": "vartai.exchange.layers_in",
    "layers_model": "vartai.exchange.graphs.layers",
}
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
