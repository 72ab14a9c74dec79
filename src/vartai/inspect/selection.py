"""What of a trace is kept: which layers, units and gates. Names that are not there are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vartai.errors import OptionError, unknown_name

Units = Sequence[int] | Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Selection:
    """What is kept.

    Args:
        layers: names, such as ``l0_reverse``; None for all.
        units: numbers from 0, of every layer or by the layer's name; None, and layers that are not
            named, for all.
        gates: names; True for all, False for none.
    """

    layers: Sequence[str] | None = None
    units: Units | None = None
    gates: bool | Sequence[str] = True

    def of_layers(self, known: Iterable[str]) -> list[str]:
        """The layers that are kept, in the order of the known ones.

        Raises:
            OptionError: one is not known.
        """
        names = list(known)
        by_name = list(self.units) if isinstance(self.units, Mapping) else []
        for name in (*_several(self.layers or (), "layers"), *by_name):
            if name not in names:
                raise unknown_name("layer", str(name), names)
        return names if self.layers is None else [name for name in names if name in self.layers]

    def units_of(self, layer: str) -> Sequence[int] | None:
        """The units that were asked for of a layer, whether or not it has them; None for all."""
        return self.units.get(layer) if isinstance(self.units, Mapping) else self.units

    def of_units(self, layer: str, size: int) -> list[int] | None:
        """The units that are kept of a layer of so many; None for all.

        Raises:
            OptionError: a unit that the layer does not have.
        """
        chosen = self.units_of(layer)
        if chosen is None:
            return None
        for unit in chosen:
            if not (isinstance(unit, int) and 0 <= unit < size):
                raise OptionError(f"unknown unit {unit!r} of {layer}; known: 0 to {size - 1}")
        return list(chosen)

    def of_gates(self, known: Iterable[str]) -> list[str]:
        """The gates that are kept, in the order of the known ones.

        Raises:
            OptionError: one is not known.
        """
        names = list(known)
        if isinstance(self.gates, bool):
            return names if self.gates else []
        for name in _several(self.gates, "gates"):
            if name not in names:
                raise unknown_name("gate", str(name), names)
        return [name for name in names if name in self.gates]


def _several(names: Sequence[str], option: str) -> Sequence[str]:
    if isinstance(names, str):
        raise OptionError(f"{option}: expected several names, such as [{names!r}], found one text")
    return names
