"""Which forms of a cell the graphs compute; what is not listed here is refused by name."""

from __future__ import annotations

from dataclasses import fields

from vartai.errors import OptionError
from vartai.kernels.forms import Form

_KNOWN = frozenset(
    {"cell", "activation", "peepholes", "coupled", "projection", "reset_before", "layer_norm"}
)


def require_known(form: Form) -> None:
    """Refuse a form with an option that no graph computes.

    Raises:
        OptionError: names the options.
    """
    others = [
        field.name
        for field in fields(form)
        if field.name not in _KNOWN and getattr(form, field.name) != field.default
    ]
    if others:
        raise OptionError(f"no graph is known for {form.cell} with {', '.join(others)}")
