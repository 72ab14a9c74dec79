"""Configurations as TOML files that people write: one table for each part, strict both ways."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vartai.errors import InputError, OptionError
from vartai.tasks.configs import config_from_mapping, config_to_mapping

_MOST_BYTES = 1 << 20


def read_config(path: Path, kind: type[Any]) -> Mapping[str, Mapping[str, Any]]:
    """What a configuration file says, part by part, checked; what it leaves out is not there.

    Args:
        path: of the file.
        kind: the configuration's frozen dataclass, whose fields are the file's tables.

    Raises:
        InputError: the file cannot be read, or is not TOML.
        OptionError: a name is unknown, or a value has the wrong type or is out of bounds.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from error
    if len(raw) > _MOST_BYTES:
        raise InputError(f"expected at most {_MOST_BYTES:,} bytes", file=str(path))
    try:
        parts = tomllib.loads(raw.decode("utf-8"))
    except ValueError as error:
        raise InputError(f"expected TOML: {error}", file=str(path)) from error
    try:
        checked = config_to_mapping(config_from_mapping(kind, parts))
    except OptionError as error:
        raise OptionError(f"{path}: {error}") from error
    return {part: {name: checked[part][name] for name in parts[part]} for part in parts}


def write_config(config: Any) -> str:
    """A configuration as TOML. What has no value is there as a comment.

    >>> from vartai.tasks.classify.config import ClassifyConfig
    >>> write_config(ClassifyConfig()).splitlines()[:3]
    ['[table]', 'text = []', '# label =']
    """
    parts = config_to_mapping(config)
    return "\n".join(
        f"[{part.name}]\n" + "".join(map(_line, parts[part.name].items()))
        for part in dataclasses.fields(config)
    )


def _line(option: tuple[str, Any]) -> str:
    name, value = option
    return f"# {name} =\n" if value is None else f"{name} = {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # A JSON string, number or truth value is a TOML one; but TOML wants DEL spelled out.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
