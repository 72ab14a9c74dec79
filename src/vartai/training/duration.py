"""Lengths of time as people type them: 90s, 10m, 2h."""

from __future__ import annotations

import re

from vartai.errors import OptionError

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*([smh]?)")


def parse_duration(text: str, *, option: str) -> float:
    """Seconds of a length of time.

    Raises:
        OptionError: the text is no length of time above zero; names the option.

    Example:
        >>> parse_duration("10m", option="time")
        600.0
    """
    match = _FORM.fullmatch(text.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if seconds <= 0:
        raise OptionError(f"{option} must be a length of time such as 90s, 10m or 2h, was {text!r}")
    return seconds


def format_duration(seconds: float) -> str:
    """A length of time to read: ``0.8 s``, ``42 s``, ``3 m 07 s``, ``2 h 05 m``.

    Example:
        >>> format_duration(187)
        '3 m 07 s'
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} m"
