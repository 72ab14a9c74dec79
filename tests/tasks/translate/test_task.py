"""A translator, whole: trained, resumed, taken apart, asked in any order."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from vartai.bundle.trained import load_task, save_task
from vartai.data.parallel import Pair, Parallel
from vartai.data.small_grammar import generate_grammar
from vartai.errors import BundleError, InputError, OptionError
from vartai.tasks.parts import TaskParts
from vartai.tasks.translate.config import (
    ChoiceOptions,
    PieceOptions,
    TranslateConfig,
    TranslatorOptions,
    TranslatorTraining,
    WritingOptions,
)
from vartai.tasks.translate.fit import fit_translator
from vartai.tasks.translate.start import continued_task
from vartai.tasks.translate.task import TranslateTask
from vartai.training.events import Event, StepDone
from vartai.training.sitting import Sitting

CORPUS = generate_grammar(train=80, valid=10, test=10, seed=2)
CONFIG = TranslateConfig(
    text=PieceOptions(vocabulary_size=330, max_tokens=40),
    model=TranslatorOptions(hidden_size=16, embedding_size=12),
    writing=WritingOptions(beam=2, max_ratio=0.5),
    choice=ChoiceOptions(choose="bleu", sample=2),
    training=TranslatorTraining(epochs=2, batch_size=16, warmup=5, threads=1),
)


@pytest.fixture(scope="module")
def task() -> TranslateTask:
    found, outcome = fit_translator(CONFIG, CORPUS.train, CORPUS.valid, sitting=Sitting())
    assert outcome.reason == "epochs"
    return found


@pytest.fixture(scope="module")
def apart() -> TranslateTask:
    """Two vocabularies, nothing tied, a decoder that is fed."""
    config = replace(
        CONFIG,
        text=replace(CONFIG.text, shared=False),
        model=replace(CONFIG.model, cell="lstm", tied=False, input_feeding=True),
        choice=ChoiceOptions(choose="loss"),
    )
    return fit_translator(config, CORPUS.train, CORPUS.valid, sitting=Sitting())[0]


def test_a_run_that_was_interrupted_ends_as_one_that_was_not(
    task: TranslateTask, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"

    def interrupt(event: Event) -> None:
        if isinstance(event, StepDone) and (event.epoch, event.step) == (2, 3):
            signal.raise_signal(signal.SIGINT)

    first = Sitting(observer=interrupt, checkpoint=checkpoint)
    _, outcome = fit_translator(CONFIG, CORPUS.train, CORPUS.valid, sitting=first)
    assert outcome.reason == "interrupted"
    second = Sitting(checkpoint=checkpoint, resume=True)
    resumed, outcome = fit_translator(CONFIG, CORPUS.train, CORPUS.valid, sitting=second)
    assert outcome.reason == "epochs"
    expected = task.model.state_dict()
    for name, value in resumed.model.state_dict().items():
        assert torch.equal(value, expected[name]), name


def test_training_lowers_the_loss(task: TranslateTask) -> None:
    config = replace(CONFIG, training=replace(CONFIG.training, epochs=3, learning_rate=2e-2))
    _, outcome = fit_translator(config, CORPUS.train, CORPUS.valid, sitting=Sitting())
    losses = [epoch.valid_loss for epoch in outcome.history]
    assert losses[-1] < losses[0] - 0.5
    assert {epoch.measure for epoch in outcome.history} == {"BLEU"}


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("name", ["task", "apart"])
def test_a_text_has_one_translation_alone_in_any_batch_and_order(
    name: str, beam: int, request: pytest.FixtureRequest
) -> None:
    task: TranslateTask = request.getfixturevalue(name)
    texts = [*CORPUS.test.sources[:5], "", "Bee", "  "]
    search = WritingOptions(beam=beam, max_ratio=0.5)
    together = task.translate(texts, search)
    for place in np.random.default_rng(0).permutation(len(texts)).tolist():
        [alone] = task.translate([texts[place]], search)
        assert alone.text == together[place].text
        assert alone.log_probability == pytest.approx(together[place].log_probability, rel=1e-4)
    backwards = task.translate(texts[::-1], search)
    assert [one.text for one in backwards[::-1]] == [one.text for one in together]


def test_blank_texts_have_empty_translations(task: TranslateTask) -> None:
    assert [(one.text, one.parts) for one in task.translate(["", " \t"])] == [("", 0), ("", 0)]
    assert task.translate([]) == []


def test_the_best_few_differ_and_come_best_first(task: TranslateTask) -> None:
    [found] = task.alternatives([CORPUS.test.sources[0]], WritingOptions(beam=4), best=3)
    assert len({one.text for one in found}) == len(found) == 3
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)


def test_a_long_text_is_translated_in_parts_and_nothing_is_left_out(task: TranslateTask) -> None:
    sentences = CORPUS.test.sources[:6]
    [whole] = task.translate([" ".join(sentences)], WritingOptions(beam=1))
    assert whole.parts > 1
    parts = task._parts(" ".join(sentences))
    assert [one for part in parts for one in part.tolist()] == (
        np.concatenate([task._parts(" ".join(sentences[:1]))[0]]).tolist()
        + [one for text in sentences[1:] for one in task._parts(text)[0].tolist()]
    )
    assert max(map(len, parts)) <= task.config.text.max_tokens


@pytest.mark.parametrize("name", ["task", "apart"])
def test_a_bundle_gives_back_the_same_translations(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    task: TranslateTask = request.getfixturevalue(name)
    save_task(tmp_path / "model", "translate", task, metrics={}, card="# model\n")
    loaded: TranslateTask = load_task(tmp_path / "model").task
    search = WritingOptions(max_ratio=0.5)
    texts = CORPUS.test.sources[:5]
    assert loaded.translate(texts, search) == task.translate(texts, search)
    assert loaded.config == task.config
    assert loaded.facts() == task.facts()


@pytest.mark.parametrize("name", ["task", "apart"])
def test_attention_is_a_share_of_each_source_token(
    name: str, request: pytest.FixtureRequest
) -> None:
    task: TranslateTask = request.getfixturevalue(name)
    found = task.attention("The bee sees.", "Bitė mato.")
    assert found is not None
    assert "".join(found.source) == " The bee sees."
    assert len(found.weights) == len(found.target)
    assert found.target[-1] == ""
    for row in found.weights:
        assert len(row) == len(found.source)
        assert sum(row) == pytest.approx(1, abs=1e-5)


def test_a_model_without_attention_says_so() -> None:
    config = replace(CONFIG, model=replace(CONFIG.model, attention="none"))
    config = replace(config, training=replace(config.training, epochs=1))
    task, _ = fit_translator(config, CORPUS.train, CORPUS.valid, sitting=Sitting())
    assert task.attention("The bee sees.", "Bitė mato.") is None


def test_going_on_keeps_vocabularies_and_refuses_another_shape(task: TranslateTask) -> None:
    config = replace(CONFIG, training=replace(CONFIG.training, learning_rate=1e-3, seed=9))
    found = continued_task(task, config)
    assert found.source is task.source
    for name, value in found.model.state_dict().items():
        assert torch.equal(value, task.model.state_dict()[name])
    other = replace(CONFIG, model=replace(CONFIG.model, cell="rnn"))
    with pytest.raises(OptionError, match="cell is gru in the model to continue, rnn was asked"):
        continued_task(task, other)


def test_pairs_that_are_too_long_are_counted_and_left_out() -> None:
    pairs = CORPUS.train.take(range(40))
    pairs.add(Pair(99, "long " * 100, "ilgas"))
    said: list[str] = []
    one = replace(CONFIG, training=replace(CONFIG.training, epochs=1))
    fit_translator(one, pairs, CORPUS.valid, sitting=Sitting(note=said.append))
    assert said == [
        "1 pair has more than 40 tokens on a side and are not trained on, the first in line 99 of "
        "train; --max-tokens sets the limit"
    ]
    with pytest.raises(InputError, match="at most 40 tokens a side to train on, found none of 1"):
        fit_translator(one, pairs.take([40]), CORPUS.valid, sitting=Sitting())


def test_no_pairs_to_choose_by_are_refused() -> None:
    with pytest.raises(InputError, match="pairs to choose the epoch by, found none"):
        fit_translator(CONFIG, CORPUS.train, Parallel("nothing"), sitting=Sitting())


def parts_of(task: TranslateTask, **changed: object) -> TaskParts:
    return replace(task.to_parts(), **changed)  # type: ignore[arg-type]


def test_a_foreign_configuration_is_refused(task: TranslateTask, apart: TranslateTask) -> None:
    with pytest.raises(BundleError, match="has one object, options; found labels"):
        TranslateTask.shapes(parts_of(task, config={"labels": []}))
    options = dict(task.to_parts().config["options"])
    for part, name, value, told in (
        ("model", "cell", "transformer", "unknown cell 'transformer'"),
        ("model", "encoder_layers", 10**9, "encoder_layers must be at least 1 and below 33"),
        ("model", "hidden_size", 2**40, "hidden_size must be at least 2 and below 65537"),
        ("writing", "beam", 10**6, "beam must be at least 1 and below 129"),
        ("text", "shared", "yes", "text.shared must be of type bool"),
    ):
        changed = {**options, part: {**options[part], name: value}}
        with pytest.raises(BundleError, match=told):
            TranslateTask.shapes(parts_of(task, config={"options": changed}))
    shared = apart.to_parts().tokenizer
    with pytest.raises(BundleError, match="expected the field 'model'"):
        TranslateTask.shapes(parts_of(task, tokenizer=shared))
    with pytest.raises(BundleError, match="expected source and target, as nothing is shared"):
        TranslateTask.shapes(parts_of(apart, tokenizer=task.to_parts().tokenizer))
