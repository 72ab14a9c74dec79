"""Sizes to read."""

from __future__ import annotations


def format_bytes(size: int) -> str:
    """A size to read.

    >>> format_bytes(1_234_567)
    '1.2 MB'
    """
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
