"""The fields of a configuration as an estimator's parameters: flat names, and back.

The names of all parts of a configuration differ, so that a parameter can do without the name of its
part. The command line, configuration files and Python have the same options from the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar, get_type_hints

import numpy as np

from vartai.tasks.configs import config_from_mapping

Config = TypeVar("Config")


@dataclass(frozen=True, eq=False)
class Parameters(Generic[Config]):
    """Which fields of a configuration are parameters of its estimator.

    Args:
        config: the configuration's frozen dataclass, of frozen dataclasses.
        left_out: part and name of fields that are none, and why. They keep their defaults.
        parts_left_out: parts of which no field is one, and why.
    """

    config: type[Config]
    left_out: Mapping[tuple[str, str], str]
    parts_left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, type[Any]]:
        """Every part that has parameters, by the name of its field, in order."""
        hints = get_type_hints(self.config)
        names = (part.name for part in fields(self.config))  # type: ignore[arg-type]
        return {name: hints[name] for name in names if name not in self.parts_left_out}

    def names(self, part: str) -> tuple[str, ...]:
        """The fields of a part that are parameters."""
        names = (option.name for option in fields(self.parts[part]))
        return tuple(name for name in names if (part, name) not in self.left_out)

    def to_config(self, values: Mapping[str, Any]) -> Config:
        """The configuration that parameters describe.

        Args:
            values: every parameter by name. NumPy's scalars count as the Python values they hold.

        Raises:
            OptionError: a value has the wrong type or is out of bounds.
        """
        made = {
            part: config_from_mapping(
                kind, {name: _plain(values[name]) for name in self.names(part)}
            )
            for part, kind in self.parts.items()
        }
        return self.config(**made)

    def of_config(self, config: Config) -> dict[str, Any]:
        """What `to_config` made it of."""
        return {
            name: getattr(getattr(config, part), name)
            for part in self.parts
            for name in self.names(part)
        }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.item() if isinstance(value, np.generic) else value
