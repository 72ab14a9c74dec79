"""The section "flags" of docs/results/inside.md, from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from benchmarks.pictures import write_picture
from vartai.figures.flags import ranking_curve

PAGE = Path(__file__).parent.parent / "docs" / "results" / "inside.md"
PICTURES = PAGE.parent / "inside"
_NAMES = {
    "lt-gender-2": "tagger of Gender, LSTM, 2 layers, forwards",
    "lt-upos-2": "tagger of UPOS, LSTM, 2 layers, forwards",
    "lt-gender-0": "tagger of Gender, GRU, both directions, CRF",
    "lt-characters-2": "language model of characters, LSTM, 2 layers",
}


def write_page(measured: Mapping[str, Any], trainings: Mapping[str, str]) -> None:
    """Write the section as far as it was measured."""
    there = [name for name in _NAMES if name in measured]
    parts = [
        f"Machine: {measured.get('machine', 'not measured yet')}; one training each, with other "
        "work on the machine.",
        "",
        _commands(measured, trainings),
    ]
    if "planted" in measured:
        parts += ["", *_planted(measured["planted"])]
    if there:
        parts += ["", *_words(measured, there), "", *_carried(measured, there)]
        parts += ["", *_effects(measured, there), "", *_layers(measured, there)]
        parts += ["", *_lesson(measured, there)]
    write_sections(PAGE, {"flags": "\n".join(parts)})


def _commands(measured: Mapping[str, Any], trainings: Mapping[str, str]) -> str:
    lines = [
        f"vartai train {_as_typed(said)} --out {name}"
        for name, said in trainings.items()
        if name in measured or (name == "lt-characters" and "lt-characters-2" in measured)
    ]
    return "\n".join(["```sh", *lines, "```"])


def _as_typed(said: str) -> str:
    return said.replace("{data}", "$VARTAI_DATA").replace("{models}/", "")


def _count(effect: Mapping[str, Any]) -> str:
    more = f" and {effect['units'] - 1} more" if effect["units"] > 1 else ""
    return f"{effect['first']}{more}"


def _table(header: str, rows: list[list[str]]) -> list[str]:
    count = header.count("|") + 1
    return [
        f"| {header} |",
        f"|{'---|' * count}",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def _planted(found: Mapping[str, Any]) -> list[str]:
    best = found["best"]
    rows = []
    for effect in found["effects"]:
        fem, masc = effect["groups"]["value"], effect["groups"]["other"]
        rows.append(
            [
                _count(effect),
                effect["hold"],
                f"{fem['changed']:.1%}",
                f"{masc['changed']:.1%}",
                f"{effect['groups']['none']['changed']:.1%}",
                f"{fem['random_changed'][0]:.1%} (at most {fem['random_changed'][1]:.1%})",
            ]
        )
    return [
        "### A planted flag",
        "",
        "In `vartai.data.agreement` the gender of an adjective such as *bordo*, which has no "
        "ending, is that of a noun words "
        f"away. A small tagger (hidden size 24) tags {found['right']:.1%} of new sentences "
        f"without a mistake. Units are ranked "
        "on the words *between* noun and adjective, which have no gender.",
        "",
        f"- Found: {best['unit']} tells Fem from Masc with AUROC {best['auroc']:.3f} "
        f"({best['held_out']:.3f} on held-out "
        f"sentences, balanced accuracy {best['balanced']:.3f}); p = {best['p']:.3f}, corrected; "
        f"{best['survivors']} of "
        f"{best['units']} units survive (above {best['critical']:.3f}).",
        f"- With shuffled labels: in {found['by_chance']} of {found['runs']} shuffles anything "
        f"survives (1 is expected at a level "
        "of 0.05).",
        "- Cause: predictions of words such as *bordo* that become another, units held:",
        "",
        *_table("held | at | Fem | Masc | other words | Fem, random units", rows),
        "",
        _probe_line(found["probes"]),
    ]


def _probe_line(probes: Mapping[str, Any]) -> str:
    said = ", ".join(f"{layer} {accuracy:.3f}" for layer, accuracy, *_ in probes["layers"])
    majority = probes["majority"]
    return f"A linear probe of those words reaches {said} (the commonest value {majority:.3f})."


def _words(measured: Mapping[str, Any], there: list[str]) -> list[str]:
    rows = []
    for name in there:
        for feature in ("Gender", "Number"):
            one = measured[name][feature]
            best = one["word"]
            rows.append(
                [
                    _NAMES[name],
                    feature,
                    best["unit"],
                    f"{best['auroc']:.3f}",
                    f"{best['held_out']:.3f}",
                    f"{best['balanced']:.3f}",
                    f"{best['deciles'][5]:.3f}",
                    f"{best['survivors']} of {best['units']} (> {best['critical']:.3f})",
                    f"{one['by_word']['survivors']} (> {one['by_word']['critical']:.3f})",
                ]
            )
    return [
        "### Gender and Number in Lithuanian, on the words that have them",
        "",
        "Test part of ALKSNIS, 684 sentences, half to rank on, half held out; Fem against Masc, "
        "Plur against Sing. *Survive*: beyond "
        "the best unit in 95 % of 500 shuffles of the labels of sentences; *of words*: in which "
        "every word has another word's "
        "label. Of a language model of characters a word's last character is looked at.",
        "",
        *_table(
            "model | feature | best unit | AUROC | held out | balanced accuracy | median unit | "
            "survive | of words",
            rows,
        ),
    ]


def _carried(measured: Mapping[str, Any], there: list[str]) -> list[str]:
    rows = []
    for name in there:
        for feature in ("Gender", "Number"):
            best = measured[name][feature]["carried"]
            rows.append(
                [
                    _NAMES[name],
                    feature,
                    best["unit"],
                    f"{best['auroc']:.3f}",
                    f"{best['held_out']:.3f}",
                    f"{best['p']:.3f}",
                    f"{best['survivors']} of {best['units']} (> {best['critical']:.3f})",
                ]
            )
    return [
        "### The same, carried to what follows such a word and has no value itself",
        "",
        "This is what the lesson claims: the flag stays raised. Up to three words after the word, "
        "or twelve characters.",
        "",
        *_table("model | feature | best unit | AUROC | held out | p | survive", rows),
        *_pictures(measured),
    ]


def _pictures(measured: Mapping[str, Any]) -> list[str]:
    """All units of one tagger: on the words, and carried."""
    lines = []
    for kind, title in (("word", "on the words"), ("carried", "carried")):
        best = measured.get("lt-gender-2", {}).get("Gender", {}).get(kind, {})
        if "curve" not in best:
            continue
        figure = ranking_curve(
            best["curve"]["units"],
            best["curve"]["ranked"],
            best["curve"]["held_out"],
            critical=best["critical"],
            value=f"Fem, {title}",
        )
        write_picture(figure, PICTURES / f"flags-{kind}.png")
        lines += ["", f"![All units of the tagger of Gender, {title}](inside/flags-{kind}.png)"]
    return lines


def _effects(measured: Mapping[str, Any], there: list[str]) -> list[str]:
    rows = []
    for name in there:
        for feature in ("Gender", "Number"):
            for effect in measured[name][feature]["effects"]:
                groups = effect["groups"]
                mean, spread = groups["value"]["random"]
                rows.append(
                    [
                        _NAMES[name],
                        feature,
                        f"{effect['units']} ({effect['first']})",
                        effect["hold"],
                        *(f"{groups[group]['shift']:.4f}" for group in ("value", "other", "none")),
                        f"{mean:.4f} ± {spread:.4f}",
                        f"{groups['value']['p']:.2f}",
                        f"{groups['value']['changed']:.1%}",
                    ]
                )
    return [
        "### What these units cause",
        "",
        "The best units are held while the model runs: *off* at their mean over Masc (or Sing), "
        "*mean* at their mean. Given is the "
        "shift of the predictions (half the summed difference of probabilities) on words that "
        "are Fem (Plur), on those that are "
        "Masc (Sing), and on words without the feature; beside it that of as many random units "
        "of the same layer and part (20 "
        "draws, mean ± standard deviation, on Fem or Plur words), and the share of draws that "
        "shift as much (at least 1/21). "
        "250 sentences; 60 for characters.",
        "",
        *_table(
            "model | feature | units (first) | held | Fem/Plur | Masc/Sing | neither | random | "
            "p | predictions changed",
            rows,
        ),
    ]


def _layers(measured: Mapping[str, Any], there: list[str]) -> list[str]:
    rows = []
    for name in there:
        for feature in ("Gender", "Number"):
            for kind, title in (("probes", "word"), ("carried_probes", "carried")):
                probes = measured[name][feature][kind]
                cells = [
                    f"{layer}: {accuracy:.3f} ({accuracy - control:+.3f})"
                    for layer, accuracy, _, control in probes["layers"]
                ]
                cells += [""] * (3 - len(cells))
                rows.append([_NAMES[name], feature, title, f"{probes['majority']:.3f}", *cells])
    return [
        "### Layer by layer",
        "",
        "Held-out accuracy of a linear probe of all hidden units of a layer, and in brackets its "
        "selectivity: beyond a probe of "
        "random labels of words. The first is of what the layers read: all that the word by "
        "itself gives away.",
        "",
        *_table("model | feature | on | commonest | embedding | first layer | second layer", rows),
    ]


def _lesson(measured: Mapping[str, Any], there: list[str]) -> list[str]:
    lines = [
        "### The lesson's own sentences",
        "",
        "The best unit for Fem and for Plur after each word; 1 is its mean on such words, 0 its "
        "mean on the others (Masc, Sing). Then the same of the best unit for carried values, where "
        "one survives: there 1 and 0 are its means on what follows.",
        "",
    ]
    for name in there:
        for feature in ("Gender", "Number"):
            one = measured[name][feature]
            shown = [("on the word", one["lesson"])]
            if one["carried"]["p"] <= 0.05 and "lesson_carried" in one:
                shown.append(("carried", one["lesson_carried"]))
            for kind, lesson in shown:
                lines += [f"- {_NAMES[name]}, {lesson['value']} {kind}, {lesson['unit']}:"]
                lines += [
                    "    - " + " ".join(f"{word} **{value:.1f}**" for word, value in text)
                    for text in lesson["texts"]
                ]
    return lines
