"""The family of cells on two tasks: what Greff et al. found, tried again.

    VARTAI_DATA=… python -m benchmarks.family --runs FOLDER [--workers N] [--time 60s]
    VARTAI_DATA=… python -m benchmarks.family --runs FOLDER --page

Greff, Srivastava, Koutník, Steunebrink & Schmidhuber (LSTM: A Search Space Odyssey, 2017) trained
eight variants of an LSTM with peepholes and found that its forget gate and the activation of its
output matter most, that the others are close, and that of the hyper-parameters the learning rate
matters most by far. Here every cell has the same number of parameters in its recurrent layers, the
same data in the same order, and the same number of passes over it: no cell gains by being quick or
loses by being slow. Finished runs are kept in FOLDER, so an interrupted benchmark goes on where it
stopped; the last command writes docs/results/family.md from them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.public_data import data_folder
from vartai.data.documents import Document
from vartai.data.examples import Examples
from vartai.data.passages import split_documents
from vartai.data.split import split_examples
from vartai.data.text_options import HeldOutOptions
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.contest import ClassifyContest
from vartai.tasks.classify.experiment import Splits
from vartai.tasks.contest import Contest, Contestant, Kept, Run, equal_size, hold
from vartai.tasks.generate.config import (
    GenerateConfig,
    LanguageModelOptions,
    LanguageTraining,
    StreamOptions,
)
from vartai.tasks.generate.contest import GenerateContest
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions

CELLS = (
    "lstm-peephole",
    "lstm-no-input-gate",
    "lstm-no-forget-gate",
    "lstm-no-output-gate",
    "lstm-no-input-activation",
    "lstm-no-output-activation",
    "lstm",
    "lstm-coupled",
    "lstm-gate-recurrence",
    "gru",
    "rnn",
    "clockwork-rnn",
    "lstm-depth-gated",
    "ind-rnn",
    "min-gru",
    "slstm",
)
"""The first is Greff's vanilla LSTM, the next eight are their variants; theirs without peepholes is
`lstm`."""

RATES = (3e-4, 1e-3, 1e-2, 3e-2)
"""Learning rates that the vanilla LSTM is trained with beside the usual one."""

SEEDS = (0, 1, 2)
CHARACTERS = 300_000
"""Of the plays, from their beginning."""


@dataclass(frozen=True)
class Trial:
    """One task.

    Args:
        name: of the file of its runs.
        contest: what is trained.
        parameters: in the recurrent layers of every cell.
    """

    name: str
    contest: Contest
    parameters: int

    def contestants(self) -> Iterator[Contestant]:
        """Every cell, and the vanilla LSTM with other learning rates."""
        cells = equal_size(self.contest, CELLS, parameters=self.parameters)
        yield from cells
        for rate in RATES:
            own = cells[0]
            config = replace(own.config, training=replace(own.config.training, learning_rate=rate))
            yield replace(own, name=f"{own.cell}, learning rate {rate:g}", config=config)


def names_trial(data: Path, *, time: str | None) -> Trial:
    """Characters of a name to its language: 18 classes of very different sizes."""
    texts, labels = [], []
    for file in sorted((data / "names_by_language").glob("*.txt")):
        if file.stem == "SOURCE":
            continue
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                texts.append(line.strip())
                labels.append((file.stem,))
    whole = Examples("names_by_language", texts, labels, list(range(1, len(texts) + 1)))
    train, valid, test = split_examples(whole, fractions=[0.7, 0.1, 0.2], seed=0)
    config = ClassifyConfig(
        text=TextOptions(unit="char", min_frequency=1),
        model=ClassifierOptions(
            layers=2, bidirectional=False, pool="last", embedding_size=64, word_dropout=0.0,
            embedding_dropout=0.1, layer_dropout=0.1, output_dropout=0.1,
        ),
        training=TrainingOptions(
            epochs=6, patience=6, batch_size=64, learning_rate=3e-3, threads=1, time=time,
            device="cpu",
        ),
    )  # fmt: skip
    return Trial("names", ClassifyContest(config, Splits(train, valid, test)), 60_000)


def text_trial(data: Path, *, time: str | None) -> Trial:
    """Characters of plays to the character that follows."""
    file = data / "tinyshakespeare" / "input.txt"
    text = file.read_text(encoding="utf-8")[:CHARACTERS]
    options = HeldOutOptions()
    splits = split_documents(
        [Document(text, "tinyshakespeare/input.txt", 1)],
        valid=None,
        test=None,
        options=options,
        seed=0,
    )
    config = GenerateConfig(
        model=LanguageModelOptions(
            layers=2, embedding_size=64, layer_dropout=0.1, output_dropout=0.1
        ),
        streams=StreamOptions(streams=16, steps=64),
        training=LanguageTraining(
            epochs=2, patience=2, learning_rate=3e-3, averaging=0.99, threads=1, time=time,
            device="cpu",
        ),
    )  # fmt: skip
    return Trial("shakespeare", GenerateContest(config, splits), 120_000)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is not trained yet, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--time", default=None, help="most time of one training, as 60s")
    parser.add_argument("--trial", choices=("names", "shakespeare", "both"), default="both")
    parser.add_argument("--page", action="store_true", help="only write the page")
    chosen = parser.parse_args(arguments)
    data = data_folder()
    chosen.runs.mkdir(parents=True, exist_ok=True)
    made = {"names": names_trial, "shakespeare": text_trial}
    wanted = made if chosen.trial == "both" else {chosen.trial: made[chosen.trial]}
    trials = [make(data, time=chosen.time) for make in wanted.values()]
    for trial in trials:
        kept = Kept(chosen.runs / f"{trial.name}.jsonl")
        contestants = list(trial.contestants())
        if chosen.page:
            # Pictures need more than trainings do.
            from benchmarks.family_page import write_trial

            found = list(kept.runs.values())
            write_trial(trial.name, trial.contest, contestants, found, rates=len(RATES))
            continue
        runs = hold(trial.contest, contestants, SEEDS, kept=kept, workers=chosen.workers)
        for number, run in enumerate(runs, start=1):
            place = f"{trial.name} {number} of {len(contestants) * len(SEEDS)}"
            print(f"{place}: {_said(run, trial.contest.measure)}", flush=True)


def _said(run: Run, measure: str) -> str:
    own, what = run.measured, f"{run.name}, seed {run.seed}"
    if not own.scores:
        return f"{what}: {own.reason}"
    return f"{what}: {own.scores[measure]:.4f}, {own.epochs} epochs, {own.seconds:.0f} s"


if __name__ == "__main__":
    main()
