"""`vartai pairs`: sentences that differ in one thing, and whether the prediction flips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class PairsOptions:
    """What and where.

    Attributes:
        generate: in place of a sheet, pairs of a built-in grammar: negation, or order (the same
            words, the opposite opinion).
        language: of generated pairs: en or lt.
        count: generated pairs; of negation, of each of its four kinds.
        positive: what the model calls a good opinion, for generated pairs.
        negative: what it calls a bad one.
        shuffles: random orders of every text's words, for the control; 0 for none.
        seed: of generated pairs and of the first random order.
        out: folder for all pairs and the rejected rows; MODEL.pairs if not given.
        json: print one JSON object in place of the tables.
    """

    generate: Annotated[str | None, Parameter(metavar="KIND")] = None
    language: str = "en"
    count: int = 50
    positive: str = "positive"
    negative: str = "negative"
    shuffles: int = 5
    seed: int = 0
    out: Annotated[str | None, Parameter(metavar="DIR")] = None
    json: groups.JsonFlag = False


_WHAT = PairsOptions()


def pairs(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    sheet: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *,
    what: PairsOptions = _WHAT,
    reading: groups.Table = groups.TABLE,
) -> None:
    """Ask a model for both texts of every pair.

    Args:
        model: folder of a trained classifier.
        sheet: table with columns text_a and text_b; label_a and label_b where they are known; and
            kind, what the two differ in.
        what: what and where.
        reading: how the sheet is read.
    """
    if (sheet is None) == (what.generate is None):
        found = "neither" if sheet is None else "both"
        raise OptionError(f"expected a sheet of pairs or --generate KIND, found {found}")
    from vartai.cli.task_verbs import Pairs, answer, load_for

    answer("pairs", Pairs(load_for("pairs", model), model, sheet, what, reading))
