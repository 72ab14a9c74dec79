"""Answers for the tab Flags: which units tell a property of words."""

from __future__ import annotations

from typing import Any

import numpy as np

from vartai.errors import InputError, OptionError
from vartai.figures.flags import ranking_curve, unit_histogram
from vartai.inspect.flags.align import TokenLabels
from vartai.inspect.flags.corpus import read_corpus
from vartai.inspect.flags.ranking import Ranking, RankingOptions, UnitScore, rank
from vartai.inspect.flags.rules import OUTSIDE, label_matches, label_scopes
from vartai.inspect.flags.spans import LabelledText
from vartai.inspect.flags.units import UnitTable
from vartai.serve.inspector.corpus import Corpus
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.questions import FlagsQuestion

Answer = dict[str, Any]

SHUFFLES = 400
_PARTS = ("hidden", "cell")
_SHOWN = 8


def find_flags(opened: OpenedModel, corpus: Corpus, asked: FlagsQuestion) -> Answer:
    """Units ranked by how well they tell each value, what chance would find, the best ones.

    Raises:
        InputError: nothing to label, or too little.
        OptionError: no labels were asked for, or in a way that is not known.
    """
    texts, carrier, outside, notes = _labelled(corpus, asked)
    read = read_corpus(opened.saved.task, texts, carrier=carrier, outside=outside)
    table, labels = read.table(parts=_parts(opened))
    options = RankingOptions(shuffles=SHUFFLES)
    found = rank(table, labels, [text.text for text in read.texts], options=options)
    survivors = found.survivors()
    return {
        # Of what is inside or outside, the one says all of the other.
        "values": [
            _value(found, value, survivors[value], table, labels)
            for value in found.values
            if value != outside
        ],
        "critical": found.critical,
        "shuffles": SHUFFLES,
        "tokens": list(found.tokens),
        "texts": list(found.texts),
        "units": len(found.units),
        "notes": [*corpus.notes, *notes, *read.notes, *labels.trouble.sentences(), *found.notes],
    }


def _parts(opened: OpenedModel) -> tuple[str, ...]:
    return _PARTS if opened.saved.task.config.model.cell == "lstm" else _PARTS[:1]


def _labelled(
    corpus: Corpus, asked: FlagsQuestion
) -> tuple[list[LabelledText], str, str | None, list[str]]:
    """Labelled texts, which token carries a value, the value of the rest, and notes."""
    if asked.by == "column":
        if corpus.labelled is None:
            raise OptionError("there are no labelled words: start with --corpus FILE --column NAME")
        return list(corpus.labelled), "last", None, []
    if asked.by == "pattern":
        texts, notes = label_matches(corpus.lines, asked.pattern), []
    else:
        texts, trouble = label_scopes(corpus.lines, asked.by)
        notes = list(trouble.sentences())
    if not any(text.spans for text in texts):
        raise InputError("nothing in these texts is what was asked for, so nothing can be told")
    return texts, "every", OUTSIDE, notes


def _value(
    found: Ranking, value: str, survivors: int, table: UnitTable, labels: TokenLabels
) -> Answer:
    """One value: its best units, all units as a curve, the best unit's values by label."""
    everyone = found.best(value, len(found.units))
    curve = ranking_curve(
        [str(score.unit) for score in everyone],
        [score.auroc for score in everyone],
        [score.held_out for score in everyone],
        critical=found.critical,
        value=value,
    )
    best = everyone[0]
    column = found.units.index(best.unit)
    here = labels.codes == labels.values.index(value)
    numbers = np.asarray(table.values[:, column], dtype=np.float64)
    histogram = unit_histogram(
        str(best.unit),
        numbers[here].tolist(),
        numbers[~here].tolist(),
        value=value,
        threshold=best.threshold,
    )
    return {
        "value": value,
        "survivors": survivors,
        "best": [_score(score) for score in everyone[:_SHOWN]],
        "orders": _orders(everyone),
        "curve": curve,
        "histogram": histogram,
    }


def _score(score: UnitScore) -> Answer:
    return {
        "layer": score.unit.layer,
        "what": score.unit.part,
        "unit": score.unit.number,
        "sign": score.sign,
        "auroc": round(score.auroc, 3),
        "held_out": round(score.held_out, 3),
        "balanced": round(score.balanced, 3),
        "p": round(score.p, 4),
    }


def _orders(everyone: list[UnitScore]) -> list[Answer]:
    """For each part of each layer its units, the best first: an order for heat maps."""
    orders: dict[tuple[str, str], list[int]] = {}
    for score in everyone:
        orders.setdefault((score.unit.layer, score.unit.part), []).append(score.unit.number)
    return [
        {"layer": layer, "what": what, "order": order} for (layer, what), order in orders.items()
    ]
