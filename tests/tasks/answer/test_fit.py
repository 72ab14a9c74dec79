from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.tasks.answer.asked import TINY, questions, trained, training

from vartai.bundle.trained import load_task, save_task
from vartai.data.questions.question import Answer
from vartai.errors import InputError, OptionError
from vartai.tasks.answer.evaluation import answer_all, judge_answers
from vartai.tasks.answer.experiment import Report, run_experiment
from vartai.tasks.answer.fit import Splits, fit_answerer
from vartai.tasks.answer.problem import asked_of
from vartai.tasks.answer.results import report_as_mapping, verdict
from vartai.training.events import Event, StepDone
from vartai.training.sitting import Sitting

KINDS = pytest.mark.parametrize("kind", ["span", "word"])


@KINDS
def test_a_small_set_is_learned_by_heart(kind: str) -> None:
    few = questions(kind, 30)
    config = training(epochs=60, patience=60, averaging=0.9, learning_rate=0.02)
    config = replace(config, model=replace(config.model, dropout=0.0))
    task, _ = fit_answerer(config, few, few, sitting=Sitting())
    judged = judge_answers([reply.text for reply in answer_all(task, few)], few)
    assert judged.value > 0.98


@KINDS
def test_the_same_seed_gives_the_same_model_and_another_seed_another(kind: str) -> None:
    one = trained(kind)
    parts = (questions(kind), questions(kind, 30, seed=1))
    two, _ = fit_answerer(TINY, *parts, sitting=Sitting())
    other, _ = fit_answerer(training(seed=1), *parts, sitting=Sitting())
    weights = one.model.state_dict()
    for name, value in two.model.state_dict().items():
        assert torch.equal(value, weights[name]), name
    assert any(not torch.equal(v, weights[n]) for n, v in other.model.state_dict().items())


@KINDS
def test_resumed_is_uninterrupted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (questions(kind), questions(kind, 30, seed=1))
    checkpoint = tmp_path / "checkpoint.safetensors"

    def interrupt(event: Event) -> None:
        if isinstance(event, StepDone) and (event.epoch, event.step) == (2, 2):
            signal.raise_signal(signal.SIGINT)

    stopped = Sitting(observer=interrupt, checkpoint=checkpoint)
    _, outcome = fit_answerer(TINY, *parts, sitting=stopped)
    assert outcome.reason == "interrupted"
    again, _ = fit_answerer(TINY, *parts, sitting=Sitting(checkpoint=checkpoint, resume=True))
    expected = trained(kind)
    for name, value in again.model.state_dict().items():
        assert torch.equal(value, expected.model.state_dict()[name]), name
    assert again.knowledge == expected.knowledge


@KINDS
def test_a_saved_model_gives_the_same_answers_to_the_bit(kind: str, tmp_path: Path) -> None:
    task = trained(kind)
    save_task(tmp_path / "model", "answer", task, metrics={}, card="")
    again = load_task(tmp_path / "model").task
    asked = asked_of(questions(kind, 10, seed=3))
    assert task.replies(asked, count=3) == again.replies(asked, count=3)
    assert (again.config, again.knowledge) == (task.config, task.knowledge)


@KINDS
def test_a_report_sets_the_model_beside_its_baselines(kind: str) -> None:
    parts = Splits(questions(kind), questions(kind, 30, seed=1), questions(kind, 30, seed=2))
    report = run_experiment(TINY, parts, sitting=Sitting())
    assert isinstance(report, Report)
    values = report_as_mapping(report)
    names = {"span": ("exact_match", "f1"), "word": ("accuracy",)}[kind]
    assert set(names) <= set(values["test"])
    assert all(0 <= row[name] <= 1 for row in values["baselines"].values() for name in names)
    assert verdict(report)


def test_a_model_of_spans_learns_when_not_to_answer() -> None:
    task = trained("span")
    assert not task.knowledge.answerable
    always = questions("span", 40)
    always.items[:] = [item for item in always.items if item.answers]
    sure, _ = fit_answerer(training(epochs=1), always, always, sitting=Sitting())
    assert sure.knowledge.answerable
    replies = sure.replies(asked_of(always), count=5)
    assert all(reply.text is not None for row in replies for reply in row)


def test_an_answer_longer_than_can_be_given_is_told_and_not_learned() -> None:
    long = questions("span", 20)
    item = long.items[0]
    whole = Answer(item.context, (0,))
    long.items[0] = item._replace(answers=(whole,))
    notes: list[str] = []
    config = replace(training(epochs=1), model=replace(TINY.model, longest_answer=3))
    fit_answerer(config, long, long, sitting=Sitting(note=notes.append))
    assert any(note.startswith("1 training questions have only answers of more") for note in notes)


def test_an_answer_inside_a_token_is_told() -> None:
    part = questions("span", 20)
    place = next(n for n, item in enumerate(part.items) if item.answers)
    item = part.items[place]
    [answer] = item.answers
    inside = Answer(answer.text[1:], (answer.starts[0] + 1,))
    part.items[place] = item._replace(answers=(inside,))
    notes: list[str] = []
    fit_answerer(training(epochs=1), part, part, sitting=Sitting(note=notes.append))
    assert any(note.startswith("1 training answers begin or end inside a token") for note in notes)


def test_one_answer_is_too_few() -> None:
    part = questions("word", 20)
    part.items[:] = [item._replace(answers=(Answer("attic", ()),)) for item in part.items]
    with pytest.raises(InputError, match="at least two different answers, found only 'attic'"):
        fit_answerer(TINY, part, part, sitting=Sitting())


def test_an_unknown_validation_answer_counts_as_wrong_and_is_told() -> None:
    valid = questions("word", 20, seed=1)
    valid.items[0] = valid.items[0]._replace(answers=(Answer("moon", ()),))
    notes: list[str] = []
    sitting = Sitting(note=notes.append)
    fit_answerer(training(epochs=1), questions("word"), valid, sitting=sitting)
    assert "1 validation answers are unknown: they count as answered wrong." in notes


def test_goes_on_from_a_model_of_the_same_shape_only() -> None:
    start = trained("word")
    parts = (questions("word", 30, seed=5), questions("word", 30, seed=6))
    short = training(epochs=1, learning_rate=1e-6)
    before = start.model.output.weight.detach().clone()
    task, _ = fit_answerer(short, *parts, sitting=Sitting(), start=start)
    assert torch.equal(start.model.output.weight, before)
    weight = task.model.output.weight.detach().numpy()
    assert np.abs(weight - start.model.output.weight.detach().numpy()).max() < 1e-3
    other = replace(TINY, model=replace(TINY.model, hops=3))
    with pytest.raises(OptionError, match="hops is 2 in the model to go on from, 3 was asked"):
        fit_answerer(other, *parts, sitting=Sitting(), start=start)
    with pytest.raises(OptionError, match="answers by word, the questions span"):
        fit_answerer(TINY, questions("span"), questions("span"), sitting=Sitting(), start=start)


def test_files_of_two_kinds_are_refused() -> None:
    with pytest.raises(InputError, match="expected answers of kind word, found span"):
        fit_answerer(TINY, questions("word"), questions("span"), sitting=Sitting())
