"""Training: repeatable, resumable to the same result, and learning what there is."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.tasks.generate.text import CONFIG, small_config, tales

from vartai.data.passages import Passage, TextSplits
from vartai.decoding.options import SamplingOptions
from vartai.errors import InputError, OptionError
from vartai.tasks.generate.config import (
    LanguageModelOptions,
    LanguageTraining,
    StreamOptions,
    UnitOptions,
)
from vartai.tasks.generate.fit import fit_language_model
from vartai.tasks.generate.generation import Generation, WritingOptions
from vartai.tasks.generate.problem import GenerateProblem
from vartai.tasks.generate.scoring import unit_nats
from vartai.tasks.generate.task import GenerateTask
from vartai.training import loop
from vartai.training.events import Event, StepDone
from vartai.training.sitting import Sitting


def weights(task: GenerateTask) -> torch.Tensor:
    return torch.cat([value.flatten() for value in task.model.state_dict().values()])


def test_the_same_seed_gives_the_same_model_and_another_one_another() -> None:
    seeds = [LanguageTraining(epochs=1, seed=seed, threads=1) for seed in (0, 0, 1)]
    first, again, other = (
        weights(fit_language_model(small_config(training=t), tales(30), sitting=Sitting())[0])
        for t in seeds
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("stop_at", [3, 33, 45])
def test_a_resumed_run_ends_as_one_that_was_never_interrupted(
    stop_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = fit_language_model(CONFIG, tales(60), sitting=Sitting())
    checkpoint = tmp_path / "checkpoint.safetensors"
    steps = [0]

    class Wish:
        made = False

    wish = Wish()

    def see(event: Event) -> None:
        if isinstance(event, StepDone):
            steps[0] += 1
            wish.made = steps[0] == stop_at - 1

    with monkeypatch.context() as patch:
        patch.setattr(loop, "listen_for_interrupt", lambda: _Given(wish))
        _, outcome = fit_language_model(
            CONFIG, tales(60), sitting=Sitting(observer=see, checkpoint=checkpoint)
        )
    assert outcome.reason == "interrupted"
    assert steps[0] == stop_at
    resumed, outcome = fit_language_model(
        CONFIG, tales(60), sitting=Sitting(checkpoint=checkpoint, resume=True)
    )
    assert outcome.reason == "epochs"
    assert torch.equal(weights(whole), weights(resumed))


class _Given:
    def __init__(self, wish: object) -> None:
        self._wish = wish

    def __enter__(self) -> object:
        return self._wish

    def __exit__(self, *_: object) -> None:
        pass


def test_the_state_of_every_stream_is_carried_from_chunk_to_chunk() -> None:
    task, _ = fit_language_model(CONFIG, tales(20), sitting=Sitting())
    corpus = task.corpus(tales(20).train)
    problem = GenerateProblem(task, corpus, corpus)
    task.model.eval()
    with torch.no_grad():
        total = sum(float(problem.loss(chosen).total) for chosen in problem.plan(0))
    # Five streams that read all the way begin five times afresh; chunks change nothing.
    edges = np.arange(6) * len(corpus) // 5
    expected = 0.0
    for a, b in itertools.pairwise(edges):
        part = type(corpus)(corpus.inputs[a:b], corpus.targets[a:b], corpus.fresh[a:b])
        expected += float(unit_nats(task.model, part).sum())
    assert total == pytest.approx(expected, rel=1e-5)


def test_epochs_cut_the_streams_elsewhere_and_read_every_unit() -> None:
    task, _ = fit_language_model(CONFIG, tales(20), sitting=Sitting())
    corpus = task.corpus(tales(20).train)
    problem = GenerateProblem(task, corpus, corpus)
    for epoch in (0, 1):
        plan = problem.plan(epoch)
        assert sum(problem.units(chosen) for chosen in plan) == len(corpus)


def test_training_learns_what_counting_cannot() -> None:
    drawn = np.random.default_rng(0)
    # The last letter of each line is its first, whatever number of dashes stands between.
    lines = [
        f"{letter}{'-' * int(count)}{letter}\n"
        for letter, count in zip(
            drawn.choice(list("ab"), 800), drawn.integers(4, 9, 800), strict=True
        )
    ]
    splits = TextSplits((Passage("".join(lines[:780])),), (Passage("".join(lines[780:])),), ())
    config = small_config(
        model=LanguageModelOptions(hidden_size=16, embedding_size=8, output_dropout=0.0),
        streams=StreamOptions(streams=8, steps=30),
        training=LanguageTraining(epochs=16, learning_rate=0.02, threads=1, warmup=10, patience=16),
    )
    task, _ = fit_language_model(config, splits, sitting=Sitting())
    generation = Generation(task)
    prompt = generation.read("b-------")
    options = WritingOptions(length=40, stop=("\n",))
    ((sample, _), *_) = list(generation.write(prompt, options, SamplingOptions(temperature=0)))[-1:]
    assert sample.text.strip("-") == "b"


def test_units_and_what_is_unknown_are_told() -> None:
    notes: list[str] = []
    splits = TextSplits((Passage("abab" * 30),), (Passage("abax"),), ())
    fit_language_model(CONFIG, splits, sitting=Sitting(note=notes.append))
    assert notes == [
        "120 characters to train on",
        "4 characters to choose the epoch by, 1 of them unknown",
        "4 different characters, the two special ones included",
    ]


def test_too_little_text_is_an_error() -> None:
    splits = TextSplits((Passage("abab" * 30),), (Passage("a"),), ())
    with pytest.raises(InputError, match="expected at least two characters to choose the epoch by"):
        fit_language_model(CONFIG, splits, sitting=Sitting())


def test_a_run_goes_on_from_another_with_a_larger_vocabulary() -> None:
    start, _ = fit_language_model(CONFIG, tales(20), sitting=Sitting())
    text = "".join(passage.text for passage in tales(20).train) + "ŽÆŽÆ" * 5
    splits = TextSplits((Passage(text),), tales(20).valid, ())
    notes: list[str] = []
    task, _ = fit_language_model(CONFIG, splits, sitting=Sitting(note=notes.append), start=start)
    assert notes[0].startswith("vocabulary extended from 4")
    assert task.tokenizer.size == start.tokenizer.size + 1
    wider = small_config(model=LanguageModelOptions(hidden_size=13))
    with pytest.raises(OptionError, match="hidden_size is 12 in the model to continue, 13 was"):
        fit_language_model(wider, splits, sitting=Sitting(), start=start)


@pytest.mark.parametrize(
    ("unit", "model"),
    [
        (UnitOptions(unit="word"), LanguageModelOptions(cell="gru", hidden_size=8, tied=True)),
        (
            UnitOptions(unit="word", words="words", lowercase=True),
            LanguageModelOptions(cell="rnn", hidden_size=8, softmax="adaptive"),
        ),
        (
            UnitOptions(unit="bpe", vocabulary_size=300),
            LanguageModelOptions(hidden_size=8, layers=2, tied=True, softmax="adaptive"),
        ),
    ],
    ids=["words, tied", "words apart, in bands", "byte pairs, tied, in bands"],
)
def test_every_unit_and_output_trains(unit: UnitOptions, model: LanguageModelOptions) -> None:
    config = small_config(text=unit, model=model)
    task, outcome = fit_language_model(config, tales(40), sitting=Sitting())
    first, second = outcome.history
    assert second.valid_loss < first.valid_loss
    parts = task.to_parts()
    assert GenerateTask.shapes(parts) == {k: v.shape for k, v in parts.tensors.items()}
    again = GenerateTask.from_parts(parts)
    corpus = task.corpus(tales(40).valid)
    assert unit_nats(again.model, corpus) == pytest.approx(unit_nats(task.model, corpus))


def test_options_of_a_batch_have_no_use_and_are_refused() -> None:
    for name, value in (("batch_size", 3), ("batch_tokens", 5), ("label_smoothing", 0.1)):
        with pytest.raises(OptionError, match=f"{name} has no use here"):
            LanguageTraining(**{name: value})  # type: ignore[arg-type]
