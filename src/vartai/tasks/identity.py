"""Whether two runs are the same run: a digest of all that decides a training's result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from vartai.tasks.configs import config_to_mapping

# How long it trains and where decides when it ends, not what it is.
_FREE = {
    "training": ("time", "checkpoint", "device", "threads"),
    "pretraining": ("pretrain_time",),
}


def run_identity(config: Any, *parts: Iterable[Any]) -> str:
    """A digest of configuration and data; a checkpoint belongs to runs of one digest.

    Args:
        config: of the task; time, threads and the like may differ.
        parts: of the data, each as JSON values, one after another.
    """
    mapping = config_to_mapping(config)
    for part in _FREE.keys() & mapping.keys():
        for name in _FREE[part]:
            del mapping[part][name]
    digest = hashlib.sha256(json.dumps(mapping, sort_keys=True).encode())
    for values in parts:
        for value in values:
            digest.update(json.dumps(value).encode())
        # What was moved from one part to the next is another run.
        digest.update(b"\n")
    return digest.hexdigest()
