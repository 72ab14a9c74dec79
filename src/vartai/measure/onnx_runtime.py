"""ONNX Runtime, inference, on graphs of ONNX's own recurrent operators."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch

from vartai.exchange.graphs.layers import bare_layers_model
from vartai.exchange.layers_in import layers_from_torch
from vartai.measure.entrant import Results
from vartai.measure.work import Work

ABSENT = "not installed: pip install 'vartai[onnx]'"


class OnnxLayers:
    """A session with the weights of a case, with as many threads as torch has.

    Args:
        work: for inference.
    """

    def __init__(self, work: Work) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        # Its threads may spin while it runs, but not into the next one's turn.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        model = bare_layers_model(layers_from_torch(work.layer), ragged=work.case.ragged)
        self._session: Any = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._names = [output.name for output in self._session.get_outputs()]
        self._feeds: dict[str, Any] = {"inputs": work.padded()[0].detach().numpy()}
        if work.case.ragged:
            self._feeds["lengths"] = work.lengths.to(torch.int32).numpy()
        self._rows = work.from_padded

    def run(self) -> list[Any]:
        """All outputs."""
        found: list[Any] = self._session.run(None, self._feeds)
        return found

    def results(self) -> Results:
        """Outputs and final state."""
        found = zip(self._names, self.run(), strict=True)
        results = {name: torch.from_numpy(numbers) for name, numbers in found}
        return results | {"outputs": self._rows(results["outputs"])}


def onnx_layers_of(work: Work) -> OnnxLayers | str:
    """The session; or why there is none."""
    if find_spec("onnx") is None or find_spec("onnxruntime") is None:
        return ABSENT
    return OnnxLayers(work)
