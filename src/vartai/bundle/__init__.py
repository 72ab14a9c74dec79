"""Saved models: a bundle is a folder of five plain files (`docs/bundle.md`).

This room knows files, bytes and their faults. What the configuration and the tensors mean is known
by the task that wrote them.
"""

from __future__ import annotations

from vartai.bundle.card import render_card
from vartai.bundle.contents import BundleContents
from vartai.bundle.reading import read_bundle
from vartai.bundle.tensors import require_tensors
from vartai.bundle.writing import require_bundle_place, write_bundle

__all__ = [
    "BundleContents",
    "read_bundle",
    "render_card",
    "require_bundle_place",
    "require_tensors",
    "write_bundle",
]
