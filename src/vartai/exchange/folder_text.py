"""JSON files of exports, as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def as_json(value: Mapping[str, Any]) -> bytes:
    """One object, indented by one, UTF-8."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
