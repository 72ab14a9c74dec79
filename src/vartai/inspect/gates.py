"""Gates as masks: how far they are from 0 and 1, and what their bits agree with.

A gate multiplies each unit by a number between 0 and 1. Called a mask, it is taken to be near one
of both; how often it is, is measured here, and what its bits mean, if anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.errors import InputError, OptionError, unknown_name

Floats = NDArray[np.floating]
Bits = NDArray[np.bool_]

CANDIDATE = "candidate"
"""What a step would write: a value, not a gate, though traces hold it beside the gates."""

LEFT, RIGHT = 0.1, 0.9
"""A gate below the one or above the other is saturated (Karpathy, Johnson & Fei-Fei 2015)."""


@dataclass(frozen=True, eq=False)
class Saturation:
    """How often each unit's gate is nearly shut or nearly open.

    Args:
        left: ``[H]``. Share of the steps at which the gate is below `LEFT`.
        right: ``[H]``. Share of the steps at which it is above `RIGHT`.
        mean: ``[H]``. Of the gate.
        steps: how many there were.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    mean: NDArray[np.float64]
    steps: int

    @property
    def either(self) -> float:
        """Share of all values, of all units and steps, that are saturated on one side."""
        return float((self.left + self.right).mean())

    def masks(self, share: float = 0.9) -> list[int]:
        """Units whose gate is saturated in at least this share of the steps: those that are masks.

        Raises:
            OptionError: the share does not lie between 0 and 1.
        """
        if not 0 <= share <= 1:
            raise OptionError(f"share must be between 0 and 1, was {share}")
        return [int(unit) for unit in np.flatnonzero(self.left + self.right >= share)]


def saturation(gates: Mapping[str, Floats]) -> dict[str, Saturation]:
    """Saturation of every gate of a layer in one direction.

    Args:
        gates: ``[T, H]`` by name, as a trace has them, of one text or of several joined. The
            candidate, which is no gate, is passed over.

    Raises:
        InputError: there is no step, or a value outside 0 to 1, so these are not gates.

    Example:
        >>> found = saturation({"forget": np.array([[0.0, 0.95], [0.5, 0.99]])})["forget"]
        >>> found.left.tolist(), found.right.tolist(), found.masks()
        ([0.5, 0.0], [0.0, 1.0], [1])
    """
    found = {}
    for name, values in gates.items():
        if name == CANDIDATE:
            continue
        _require_gate(name, values)
        exact = values.astype(np.float64)
        found[name] = Saturation(
            left=(exact < LEFT).mean(0),
            right=(exact > RIGHT).mean(0),
            mean=exact.mean(0),
            steps=len(exact),
        )
    return found


def bits(gates: Mapping[str, Floats], gate: str, *, threshold: float = 0.5) -> Bits:
    """One gate as a mask, ``[T, H]``: true where it is open.

    Args:
        gates: ``[T, H]`` by name.
        gate: which one. The candidate lies between -1 and 1; its bits are where it is above the
            threshold.
        threshold: above it is open.

    Raises:
        OptionError: there is no such gate; lists those there are.
    """
    if gate not in gates:
        raise unknown_name("gate", gate, gates)
    mask: Bits = gates[gate] > threshold
    return mask


def _require_gate(name: str, values: Floats) -> None:
    if values.ndim != 2 or not len(values):
        raise InputError(f"gate {name!r} must be [T, H] with a step at least: {values.shape}")
    if not (values.min() >= 0 and values.max() <= 1):
        raise InputError(
            f"gate {name!r} must lie between 0 and 1, found {values.min():.3g} to "
            f"{values.max():.3g}"
        )


@dataclass(frozen=True, eq=False)
class Agreement:
    """How well the bits of each unit tell where a condition holds.

    A unit may say it the other way round, shut where the condition holds: then `phi` is negative.
    F1 is that of the better way round; so are precision and recall.

    Args:
        phi: ``[H]``. Correlation of both, from -1 to 1; 0 where a unit never changes.
        f1: ``[H]``.
        precision: ``[H]``.
        recall: ``[H]``.
        base_rate: share of the steps at which the condition holds.
        steps: how many there were.
    """

    phi: NDArray[np.float64]
    f1: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    base_rate: float
    steps: int

    @property
    def base_f1(self) -> float:
        """F1 of a unit that is always open: what an F1 must be set beside."""
        return 2 * self.base_rate / (1 + self.base_rate)

    def order(self) -> list[int]:
        """Units by the size of phi, the largest first; the best of many agrees by chance too."""
        return [int(unit) for unit in np.argsort(-np.abs(self.phi), kind="stable")]


def agreement(mask: Bits, condition: Sequence[bool] | Bits) -> Agreement:
    """Set the bits of all units beside a condition on tokens.

    Args:
        mask: ``[T, H]``, from `bits`.
        condition: ``[T]``. Whether it holds of each token.

    Raises:
        InputError: not as many conditions as steps, or it holds everywhere or nowhere, so nothing
            can agree with it.

    Example:
        >>> found = agreement(np.array([[1, 0], [0, 1], [1, 0]]) > 0, [True, False, True])
        >>> found.phi.round(3).tolist(), found.f1.round(3).tolist(), round(found.base_f1, 2)
        ([1.0, -1.0], [1.0, 1.0], 0.8)
    """
    holds = np.asarray(condition, dtype=bool)
    if mask.ndim != 2 or len(mask) != len(holds):
        raise InputError(f"expected a condition for each step: {len(holds)} for {mask.shape}")
    rate = float(holds.mean()) if len(holds) else 0.0
    if not 0 < rate < 1:
        where = "nowhere" if rate == 0 else "everywhere"
        raise InputError(
            f"the condition holds {where} in {len(holds)} steps: nothing to agree with"
        )
    on = mask.astype(np.float64)
    both, shares = holds @ on / len(on), on.mean(0)
    spread = np.sqrt(shares * (1 - shares) * rate * (1 - rate))
    phi = np.divide(both - shares * rate, spread, out=np.zeros_like(both), where=spread > 0)
    turned = phi < 0
    both = np.where(turned, rate - both, both)
    shares = np.where(turned, 1 - shares, shares)
    precision = np.divide(both, shares, out=np.zeros_like(both), where=shares > 0)
    return Agreement(
        phi=phi,
        f1=2 * both / (shares + rate),
        precision=precision,
        recall=both / rate,
        base_rate=rate,
        steps=len(holds),
    )


def join_gates(parts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    """Gates of several texts as those of one, ``[ΣT, H]`` by name.

    Raises:
        InputError: there is no text, or texts have different gates.
    """
    if not parts:
        raise InputError("expected gates of one text at least, found none")
    names = list(parts[0])
    for part in parts:
        if list(part) != names:
            raise InputError(f"expected the gates {', '.join(names)}, found {', '.join(part)}")
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
