"""What Triton Inference Server has to know of a stepwise graph to keep its state between requests.

State goes from an output to an input of the next request of the same sequence ("implicit state
management"). Every part begins as zeros. Parts are declared in the order of their names, on both
sides the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_TYPES = {"float32": "FP32", "int64": "INT64"}
_IDLE_MICROSECONDS = 60_000_000
_MOST_SEQUENCES = 1024
_MOST_TOGETHER = 128


def triton_config(name: str, step: Any) -> str:
    """The text of `config.pbtxt`.

    Args:
        name: of the model, which is that of its folder in the repository of models.
        step: an open session of onnxruntime with the stepwise graph.
    """
    inputs, outputs = step.get_inputs(), step.get_outputs()
    states = [value for value in inputs if value.name.endswith("_in")]
    own = [value for value in inputs if not value.name.endswith("_in")]
    answers = [value for value in outputs if not value.name.endswith("_out")]
    lines = [
        f'name: "{name}"',
        'platform: "onnxruntime_onnx"',
        'default_model_filename: "step.onnx"',
        f"max_batch_size: {_MOST_TOGETHER}",
        *_block("input", [_tensor(value) for value in own]),
        *_block("output", [_tensor(value) for value in answers]),
        "sequence_batching {",
        f"  max_sequence_idle_microseconds: {_IDLE_MICROSECONDS}",
        f"  oldest {{ max_candidate_sequences: {_MOST_SEQUENCES} }}",
        *(f"  {line}" for line in _block("state", [_state(value) for value in states])),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _block(name: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    return [f"{name} [", *(f"  {entry}," for entry in entries[:-1]), f"  {entries[-1]}", "]"]


def _tensor(value: Any) -> str:
    return f'{{ name: "{value.name}" data_type: TYPE_{_kind(value)} dims: {_dims(value)} }}'


def _state(value: Any) -> str:
    part = value.name.removesuffix("_in")
    kind, dims = f"TYPE_{_kind(value)}", _dims(value)
    start = f'{{ name: "{part}_start" data_type: {kind} dims: {dims} zero_data: true }}'
    return (
        f'{{ input_name: "{part}_in" output_name: "{part}_out" data_type: {kind} dims: {dims} '
        f"initial_state: {start} }}"
    )


def _kind(value: Any) -> str:
    """Of onnxruntime: it says ``tensor(float)`` or ``tensor(int64)``."""
    return _TYPES["int64" if "int64" in value.type else "float32"]


def _dims(value: Any) -> list[int]:
    """Axes after the batch's; -1 for those that vary."""
    return [axis if isinstance(axis, int) else -1 for axis in value.shape[1:]]
