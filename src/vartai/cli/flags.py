"""`vartai flags`: its options. What needs torch waits in `flags_run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError, require_range
from vartai.inspect.flags.options import CausalOptions, RankingOptions

LIST = Parameter(negative_iterable=(), show_default=False)


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class FlagsWhere:
    """What and where.

    Attributes:
        out: folder for the pictures, rejected rows, and the scores of all units as units.csv;
            MODEL.flags if not given.
        top: units that are shown for each value.
        text: a sentence to show the best unit of each value on, token by token.
        json: print one JSON object in place of the tables.
    """

    out: Annotated[str | None, Parameter(metavar="DIR")] = None
    top: int = 5
    text: Annotated[tuple[str, ...], LIST] = ()
    json: groups.JsonFlag = False

    def __post_init__(self) -> None:
        require_range("top", self.top, at_least=1)


@dataclass(frozen=True, kw_only=True)
class LabelSource:
    """What is looked for. One of column, pattern, inside and spans.

    Attributes:
        column: of tagged sentences: upos, xpos, or a feature as feats:Gender; a number or key in
            other formats. Words without a value (_) have no label.
        pattern: a regular expression over plain text, a text a line: tokens in a match against the
            rest.
        inside: quotes, brackets, negation:english or negation:lithuanian (from a negator to the
            next punctuation), over plain text.
        spans: JSON lines {"line": 1, "start": 0, "end": 5, "value": "Fem"} over plain text.
        without: values that are left out.
        carried: label the tokens that come after a value and have none, in place of those that
            have it: what a state must carry, and no word shows.
        carried_tokens: how many of them at most.
        carrier: which token of a stretch has its label, where it has several: last, first or every;
            last for column and spans, every for pattern and inside, if not given.
        max_texts: texts that are read, from the beginning; 0 for all.
        encoding: how the bytes of the file encode text.
    """

    column: str | None = None
    pattern: str | None = None
    inside: str | None = None
    spans: Annotated[str | None, Parameter(metavar="FILE")] = None
    without: Annotated[tuple[str, ...], LIST] = ()
    carried: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    carried_tokens: int | None = None
    carrier: str | None = None
    max_texts: int = 0
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        require_range("max_texts", self.max_texts, at_least=0)
        if self.carried_tokens is not None and not self.carried:
            raise OptionError("--carried-tokens goes with --carried")

    @property
    def kind(self) -> str:
        """Which of the four was asked for.

        Raises:
            OptionError: none, or several.
        """
        asked = [
            name
            for name in ("column", "pattern", "inside", "spans")
            if getattr(self, name) is not None
        ]
        if len(asked) != 1:
            found = " and ".join(f"--{name}" for name in asked) or "none"
            raise OptionError(
                "expected one of --column NAME, --pattern REGEX, --inside SCOPE and --spans FILE, "
                f"found {found}"
            )
        return asked[0]


@dataclass(frozen=True, kw_only=True)
class UnitChoice:
    """Which units.

    Attributes:
        parts: hidden, cell, a gate by name, or gates for all of these; hidden and cell if not
            given.
        layers: l0, l0_reverse, l1, …; all if not given.
    """

    parts: Annotated[tuple[str, ...], LIST] = ()
    layers: Annotated[tuple[str, ...], LIST] = ()


@dataclass(frozen=True, kw_only=True)
class CausalChoice:
    """What units cause, and what whole layers know.

    Attributes:
        hold: hold the best units of each value while the model runs, and compare: at their mean,
            on (their mean on the value), off (their mean on the rest), or zero.
        units: how many of the best are held together, of the part and layer of the best one.
        unit: hold these (as l0.hidden.17), in place of the best.
        draws: random units to compare with, so many times.
        probe: a linear probe of every layer, beside its control.
    """

    hold: str | None = None
    units: int = 1
    unit: Annotated[tuple[str, ...], LIST] = ()
    draws: int = CausalOptions.draws
    probe: Annotated[bool, Parameter(negative=(), show_default=False)] = False

    def __post_init__(self) -> None:
        require_range("units", self.units, at_least=1)
        if self.unit and self.hold is None:
            raise OptionError("--unit goes with --hold mean, on, off or zero")


_WHERE, _LABELS, _UNITS = FlagsWhere(), LabelSource(), UnitChoice()
_RANKING, _CAUSAL = RankingOptions(), CausalChoice()


def flags(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    file: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *,
    where: FlagsWhere = _WHERE,
    labels: Annotated[LabelSource, groups.panel("What is looked for", 2)] = _LABELS,
    units: Annotated[UnitChoice, groups.panel("Units", 3)] = _UNITS,
    ranking: Annotated[RankingOptions, groups.panel("Scores and chance", 4)] = _RANKING,
    causal: Annotated[CausalChoice, groups.panel("Causes and whole layers", 5)] = _CAUSAL,
) -> None:
    """Which units tell a property of words, and whether the model uses them.

    Args:
        model: folder of a trained model: classify, tag or generate.
        file: tagged sentences for --column; plain text, a text a line, for the others.
        where: what and where.
        labels: what is looked for.
        units: which units.
        ranking: scores and chance.
        causal: causes and whole layers.
    """
    labels.kind  # noqa: B018 - refused before a model is loaded
    from vartai.cli.flags_run import run_flags

    run_flags(model, file, where, labels, units, ranking=ranking, causal=causal)
