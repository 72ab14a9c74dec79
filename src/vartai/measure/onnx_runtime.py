"""ONNX Runtime, inference, on graphs of ONNX's own recurrent operators."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from vartai.exchange.onnx_layers import onnx_layers
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
        model = onnx_layers(work.case.cell, work.parameters, ragged=work.case.ragged)
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
        outputs, *states = (torch.from_numpy(found) for found in self.run())
        results = {"outputs": self._rows(outputs)}
        for kind in ("hidden", "cell"):
            parts: list[Tensor] = [
                state
                for name, state in zip(self._names[1:], states, strict=True)
                if name.startswith(kind)
            ]
            if parts:
                results[kind] = torch.cat(parts)
        return results


def onnx_layers_of(work: Work) -> OnnxLayers | str:
    """The session; or why there is none."""
    if find_spec("onnx") is None or find_spec("onnxruntime") is None:
        return ABSENT
    return OnnxLayers(work)
