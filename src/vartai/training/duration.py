"""Lengths of time as people type them: 90s, 10m, 1h30m."""

from __future__ import annotations

import re

from vartai.errors import OptionError

_NUMBER = r"\d+(?:\.\d+)?"
# Hours, minutes and seconds in this order, or a bare number of seconds: 1h30 might mean either.
_FORM = re.compile(
    rf"(?:(?P<h>{_NUMBER})\s*h)?\s*(?:(?P<m>{_NUMBER})\s*m)?\s*(?:(?P<s>{_NUMBER})\s*s)?"
    rf"|(?P<bare>{_NUMBER})"
)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "bare": 1.0}


def parse_duration(text: str, *, option: str) -> float:
    """Seconds of a length of time.

    Raises:
        OptionError: the text is no length of time above zero; names the option.

    Example:
        >>> parse_duration("10m", option="time"), parse_duration("1h 30m", option="time")
        (600.0, 5400.0)
    """
    match = _FORM.fullmatch(text.strip())
    named = match.groupdict(default="0") if match else {}
    seconds = sum(float(number) * _SECONDS[unit] for unit, number in named.items())
    if seconds <= 0:
        raise OptionError(
            f"{option} must be a length of time such as 90s, 10m or 1h30m, was {text!r}"
        )
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
