"""What `vartai flags` found: tables for people, values for programs, files for both."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vartai.cli.voice import Voice
from vartai.errors import SaveError
from vartai.figures.flags import ranking_curve, unit_histogram, unit_over_text
from vartai.figures.page import write_figure
from vartai.inspect.cut import cut
from vartai.inspect.flags.align import TokenLabels
from vartai.inspect.flags.causal import GROUPS, Effect
from vartai.inspect.flags.probe import Probes
from vartai.inspect.flags.ranking import Ranking, UnitScore
from vartai.inspect.flags.units import UnitTable, parts_of

_MOST_PICTURES = 3
_COLUMNS = ("unit", "value", "auroc", "held_out", "p", "sign", "threshold", "balanced", "f1")


def score_values(score: UnitScore) -> dict[str, Any]:
    """A score as JSON values."""
    return {
        "unit": str(score.unit),
        "value": score.value,
        "sign": score.sign,
        "auroc": score.auroc,
        "held_out": score.held_out,
        "p": score.p,
        "threshold": score.threshold,
        "accuracy": score.accuracy,
        "balanced": score.balanced,
        "f1": score.f1,
    }


def ranking_values(found: Ranking, top: int) -> dict[str, Any]:
    """A ranking as JSON values; the best units of each value."""
    return {
        "tokens": list(found.tokens),
        "texts": list(found.texts),
        "units": len(found.units),
        "values": list(found.values),
        "share": dict(zip(found.values, found.share, strict=True)),
        "critical": found.critical,
        "survivors": found.survivors(),
        "best": {
            value: [score_values(score) for score in found.best(value, top)]
            for value in found.values
        },
        "notes": list(found.notes),
    }


def tell_ranking(found: Ranking, top: int, voice: Voice, *, carrier: str, carried: bool) -> None:
    """The best units of each value, and how many there are."""
    whose = f"the {carrier} token of each stretch" if carrier != "every" else "every token"
    voice.tell(
        f"{len(found.units):,} units ranked on {found.tokens[0]:,} tokens of {found.texts[0]:,} "
        f"texts, scored on {found.tokens[1]:,} of {found.texts[1]:,} others; "
        + ("values carried to what follows them." if carried else f"{whose} has the label.")
    )
    voice.tell()
    rows = [
        (
            value,
            str(score.unit),
            "+" if score.sign > 0 else "-",
            f"{score.auroc:.3f}",
            f"{score.p:.3f}",
            f"{score.held_out:.3f}",
            f"{score.balanced:.3f}",
            f"{score.f1:.3f}",
        )
        for value in found.values
        for score in found.best(value, top)
    ]
    header = ("value", "unit", "sign", "AUROC", "p", "held out", "balanced", "F1")
    voice.table(header, rows, words=3)
    survivors = ", ".join(f"{value} {count:,}" for value, count in found.survivors().items())
    voice.tell(
        f"Units that survive (AUROC above {found.critical:.3f}, reached by the best unit in "
        f"{found.options.alpha:.0%} of {found.options.shuffles:,} shuffles of "
        f"{found.options.shuffle}): {survivors}."
    )
    voice.tell()


def effect_values(effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """What holding units does, as JSON values."""
    return [
        {
            "value": effect.value,
            "units": [str(unit) for unit in effect.units],
            "held_at": list(effect.values),
            "hold": effect.hold,
            "per": effect.per,
            "groups": {
                group: {
                    "count": change.count,
                    "shift": change.shift,
                    "changed": change.changed,
                    "raised": change.raised,
                    "random_shift": effect.spread(group)[0],
                    "random_spread": effect.spread(group)[1],
                    "p": effect.p(group),
                }
                for group, change in effect.chosen.items()
            },
        }
        for effect in effects
    ]


def tell_effects(effects: Sequence[Effect], voice: Voice) -> None:
    """What holding units does, beside random ones."""
    rows = []
    for effect in effects:
        named = {"value": effect.value, "other": "other values", "none": "no label"}
        for group in GROUPS:
            if group not in effect.chosen:
                continue
            change = effect.chosen[group]
            mean, spread = effect.spread(group)
            rows.append(
                (
                    " ".join(map(str, effect.units)),
                    effect.hold,
                    named[group],
                    f"{change.count:,}",
                    f"{change.shift:.4f}",
                    f"{mean:.4f} ± {spread:.4f}",
                    f"{effect.p(group):.2f}",
                    f"{change.changed:.2%}",
                    "" if change.raised is None else f"{change.raised:+.4f}",
                )
            )
    per = effects[0].per if effects else "token"
    voice.tell(f"The model run with units held, and with as many random ones ({per} by {per}):")
    voice.tell()
    header = ("units", "held", "at", "count", "shift", "random", "p", "changed", "raised")
    voice.table(header, rows, words=3)


def probe_values(probes: Probes) -> dict[str, Any]:
    """Probes as JSON values."""
    return {
        "majority": probes.majority,
        "values": list(probes.values),
        "tokens": list(probes.tokens),
        "layers": [
            {
                "layer": each.layer,
                "size": each.size,
                "accuracy": each.accuracy,
                "new_words": each.new_words,
                "control": each.control,
                "selectivity": each.selectivity,
                "converged": each.converged,
            }
            for each in probes.layers
        ],
    }


def tell_probes(probes: Probes, voice: Voice) -> None:
    """What linear probes reach, layer by layer."""
    voice.tell(
        f"Linear probes of {', '.join(probes.values)}, fitted to {probes.tokens[0]:,} tokens, "
        f"judged on {probes.tokens[1]:,}; the commonest label alone reaches {probes.majority:.3f}:"
    )
    voice.tell()
    rows = [
        (
            each.layer,
            f"{each.size:,}",
            f"{each.accuracy:.3f}",
            "" if each.new_words is None else f"{each.new_words:.3f}",
            f"{each.control:.3f}",
            f"{each.selectivity:+.3f}",
        )
        for each in probes.layers
    ]
    header = ("layer", "numbers", "accuracy", "new words", "control", "selectivity")
    voice.table(header, rows)
    if not all(each.converged for each in probes.layers):
        voice.say("A probe was stopped before it had converged; its scores are lower bounds.")


def tell_text(
    task: object, texts: Sequence[str], found: Ranking, table: UnitTable, voice: Voice
) -> list[dict[str, Any]]:
    """The best unit of each value over sentences, token by token."""
    made = cut(task, texts)
    with torch.inference_mode():
        traces = made.run(keep=True).traces
    ends = np.cumsum([len(own) for own in made.tokens])
    answers = []
    for value in found.values:
        score = found.best(value, 1)[0]
        column = parts_of(traces[score.unit.layer])[score.unit.part][:, score.unit.number]
        whole = table.values[:, table.column(score.unit)]
        low, high = float(whole.min()), float(whole.max())
        for tokens, end in zip(made.tokens, ends, strict=True):
            values = column[end - len(tokens) : end].tolist()
            shown = unit_over_text(
                str(score.unit),
                [(token.text, token.start, token.end) for token in tokens],
                values,
                low=low,
                high=high if high > low else low + 1.0,
            )
            answers.append({"value": value, **shown})
            said = " ".join(
                f"{token.text}({number:+.2f})"
                for token, number in zip(tokens, values, strict=True)
                if token.text
            )
            voice.tell(f"{value} {score.unit}: {said}")
    voice.tell()
    return answers


def write_report(found: Ranking, table: UnitTable, labels: TokenLabels, folder: Path) -> list[Path]:
    """The scores of all units as a table, and pictures of the commonest values.

    Raises:
        SaveError: they could not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [folder / "units.csv"]
        written[0].write_text(_as_csv(found), encoding="utf-8")
    except OSError as error:
        raise SaveError(f"{folder}: {error.strerror or error}") from error
    names = [str(unit) for unit in found.units]
    common = sorted(found.values, key=lambda value: -found.share[found.values.index(value)])
    for place, value in enumerate(common[:_MOST_PICTURES], start=1):
        row = found.values.index(value)
        scores, held = found.scores[row], found.held_out[row]
        above = scores >= 0.5
        curve = ranking_curve(
            names,
            np.where(above, scores, 1 - scores).tolist(),
            np.where(above, held, 1 - held).tolist(),
            critical=found.critical,
            value=value,
        )
        best = found.best(value, 1)[0]
        column = table.values[:, table.column(best.unit)]
        ours = labels.codes == labels.values.index(value)
        histogram = unit_histogram(
            str(best.unit),
            column[ours].tolist(),
            column[~ours].tolist(),
            value=value,
            threshold=best.threshold,
        )
        for name, figure in ((f"units-{place}", curve), (f"best-unit-{place}", histogram)):
            write_figure(figure, folder / f"{name}.html")
            written.append(folder / f"{name}.html")
    return written


def _as_csv(found: Ranking) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for value in found.values:
        for score in found.best(value, len(found.units)):
            said = score_values(score)
            rows.writerow([said[name] for name in _COLUMNS])
    return text.getvalue()
