"""Negation and order, measured: trains what is missing, writes a section of docs/results/inside.md.

    VARTAI_DATA=… python -m benchmarks.inside_words --runs FOLDER --seeds 3

Three models a seed, each the command line that a user would type, kept in FOLDER: the LSTM of
`vartai demo`, and on SST-2 an LSTM that reads once from left to right and the default classifier.
Beside those on SST-2 stand the n-grams that were trained with them: logistic regression on words,
pairs of words and runs of characters. What is measured of each is in `benchmarks.negation`.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.negation import LESSON, Measured, measure, tokenised
from benchmarks.pages import write_sections
from benchmarks.pictures import write_picture
from benchmarks.public_data import data_folder
from benchmarks.results import once
from vartai.bundle.trained import load_task
from vartai.data.examples import Examples, read_examples
from vartai.data.options import TableOptions
from vartai.figures.words import Bars, pair_bars
from vartai.inspect.words.explain import explain
from vartai.measure.machine import describe_machine
from vartai.tasks.classify.demo import demo_corpus, demo_splits

PAGE = Path(__file__).parent.parent / "docs" / "results" / "inside.md"
SST = (
    "train classify {data}/sst2/train.tsv --valid {data}/sst2/dev.tsv --test {data}/sst2/test.tsv "
    "--text 1 --label 2 --wide --threads 1"
)
COMMANDS = {
    "demo": "demo",
    "sst-one-way": f"{SST} --no-bidirectional --pool last",
    "sst-default": SST,
}
NAMES = {
    "demo": "demo, LSTM one way",
    "sst-one-way": "SST-2, LSTM one way",
    "sst-default": "SST-2, default (both ways, max)",
    "n-grams": "SST-2, n-grams",
}

# What is drawn of which model: the label of a good opinion, and two texts of the same words.
DRAWN = {
    "demo": ("positive", ("the film was not bad but good", "the film was not good but bad")),
    "sst-default": ("1", (tokenised(LESSON[0][0]), tokenised(LESSON[1][0]))),
}


def train(name: str, seed: int, runs: Path, data: str) -> Path:
    """The bundle, trained unless it is there."""
    stem = f"{name}-{seed}"
    typed = shlex.split(COMMANDS[name].format(data=shlex.quote(data)))
    once(runs, stem, [*typed, "--out", str(runs / stem), "--seed", str(seed)])
    return runs / stem


def test_texts(name: str, seed: int, data: str) -> Examples:
    """Held-out texts with their labels."""
    if name == "demo":
        return demo_splits(demo_corpus(seed))[0].test
    options = TableOptions(text=("1",), label="2")
    return read_examples(f"{data}/sst2/test.tsv", options, fix_text=False, need_label=True)[0]


def measured(name: str, seed: int, runs: Path, data: str) -> dict[str, Any]:
    """All numbers of one model, from FOLDER if it was measured before."""
    kept = runs / f"{name}-{seed}.negation.json"
    if not kept.exists():
        bundle = train(name, seed, runs, data)
        found = measure(load_task(bundle).task, test_texts(name, seed, data), demo=name == "demo")
        kept.write_text(json.dumps(found))
    numbers: dict[str, Any] = json.loads(kept.read_text())
    return numbers


def spread(values: Sequence[float]) -> str:
    """Mean and range of the seeds."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{statistics.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


Runs = dict[str, list[Measured]]


def rows_of(found: Runs, names: Sequence[str], cells: Callable[[Any], Sequence[float]]) -> Any:
    """A row for each model, its cells over the seeds."""
    for name in names:
        values = zip(*(cells(run) for run in found[name]), strict=True)
        yield [NAMES[name], *(spread(column) for column in values)]


def section(found: Runs, seeds: int) -> str:
    """The whole section."""
    sst = ("sst-one-way", "sst-default")
    first = found["sst-one-way"][0]["sentences"]
    lines = [
        f"{describe_machine()}. {seeds} seeds; mean, and the range in brackets. Written by "
        "`python -m benchmarks.inside_words`, which holds every command; one thread.",
        "",
        "**Sentences with a negator** (not, n't, never, no, …): accuracy on the test texts of "
        f"SST-2, {first['with']} with one and {first['without']} without; and with the words of "
        "each in random order, mean of five orders.",
        "",
        *table(
            ("model", "with a negator", "shuffled", "without", "shuffled"),
            [
                *rows_of(found, sst, lambda run: [run["sentences"]["alone"][k] for k in range(4)]),
                *rows_of(
                    {"n-grams": found["sst-one-way"]},
                    ["n-grams"],
                    lambda run: [run["sentences"]["n-grams"][k] for k in range(4)],
                ),
            ],
        ),
        "",
        "**Minimal pairs**, share of pairs of which both texts are right. 138 written pairs "
        "(`benchmarks/negation_pairs_en.tsv`: same words, other order), and pairs that "
        "`vartai pairs --generate` makes: 100 of each kind of *negation*, 100 of *order*. A coin "
        "gets 0.25; whoever sees words alone gets 0 of *written*, *moved* and *order*.",
        "",
        *pair_table(found),
        "",
        *lesson_table(found),
        "",
        *gate_tables(found),
        "",
        *cause_table(found),
        "",
        "What each word adds to *positive*, in the demo's LSTM and in the default classifier of "
        "SST-2:",
        "",
        *(
            f"![Bars of what each word adds, two sentences of the same words, {NAMES[name]}]"
            f"(inside/negation-{name}.png)\n"
            for name in DRAWN
        ),
    ]
    return "\n".join(lines)


def pair_table(found: Runs) -> list[str]:
    """Minimal pairs by kind."""
    kinds = ("written", "negated", "double", "strengthened", "moved", "order")

    def cells(run: Any, who: str) -> list[float]:
        return [run["pairs"]["en"][who][kind] for kind in kinds]

    rows = list(rows_of(found, ("sst-one-way", "sst-default"), lambda run: cells(run, "alone")))
    rows += rows_of(
        {"n-grams": found["sst-one-way"]}, ["n-grams"], lambda run: cells(run, "n-grams")
    )
    rows += rows_of(found, ("demo",), lambda run: cells(run, "alone"))
    generated = kinds[1:]
    lithuanian = zip(
        *([run["pairs"]["lt"]["alone"][kind] for kind in generated] for run in found["demo"]),
        strict=True,
    )
    rows.append(["demo, Lithuanian pairs", "", *(spread(column) for column in lithuanian)])
    shuffled = zip(*(cells(run, "shuffled") for run in found["demo"]), strict=True)
    rows.append(["demo, English, words shuffled", *(spread(column) for column in shuffled)])
    return table(("model", *kinds), rows)


def lesson_table(found: Runs) -> list[str]:
    """The lesson's own sentences."""
    asked = {
        "sst-one-way": ("sst-one-way", "alone"),
        "sst-default": ("sst-default", "alone"),
        "n-grams": ("sst-one-way", "n-grams"),
        "demo": ("demo", "alone"),
    }
    rows = []
    for place, (text, wanted) in enumerate(LESSON):
        row = [text, wanted]
        for name, who in asked.values():
            said = [run["lesson"][who][place] for run in found[name]]
            right = sum((share > 0.5) == (wanted == "positive") for share in said)
            row.append(f"{statistics.mean(said):.2f}, {right} of {len(said)}")
        rows.append(row)
    return [
        "**The lesson's sentences**: mean probability that the models give to *positive*, and how "
        "many of them are right.",
        "",
        *table(("text", "should be", *(NAMES[name] for name in asked)), rows),
    ]


def gate_tables(found: Runs) -> list[str]:
    """What negators do to gates and state."""
    lines = [
        "**What a negator does to gates and state** (readers from the left, test texts). How far a "
        "quantity moves at a word is the mean over units of its change from the step before. Given "
        "is that mean at the negator, as a multiple of the median of the 50 commonest words, and "
        "its rank among them, 1 being the largest, for each seed. *Signs* is the share of units "
        "whose hidden state changes its sign.",
        "",
    ]
    rows = []
    for name in ("sst-one-way", "demo"):
        for word in found[name][0]["gates"]:
            runs = [run["gates"][word] for run in found[name]]
            cells = [NAMES[name], f"{word} ({runs[0]['count']} times)"]
            for quantity in runs[0]["moves"]:
                ratios = [run["moves"][quantity]["ratio"] for run in runs]
                ranks = "/".join(str(run["moves"][quantity]["rank"]) for run in runs)
                cells.append(f"×{statistics.mean(ratios):.2f} ({ranks} of {runs[0]['words']})")
            cells.append(spread([run["signs"] for run in runs]))
            cells.append(spread([run["signs_median"] for run in runs]))
            rows.append(cells)
    quantities = list(next(iter(found["demo"][0]["gates"].values()))["moves"])
    return [
        *lines,
        *table(("model", "word", *quantities, "signs", "signs, median word"), rows),
    ]


def cause_table(found: Runs) -> list[str]:
    """Whether "not" turns an opinion round, and whether the methods name it."""
    names = ("sst-one-way", "sst-default", "demo")
    lines = [
        "**Does *not* negate, or is it one more bad word?** What it adds to the margin of "
        "*positive* (nats) in *the film was good / the film was not good* (kind *negated*, one "
        "adjective). A negator takes from good words and gives to bad ones.",
        "",
        *table(
            (
                "model",
                "pairs",
                "adds before a good word",
                "adds before a bad word",
                "right with *not*, of those right without",
            ),
            [
                [
                    NAMES[name],
                    str(found[name][0]["cause"]["pairs"]),
                    *signed(found[name]),
                    ", ".join("{} of {}".format(*run["cause"]["turned"]) for run in found[name]),
                ]
                for name in names
            ],
        ),
        "",
        "**Because of the word?** Of those of the pairs that flip, the share in which each method "
        "says so: *not* speaks for the new label (gradients, from zero vectors; running, together "
        "with the word after it), *not* with the word does (decomposition), and the word alone "
        "still speaks for the old label while the two interact for the new one. Leaving out says "
        "so by definition: the pair's other text is the one without *not*.",
        "",
    ]
    keys = ("gradients", "running", "phrase", "word", "interaction")
    rows = []
    for name in names:
        runs = [run["cause"] for run in found[name]]
        flipped = "/".join(str(run["flipped"]) for run in runs)
        says = [run["says"] for run in runs if run["flipped"]]
        shares = [spread([each[key] for each in says]) if says else "" for key in keys]
        rows.append([NAMES[name], flipped, *shares])
    header = (
        "model",
        "flipped",
        "gradients",
        "running",
        "decomposition, both",
        "word alone stays",
        "interaction",
    )
    agreement = ("gradients/left-out", "gradients/decomposition", "left-out/decomposition")
    return [
        *lines,
        *table(header, rows),
        "",
        "Agreement of methods: Spearman's correlation of their effects on the words of a test "
        "sentence with a negator, mean over 40 sentences.",
        "",
        *table(
            ("model", *agreement),
            list(rows_of(found, names, lambda run: [run["agreement"][key] for key in agreement])),
        ),
    ]


def signed(runs: Sequence[Measured]) -> list[str]:
    """What a negator adds before good and bad words, with its sign."""
    cells = []
    for side in ("good", "bad"):
        values = [run["cause"]["adds"][side] for run in runs]
        cells.append(f"{statistics.mean(values):+.2f} ({min(values):+.2f} to {max(values):+.2f})")
    return cells


def draw(runs: Path) -> None:
    """The two pictures of the section, of the first seed."""
    for name, (label, texts) in DRAWN.items():
        task = load_task(runs / f"{name}-0").task.alone()
        sides = []
        for text in texts:
            found = explain(task, text, label=label, methods=("gradients",))
            tokens = [token.text for token in found.tokens]
            effects = found.effects["gradients"].tolist()
            title = f"{found.margin:+.2f} nats for positive, {found.probability:.0%}"
            sides.append(Bars(tokens, effects, title))
        figure = pair_bars(
            first=sides[0],
            second=sides[1],
            title=f"Integrated gradients of {NAMES[name]}",
        )
        write_picture(figure, PAGE.parent / "inside" / f"negation-{name}.png")


def main() -> None:
    """Train and measure what is missing, then write the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=Path, default=Path("benchmark-runs"))
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    arguments.runs.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    data = str(data_folder())
    found = {
        name: [measured(name, seed, arguments.runs, data) for seed in range(arguments.seeds)]
        for name in COMMANDS
    }
    draw(arguments.runs)
    write_sections(PAGE, {"negation": section(found, arguments.seeds)})


if __name__ == "__main__":
    main()
