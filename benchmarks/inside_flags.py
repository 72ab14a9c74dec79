"""What units mean, measured: writes the section "flags" of docs/results/inside.md.

    VARTAI_DATA=… python -m benchmarks.inside_flags --models FOLDER [--only NAME …] [--page]

Trains what is missing in FOLDER, by the commands of `TRAININGS`; keeps what it measured there, so
that it goes on where it stopped. `--page` writes the page from what is there.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.inside_flags_page import write_page
from benchmarks.public_data import data_folder
from vartai.bundle.trained import load_task
from vartai.data.agreement import as_sentences, generate_agreement, write_conllu
from vartai.data.agreement.lexicon import INDECLINABLE
from vartai.data.tagged.options import TaggedOptions
from vartai.inspect.cut import cut
from vartai.inspect.flags.causal import CausalOptions, Effect, measure_effect
from vartai.inspect.flags.columns import as_texts, read_column
from vartai.inspect.flags.corpus import FlagCorpus, read_corpus
from vartai.inspect.flags.probe import probe_layers
from vartai.inspect.flags.ranking import Ranking, RankingOptions, rank, shuffler
from vartai.inspect.flags.spans import LabelledText
from vartai.inspect.flags.units import Unit, UnitTable, parts_of
from vartai.measure.machine import describe_machine

_ALKSNIS = "{data}/ud_lithuanian_alksnis/lt_alksnis3-orig"
_SPLITS = f"{_ALKSNIS}-train.conllu.gz --valid {_ALKSNIS}-dev.conllu.gz "
_SPLITS += f"--test {_ALKSNIS}-test.conllu.gz "
_TWO = "--cell lstm --layers 2 --no-bidirectional --hidden-size 96 --batch-size 16 "
_TWO += "--averaging 0.995 --epochs 12 --time 8m --seed 0 --threads 1"
_BOTH = "--cell gru --crf --batch-size 16 --averaging 0.995 --epochs 16 --seed 0 --threads 1"
_TEXT = "{data}/lithuanian_text/lt.train.txt.gz --valid {data}/lithuanian_text/lt.dev.txt.gz "
_TEXT += "--test {data}/lithuanian_text/lt.test.txt.gz "
TRAININGS = {
    "planted": "tag {models}/planted.conllu --column feats:Gender --cell lstm --no-bidirectional "
    "--hidden-size 24 --affixes 3 --word-dropout 0.1 --input-dropout 0.1 --output-dropout 0.1 "
    "--epochs 12 --min-frequency 1 --seed 0 --threads 1",
    "lt-gender-2": f"tag {_SPLITS}--column feats:Gender {_TWO}",
    "lt-upos-2": f"tag {_SPLITS}--column upos {_TWO}",
    "lt-gender-0": f"tag {_SPLITS}--column feats:Gender {_BOTH}",
    "lt-characters": f"generate {_TEXT}--unit char --cell lstm --layers 2 --hidden-size 96 "
    "--steps 48 --streams 24 --output-dropout 0.1 --layer-dropout 0.1 --epochs 30 --time 28m "
    "--seed 0 --threads 1",
    "lt-characters-2": f"generate {_TEXT}--from {{models}}/lt-characters --epochs 30 --time 16m "
    "--learning-rate 0.003 --seed 1 --threads 1",
}
_NEEDS = {"lt-characters-2": "lt-characters"}
MEASURED = tuple(name for name in TRAININGS if name not in _NEEDS.values())
_VALUES = {"Gender": ("Fem", "Masc"), "Number": ("Plur", "Sing")}
_RANKING = RankingOptions(shuffles=500)
_LESSON = (
    "Alisa ėjo namo .",
    "Alisa ir Tomas ėjo namo .",
    "Tomas ėjo namo .",
    "Maža mergaitė ir mažas berniukas ėjo namo .",
)
# Tokens that a value is carried to, sentences that effects are measured on, units held and where.
_CARRIED = {"tag": 3, "generate": 12}
_EFFECT_TEXTS = {"tag": 250, "generate": 60}
_HELD = {"tag": ((1, "off"), (10, "off"), (10, "mean")), "generate": ((10, "off"),)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=list(MEASURED), choices=MEASURED)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args(arguments)
    folder: Path = asked.models
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    kept = folder / "flags-measured.json"
    measured: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    if not asked.page:
        for name in asked.only:
            if name in measured:
                continue
            _train(name, folder)
            measured[name] = _planted(folder) if name == "planted" else _lithuanian(name, folder)
            measured["machine"] = describe_machine()
            kept.write_text(json.dumps(measured, indent=1, ensure_ascii=False))
    write_page(measured, TRAININGS)
    return 0


def _train(name: str, folder: Path) -> None:
    if (folder / name).exists():
        return
    if name in _NEEDS:
        _train(_NEEDS[name], folder)
    if name == "planted":
        corpus = generate_agreement(1500, seed=1)
        (folder / "planted.conllu").write_text(write_conllu(corpus), encoding="utf-8")
    said = TRAININGS[name].format(data=data_folder(), models=folder)
    command = [sys.executable, "-m", "vartai", "train", *shlex.split(said)]
    subprocess.run([*command, "--out", str(folder / name)], check=True)


def _ranked(corpus: FlagCorpus) -> tuple[Ranking, UnitTable, Any]:
    table, labels = corpus.table(parts=("hidden", "cell"))
    texts = [text.text for text in corpus.texts]
    return rank(table, labels, texts, options=_RANKING), table, labels


def _best(found: Ranking, value: str) -> dict[str, Any]:
    score = found.best(value, 1)[0]
    return {
        "unit": str(score.unit),
        "sign": score.sign,
        "auroc": score.auroc,
        "held_out": score.held_out,
        "balanced": score.balanced,
        "p": score.p,
        "critical": found.critical,
        "survivors": found.survivors()[value],
        "units": len(found.units),
        "tokens": list(found.tokens),
        "curve": _curve(found, value),
        "deciles": np.quantile(
            np.abs(found.held_out[found.values.index(value)] - 0.5) + 0.5, np.linspace(0, 1, 11)
        ).tolist(),
    }


def _curve(found: Ranking, value: str) -> dict[str, Any]:
    """All units, in the direction that each was ranked in."""
    row = found.values.index(value)
    above = found.scores[row] >= 0.5
    return {
        "units": [str(unit) for unit in found.units],
        "ranked": np.where(above, found.scores[row], 1 - found.scores[row]).tolist(),
        "held_out": np.where(above, found.held_out[row], 1 - found.held_out[row]).tolist(),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "units": len(effect.units),
        "first": str(effect.units[0]),
        "hold": effect.hold,
        "groups": {
            group: {
                "count": change.count,
                "shift": change.shift,
                "changed": change.changed,
                "raised": change.raised,
                "random": effect.spread(group),
                "random_changed": [
                    float(np.mean([draw[group].changed for draw in effect.random])),
                    float(np.max([draw[group].changed for draw in effect.random])),
                ],
                "p": effect.p(group),
            }
            for group, change in effect.chosen.items()
        },
    }


def _together(found: Ranking, value: str, count: int) -> list[Unit]:
    units = [score.unit for score in found.best(value, len(found.units))]
    return [unit for unit in units if unit[:2] == units[0][:2]][:count]


def _planted(folder: Path) -> dict[str, Any]:
    """Gender of the far noun, on the words between it and an adjective that does not show it."""
    task = load_task(folder / "planted").task
    rows = as_sentences(generate_agreement(400, seed=7), tag="gender")
    words = [row for row in rows if row.words[-2] in INDECLINABLE]
    nouns = [_only(text, keep=lambda word: word not in INDECLINABLE) for text in as_texts(words)]
    ends = [_only(text, keep=lambda word: word in INDECLINABLE) for text in as_texts(words)]
    carried = read_corpus(task, nouns, carry=True)
    found, table, labels = _ranked(carried)
    answers = read_corpus(task, ends)
    effects = []
    for hold in ("mean", "off", "on"):
        for count in (1, 3):
            effect = measure_effect(
                answers,
                table,
                labels,
                units=_together(found, "Fem", count),
                value="Fem",
                options=CausalOptions(hold=hold),
            )
            effects.append(_effect(effect))
    survived = [_by_chance(carried, seed) for seed in range(20)]
    right = sum(row.tags == guess for row, guess in zip(rows, task.predict(rows), strict=True))
    return {
        "sentences": len(words),
        "right": right / len(rows),
        "best": _best(found, "Fem"),
        "by_chance": sum(survived),
        "runs": len(survived),
        "effects": effects,
        "probes": _probes(carried),
    }


def _only(text: LabelledText, *, keep: Callable[[str], bool]) -> LabelledText:
    spans = tuple(span for span in text.spans if keep(text.text[span.start : span.end].lower()))
    return replace(text, spans=spans)


def _by_chance(corpus: FlagCorpus, seed: int) -> bool:
    """Whether anything survives once the labels are shuffled."""
    table, labels = corpus.table(parts=("hidden", "cell"))
    drawn = shuffler(labels, "sentences")(np.random.default_rng([seed, 9]))
    texts = [text.text for text in corpus.texts]
    options = replace(_RANKING, shuffles=200, seed=seed)
    found = rank(table, replace(labels, codes=drawn), texts, options=options)
    return sum(found.survivors().values()) > 0


def _lithuanian(name: str, folder: Path) -> dict[str, Any]:
    saved = load_task(folder / name)
    path = _ALKSNIS.format(data=data_folder()) + "-test.conllu.gz"
    result: dict[str, Any] = {"metrics": dict(saved.metrics).get("test")}
    for feature, values in _VALUES.items():
        options = TaggedOptions(column=f"feats:{feature}")
        texts, _, _ = read_column(path, options, natural=saved.name != "tag")
        others = sorted({span.value for text in texts for span in text.spans} - set(values))
        at_words = read_corpus(saved.task, texts, without=others)
        after = read_corpus(
            saved.task, texts, carry=True, most=_CARRIED[saved.name], without=others
        )
        found, table, labels = _ranked(at_words)
        one: dict[str, Any] = {"word": _best(found, values[0]), "probes": _probes(at_words)}
        words = rank(
            table,
            labels,
            [text.text for text in at_words.texts],
            options=replace(_RANKING, shuffle="words"),
        )
        one["by_word"] = {
            "critical": words.critical,
            "survivors": words.survivors()[values[0]],
        }
        later, later_table, later_labels = _ranked(after)
        one["carried"] = _best(later, values[0])
        one["carried_probes"] = _probes(after)
        few = read_corpus(saved.task, texts[: _EFFECT_TEXTS[saved.name]], without=others)
        one["effects"] = [
            _effect(
                measure_effect(
                    few,
                    table,
                    labels,
                    units=_together(found, values[0], count),
                    value=values[0],
                    options=CausalOptions(hold=hold, draws=20),
                )
            )
            for count, hold in _HELD[saved.name]
        ]
        one["lesson"] = _lesson(saved.task, found, table, labels, values[0])
        one["lesson_carried"] = _lesson(saved.task, later, later_table, later_labels, values[0])
        result[feature] = one
        print(name, feature, json.dumps(one["word"]), file=sys.stderr, flush=True)
    return result


def _probes(corpus: FlagCorpus) -> dict[str, Any]:
    probes = probe_layers(corpus)
    return {
        "majority": probes.majority,
        "layers": [
            [each.layer, each.accuracy, each.new_words, each.control] for each in probes.layers
        ],
    }


def _lesson(
    task: object, found: Ranking, table: UnitTable, labels: Any, value: str
) -> dict[str, Any]:
    """The best unit over the lesson's words: 1 is its mean on the value, 0 its mean on the rest."""
    unit = found.best(value, 1)[0].unit
    column = table.values[:, table.column(unit)]
    ours = labels.codes == labels.values.index(value)
    on, off = float(column[ours].mean()), float(column[~ours].mean())
    made = cut(task, _LESSON)
    with torch.inference_mode():
        traces = made.run(keep=True).traces
    rows = parts_of(traces[unit.layer])[unit.part][:, unit.number]
    shown, place = [], 0
    for text, tokens in zip(_LESSON, made.tokens, strict=True):
        values = ((rows[place : place + len(tokens)] - off) / (on - off)).tolist()
        place += len(tokens)
        # Of a word of several tokens the last one, which has read all of it.
        last = {
            text[: token.end].count(" "): at
            for at, token in enumerate(tokens)
            if token.text.strip()
        }
        shown.append([[text.split()[word], values[at]] for word, at in last.items()])
    return {"unit": str(unit), "value": value, "texts": shown}


if __name__ == "__main__":
    sys.exit(main())
