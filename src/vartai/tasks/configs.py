"""Configurations as plain mappings and back, strictly: for bundles and configuration files.

A configuration is a frozen dataclass of frozen dataclasses of plain values. Nothing is coerced that
could hide a mistake, and an unknown name is an error that lists the known ones.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from vartai.errors import OptionError, unknown_name

Config = TypeVar("Config")


def config_to_mapping(config: Any) -> dict[str, Any]:
    """Nested dicts of JSON values; tuples become lists."""
    mapping: dict[str, Any] = {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            value = config_to_mapping(value)
        elif isinstance(value, tuple):
            value = list(value)
        mapping[field.name] = value
    return mapping


def config_from_mapping(kind: type[Config], mapping: Mapping[str, Any], where: str = "") -> Config:
    """The configuration that a mapping describes; what it leaves out has its default.

    Args:
        kind: a frozen dataclass.
        mapping: names to JSON values or, for a part that is a dataclass, to mappings.
        where: the part's name, for messages.

    Raises:
        OptionError: a name is unknown, or a value has the wrong type or is out of bounds.
    """
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in mapping.items():
        if name not in names:
            raise unknown_name(f"option in {where or 'the configuration'}", name, names)
        values[name] = _value(hints[name], value, f"{where}.{name}" if where else name)
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise OptionError(f"{where} must be a table of options, was {value!r}")
        return config_from_mapping(typing.cast(type[Any], hint), value, where)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        if value is None:
            return None
        (hint,) = [each for each in typing.get_args(hint) if each is not type(None)]
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise OptionError(f"{where} must be a list of strings, was {value!r}")
        return tuple(value)
    # A whole number will do where a fraction may stand; true and false are no numbers.
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise OptionError(f"{where} must be of type {hint.__name__}, was {value!r}")
    return value
