"""What an attacker can do: put any bytes into a bundle and renew its digests."""

from __future__ import annotations

import hashlib
import json
import re
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from vartai.bundle import read_bundle
from vartai.errors import BundleError

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]

MOST_MEMORY = 64 << 20
MOST_SECONDS = 5.0


def seal(folder: Path) -> None:
    """Make every digest of the bundle right again."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for name in config["files"]:
        config["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    del config["sha256"]
    plain = json.dumps(config, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    config["sha256"] = hashlib.sha256(plain.encode("utf-8")).hexdigest()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.fixture
def forge(bundle: Path) -> Forge:
    """Replace a file of a good bundle by other bytes, with digests to match."""

    def replace(name: str, raw: bytes) -> Path:
        (bundle / name).write_bytes(raw)
        if name != "config.json":
            seal(bundle)
        return bundle

    return replace


@pytest.fixture
def refused() -> Refused:
    """The bundle is refused with this very text, at once, and in little memory."""

    def check(folder: Path, text: str) -> None:
        tracemalloc.start()
        begun = time.monotonic()
        try:
            with pytest.raises(BundleError, match=re.escape(text)):
                read_bundle(folder)
            assert time.monotonic() - begun < MOST_SECONDS
            assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
        finally:
            tracemalloc.stop()

    return check
