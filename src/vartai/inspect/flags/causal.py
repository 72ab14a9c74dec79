"""Does a unit do anything? Hold it at a value, and see whether the model's predictions change.

A unit that tells masculine words from feminine ones may be read by nobody. So chosen units are held
at a value while the model runs (`clamp`), and its predictions are compared with the undisturbed
ones, token by token and by groups: where the label has the value, where it has another one, where
there is none. Random units of the same layer and part, as many of them and held in the same way,
say how much any such disturbance does.

    shift      half the sum over predictions of |p - p'|: 0 is none, 1 is a wholly different answer
    changed    share of tokens whose likeliest prediction is another one
    raised     mean change in the probability of the value itself, where the model predicts values

Held at their mean, units no longer say anything (*ablated*). Held at their mean over the tokens of
a value, or over the other ones, they say all the time that it is there, or that it is not (*on*,
*off*).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.errors import OptionError, unknown_name
from vartai.inspect.cut import Cut
from vartai.inspect.flags.align import NO_VALUE, TokenLabels
from vartai.inspect.flags.clamp import Clamp, run_clamped
from vartai.inspect.flags.corpus import FlagCorpus
from vartai.inspect.flags.options import CausalOptions as CausalOptions
from vartai.inspect.flags.units import Unit, UnitTable

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GROUPS = ("value", "other", "none")


@dataclass(frozen=True)
class Change:
    """What holding units did to the predictions of a group.

    Args:
        count: predictions in the group.
        shift: mean distance between the probabilities before and after, 0 to 1.
        changed: share of predictions that became another.
        raised: mean change in the probability of the value; None where the model predicts other
            things.
    """

    count: int
    shift: float
    changed: float
    raised: float | None


@dataclass(frozen=True)
class Effect:
    """What holding chosen units does, beside random ones.

    Args:
        units: which were held.
        values: at what.
        value: of the label that groups are by.
        hold: how their values were chosen.
        chosen: by group: ``value``, ``other`` (labelled otherwise), ``none`` (no label).
        random: the same of every draw.
        per: whether predictions are of tokens, or of texts: a text is in group ``value`` if any of
            its tokens has the value.
    """

    units: tuple[Unit, ...]
    values: tuple[float, ...]
    value: str
    hold: str
    chosen: dict[str, Change]
    random: tuple[dict[str, Change], ...]
    per: str

    def spread(self, group: str) -> tuple[float, float]:
        """Mean and standard deviation of the shift that random units cause in a group."""
        shifts = [draw[group].shift for draw in self.random if group in draw]
        return float(np.mean(shifts)), float(np.std(shifts))

    def p(self, group: str) -> float:
        """Share of draws that shift a group as much, counting the chosen units as one."""
        own = self.chosen[group].shift
        as_much = sum(draw[group].shift >= own for draw in self.random)
        return (1 + as_much) / (1 + len(self.random))


_CAUSAL = CausalOptions()


def measure_effect(
    corpus: FlagCorpus,
    table: UnitTable,
    labels: TokenLabels,
    *,
    units: Sequence[Unit],
    value: str,
    options: CausalOptions = _CAUSAL,
) -> Effect:
    """Hold units of one part of one layer, and random others.

    Args:
        corpus: labelled texts, and the model.
        table: what units were at labelled tokens, from `FlagCorpus.table`: for their means.
        labels: of the rows of the table. They may be others than those of the corpus, by which
            predictions are grouped: units are then ranked on carried labels, say, and judged by
            what happens where a value is predicted.
        units: at least one, all of one layer and part, hidden or cell.
        value: groups are by it.
        options: how.

    Raises:
        OptionError: an unknown value or unit; a unit that cannot be held; units of several parts;
            too few units to draw others from.
    """
    for values in (labels.values, corpus.labels.values):
        if value not in values:
            raise unknown_name("value", value, values)
    if not units or len({unit[:2] for unit in units}) != 1:
        named = ", ".join(map(str, units)) or "none"
        raise OptionError(f"expected units of one layer and part, found {named}")
    layer, part, _ = units[0]
    if part not in ("hidden", "cell"):
        raise OptionError(f"unit {units[0]}: only hidden and cell can be held, no gate")
    for unit in units:
        table.column(unit)
    levels = _levels(table, labels, (layer, part), value, options.hold)
    draws = [tuple(unit.number for unit in units), *_others(units, len(levels), options)]
    plans = [
        [Clamp(Unit(layer, part, number), float(levels[number])) for number in draw]
        for draw in draws
    ]
    sums = [_Sums() for _ in plans]
    code = corpus.labels.values.index(value)
    per = "token"
    for chosen, tokens, made in corpus.cuts():
        per = made.per
        groups = _groups(corpus, chosen, tokens, code, per)
        place = made.labels.index(value) if value in made.labels else None
        _compare(made, plans, groups, place, sums)
    found = [each.changes() for each in sums]
    return Effect(
        units=tuple(units),
        values=tuple(clamp.value for clamp in plans[0]),
        value=value,
        hold=options.hold,
        chosen=found[0],
        random=tuple(found[1:]),
        per=per,
    )


def _levels(
    table: UnitTable, labels: TokenLabels, part: tuple[str, str], value: str, hold: str
) -> NDArray[np.float64]:
    """What each unit of a part is held at."""
    rows = table.part(*part)
    code = labels.values.index(value)
    of = {
        "mean": np.ones(len(rows), dtype=bool),
        "zero": np.ones(len(rows), dtype=bool),
        "on": labels.codes == code,
        "off": labels.codes != code,
    }[hold]
    if not of.any():
        raise OptionError(f"hold {hold}: no token to take a mean over")
    levels: NDArray[np.float64] = rows[of].mean(0, dtype=np.float64)
    return np.zeros_like(levels) if hold == "zero" else levels


def _others(units: Sequence[Unit], width: int, options: CausalOptions) -> list[tuple[int, ...]]:
    """Random units of the same part, as many as the chosen ones and none of them."""
    own = {unit.number for unit in units}
    left = [number for number in range(width) if number not in own]
    if len(left) < len(own):
        raise OptionError(
            f"{len(own)} units of {width} leave {len(left)} others: too few to compare with"
        )
    random = np.random.default_rng([options.seed, 2])
    return [
        tuple(random.choice(left, size=len(own), replace=False).tolist())
        for _ in range(options.draws)
    ]


def _groups(
    corpus: FlagCorpus, chosen: slice, tokens: slice, code: int, per: str
) -> dict[str, Bools]:
    """Which rows of the scores are in which group."""
    codes = corpus.labels.codes[tokens]
    groups = {
        "value": codes == code,
        "other": (codes != code) & (codes != NO_VALUE),
        "none": codes == NO_VALUE,
    }
    if per == "token":
        return groups
    rows = np.repeat(np.arange(chosen.stop - chosen.start), corpus.lengths[chosen])
    has = {
        name: np.bincount(rows, weights=mask, minlength=chosen.stop - chosen.start) > 0
        for name, mask in groups.items()
    }
    other = has["other"] & ~has["value"]
    return {"value": has["value"], "other": other, "none": ~has["value"] & ~other}


class _Sums:
    """Changes added up, by group."""

    def __init__(self) -> None:
        self._of: dict[str, list[float]] = {}

    def add(self, group: str, shift: Tensor, changed: Tensor, raised: Tensor | None) -> None:
        """Add predictions."""
        own = self._of.setdefault(group, [0.0] * 4)
        own[0] += len(shift)
        own[1] += float(shift.sum(dtype=torch.float64))
        own[2] += float(changed.sum())
        own[3] = float("nan") if raised is None else own[3] + float(raised.sum())

    def changes(self) -> dict[str, Change]:
        """Means over each group that is there."""
        return {
            group: Change(
                count=int(count),
                shift=shift / count,
                changed=changed / count,
                raised=None if np.isnan(raised) else raised / count,
            )
            for group, (count, shift, changed, raised) in self._of.items()
        }


def _compare(
    made: Cut,
    plans: Sequence[Sequence[Clamp]],
    groups: dict[str, Bools],
    place: int | None,
    sums: Sequence[_Sums],
) -> None:
    """Run the model undisturbed and once for each plan; add up what changed."""
    with torch.inference_mode():
        before = made.probabilities(made.read())
        best = before.argmax(1)
        for plan, own in zip(plans, sums, strict=True):
            after = made.probabilities(read_clamped(made, plan))
            shift = (after - before).abs().sum(1) / 2
            changed = after.argmax(1) != best
            raised = None if place is None else after[:, place] - before[:, place]
            for group in GROUPS:
                rows = torch.from_numpy(groups[group])
                if rows.any():
                    of_value = None if raised is None else raised[rows]
                    own.add(group, shift[rows], changed[rows], of_value)


def read_clamped(made: Cut, clamps: Sequence[Clamp]) -> Tensor:
    """Scores of a cut model some of whose units are held.

    Raises:
        OptionError: as `vartai.inspect.flags.clamp.run_clamped`.
    """
    batch = made.vectors
    pieces = batch if made.segment is None else batch.cut(made.segment)
    rows = run_clamped(made.layers, pieces, clamps)
    return made.above(batch.with_data(rows))
