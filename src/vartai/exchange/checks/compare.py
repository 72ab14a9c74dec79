"""A graph run by onnxruntime against the model it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import MissingExtra, RunError

Array = NDArray[Any]
Arrays = Mapping[str, Array]
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Case:
    """One batch.

    Args:
        feeds: inputs of the graph.
        expected: outputs by name, as far as they are to be compared.
        where: output → mask of what counts in it, that of its first axes; all of it if not there.
    """

    feeds: Arrays
    expected: Arrays
    where: Arrays


def open_session(model: bytes, *, threads: int = 1) -> Any:
    """A session of onnxruntime on the CPU.

    Raises:
        MissingExtra: it is not installed.
        RunError: it does not take the model.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra("Running an ONNX model", extra="onnx") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise RunError(f"onnxruntime does not take the model: {error}") from error


def run(session: Any, feeds: Arrays) -> dict[str, Array]:
    """All outputs by name."""
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def worst(found: Arrays, case: Case) -> float:
    """The largest difference, absolute up to 1 and relative above."""
    largest = 0.0
    for name, wanted in case.expected.items():
        given = found[name]
        if given.shape != wanted.shape:
            return float("inf")
        apart = np.abs(given.astype(np.float64) - wanted) / np.maximum(1.0, np.abs(wanted))
        if name in case.where:
            apart = apart[case.where[name]]
        # A NaN compares with nothing, so it is made infinite.
        largest = max(largest, float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0)))
    return largest


def require_agreement(model: bytes, cases: Sequence[Case], what: str) -> float:
    """The largest difference over all cases.

    Raises:
        RunError: it is larger than `TOLERANCE`; nothing should be written then.
    """
    session = open_session(model)
    largest = max(worst(run(session, case.feeds), case) for case in cases)
    require_small(largest, what)
    return largest


def require_small(difference: float, what: str) -> None:
    """Refuse a graph that does not agree.

    Raises:
        RunError: the difference is larger than `TOLERANCE`.
    """
    if not difference <= TOLERANCE:
        raise RunError(
            f"{what} differs from the model by {difference:.2g}, at most {TOLERANCE:g} is allowed; "
            "nothing was written"
        )
