"""Whether two runs are the same run: a digest of all that decides a training's result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from vartai.tasks.configs import config_to_mapping

# How long it trains and where decides when it ends, not what it is.
_FREE = ("time", "checkpoint", "device", "threads")


def run_identity(config: Any, *parts: Iterable[Any]) -> str:
    """A digest of configuration and data; a checkpoint belongs to runs of one digest.

    Args:
        config: of the task; its part ``training`` may differ in time, threads and the like.
        parts: of the data, each as JSON values, one after another.
    """
    mapping = config_to_mapping(config)
    for name in _FREE:
        del mapping["training"][name]
    digest = hashlib.sha256(json.dumps(mapping, sort_keys=True).encode())
    for part in parts:
        for value in part:
            digest.update(json.dumps(value).encode())
        # What was moved from one part to the next is another run.
        digest.update(b"\n")
    return digest.hexdigest()
