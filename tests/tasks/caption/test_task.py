"""A captioner trained, taken apart and put together; and what it is told in training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from vartai.data.captions import CaptionedPicture, CaptionedPictures
from vartai.data.scenes import scene_corpus
from vartai.errors import BundleError, InputError, OptionError
from vartai.images.options import PictureOptions
from vartai.tasks.caption.build import build_captioner
from vartai.tasks.caption.changes import changed
from vartai.tasks.caption.config import (
    CaptionChoice,
    CaptionConfig,
    CaptionerOptions,
    CaptionTraining,
    CaptionWords,
    CaptionWriting,
    ChangeOptions,
    LookingOptions,
)
from vartai.tasks.caption.demo import demo_config, demo_options
from vartai.tasks.caption.examples import captions_of, count_captions, with_captions
from vartai.tasks.caption.fit import fit_captioner, usable
from vartai.tasks.caption.opening import opener
from vartai.tasks.caption.problem import Baseline, CaptionProblem
from vartai.tasks.caption.start import continued_task, fresh_task
from vartai.tasks.caption.task import CaptionTask
from vartai.training.sitting import Sitting, ignore

CORPUS = scene_corpus(train=24, valid=4, test=4, seed=3, grid=4)
TRAIN, VALID, TEST = (part.captioned for part in (CORPUS.train, CORPUS.valid, CORPUS.test))
CONFIG = CaptionConfig(
    pictures=PictureOptions(picture_size=64, places=4, width=4, annotation_size=8),
    text=CaptionWords(min_frequency=1, max_tokens=30),
    model=CaptionerOptions(hidden_size=8, embedding_size=6, attention_size=6),
    choice=CaptionChoice(choose="loss"),
    training=CaptionTraining(epochs=1, batch_size=8, threads=1, device="cpu"),
)


def notes() -> tuple[list[str], Sitting]:
    told: list[str] = []
    return told, Sitting(observer=ignore, note=told.append)


def small_task(**changes: Any) -> CaptionTask:
    torch.manual_seed(1)
    config = replace(CONFIG, **changes)
    captions = [text for own in captions_of(TRAIN) for text in own]
    return fresh_task(config, captions)


def test_a_captioner_is_the_same_after_it_was_taken_apart() -> None:
    task = small_task()
    parts = task.to_parts()
    again = CaptionTask.from_parts(parts)
    assert again.config == task.config
    assert {n: v.shape for n, v in parts.tensors.items()} == dict(CaptionTask.shapes(parts))
    before, after = task.caption(TEST.inputs), again.caption(TEST.inputs)
    assert [one.text for one in before] == [one.text for one in after]


def test_a_picture_has_one_caption_alone_and_among_others() -> None:
    task = small_task()
    together = task.alternatives(TEST.inputs, best=2)
    for place in (3, 0):
        alone = task.alternatives(TEST.inputs[[place]], best=2)[0]
        assert [one.text for one in alone] == [one.text for one in together[place]]
        assert alone[0].log_probability == pytest.approx(together[place][0].log_probability)


def test_looks_add_up_to_one_for_each_word_and_the_end() -> None:
    task = small_task()
    looks = task.looks(TEST.inputs[0], ["a", "red", "nonsense"])
    assert looks.words == ["a", "red", "nonsense", ""]
    assert looks.side == 4
    np.testing.assert_allclose(np.array(looks.weights).sum(1), np.ones(4), rtol=1e-5)
    one = task.looks(TEST.inputs[0], ["a"], CaptionWriting(glance="likeliest"))
    assert sorted(one.weights[0]) == [0.0] * 15 + [1.0]


@pytest.mark.parametrize("attention", ["soft", "hard", "none"])
def test_training_runs_and_is_repeatable(attention: str) -> None:
    config = replace(CONFIG, model=replace(CONFIG.model, attention=attention))
    runs = []
    for _ in range(2):
        _, sitting = notes()
        task, outcome = fit_captioner(config, TRAIN, VALID, sitting=sitting)
        runs.append(task.model.state_dict())
        assert outcome.reason == "epochs"
    for name, value in runs[0].items():
        assert value.equal(runs[1][name]), name


def test_every_caption_of_a_picture_is_in_its_batch_and_counts() -> None:
    items = [
        CaptionedPicture("p", "t", 1, ("a red circle", "a circle")),
        CaptionedPicture("q", "t", 3, ("a square",)),
    ]
    examples = CaptionedPictures("t", items, TRAIN.inputs[:2])
    store = small_task().store(examples)
    assert store.lengths.tolist() == [4 + 3, 3]
    batch = store.batch(np.array([1, 0]))
    assert batch.owner.tolist() == [0, 1, 1]
    assert batch.captions.lengths.tolist() == [2, 3, 2]
    assert store.units(np.array([0])) == 7


def test_captions_too_long_or_of_no_word_are_left_out_and_said() -> None:
    told, sitting = notes()
    long = " ".join(["red"] * 31)
    items = [
        CaptionedPicture("p", "t", 1, ("a red circle", long)),
        CaptionedPicture("q", "t", 3, (long,)),
    ]
    kept = usable(small_task(), CaptionedPictures("t", items, TRAIN.inputs[:2]), sitting.note)
    assert captions_of(kept) == [("a red circle",)]
    assert len(kept.inputs) == 1
    assert told == [
        "2 captions have no or more than 30 words and are not trained on (--max-tokens)."
    ]


def test_training_needs_captions_with_a_known_word() -> None:
    rare = replace(CONFIG, text=CaptionWords(min_frequency=2))
    names = [(f"word{n}",) for n in range(len(TRAIN))]
    _, sitting = notes()
    with pytest.raises(InputError, match="expected captions with a known word, found none"):
        fit_captioner(rare, with_captions(TRAIN, names), VALID, sitting=sitting)
    short = replace(CONFIG, text=CaptionWords(min_frequency=1, max_tokens=2))
    with pytest.raises(InputError, match="expected captions of 1 to 2 words to train on"):
        fit_captioner(short, TRAIN, VALID, sitting=sitting)


def test_an_encoder_that_knows_nothing_cannot_be_frozen() -> None:
    frozen = replace(CONFIG, model=replace(CONFIG.model, freeze=True))
    _, sitting = notes()
    with pytest.raises(OptionError, match="that of a new model knows nothing"):
        fit_captioner(frozen, TRAIN, VALID, sitting=sitting)
    start = small_task()
    task, _ = fit_captioner(frozen, TRAIN, VALID, sitting=sitting, start=start)
    for name, value in start.model.state_dict().items():
        same = value.equal(task.model.state_dict()[name])
        assert same or not name.startswith("encoder."), name
    assert not start.model.words.equal(task.model.words)


def test_hard_goes_on_from_soft_but_not_from_none() -> None:
    hard = replace(CONFIG, model=replace(CONFIG.model, attention="hard"))
    assert continued_task(small_task(), hard).config.model.attention == "hard"
    blind = small_task(model=replace(CONFIG.model, attention="none"))
    with pytest.raises(OptionError, match="attention is none in the model to continue"):
        continued_task(blind, hard)
    wider = replace(CONFIG, pictures=replace(CONFIG.pictures, width=8))
    with pytest.raises(OptionError, match="width is 4 in the model to continue, 8 was asked for"):
        continued_task(small_task(), wider)


def hard_problem(soft_share: float) -> CaptionProblem:
    looking = LookingOptions(soft_share=soft_share)
    model = replace(CONFIG.model, attention="hard")
    task = small_task(model=model, looking=looking)
    config = replace(CONFIG, model=model, looking=looking)
    return CaptionProblem(
        task.model, config, train=task.store(TRAIN), valid=task.store(VALID), bleu=None
    )


def test_the_baseline_is_kept_in_checkpoints_and_moves_only_when_places_are_drawn() -> None:
    problem = hard_problem(0.0)
    assert problem.state() == {}
    for chosen in problem.plan(0):
        problem.loss(chosen)
    value = float(problem.state()["baseline"])
    assert value > 10  # nats of a whole caption
    again = hard_problem(1.0)
    again.load_state(problem.state())
    for chosen in again.plan(0):
        again.loss(chosen)
    assert float(again.state()["baseline"]) == value


def test_a_baseline_is_a_running_mean() -> None:
    baseline = Baseline(0.9)
    baseline.update(torch.tensor([2.0, 4.0]))
    assert baseline.value == pytest.approx(3.0)
    baseline.update(torch.tensor([13.0]))
    assert baseline.value == pytest.approx(4.0)


def test_pictures_are_mirrored_and_moved_one_by_one() -> None:
    torch.manual_seed(0)
    pictures = TRAIN.inputs[:8]
    assert changed(pictures, ChangeOptions()).equal(pictures)
    mirrored = changed(pictures, ChangeOptions(flip=True))
    kinds = [
        "same" if new.equal(old) else "mirrored" if new.equal(old.flip(2)) else "other"
        for new, old in zip(mirrored, pictures, strict=True)
    ]
    assert set(kinds) == {"same", "mirrored"}
    ramp = torch.arange(64, dtype=torch.uint8).expand(4, 3, 64, 64)
    moved = changed(ramp, ChangeOptions(shift=5))
    steps = [int(picture[0, 30, 30]) - 30 for picture in moved]
    assert all(-5 <= step <= 5 for step in steps)
    assert len(set(steps)) > 1
    for picture, step in zip(moved, steps, strict=True):
        assert picture[2, 7].tolist() == [min(63, max(0, n + step)) for n in range(64)]
    annotations = torch.zeros(2, 4, 5)
    assert changed(annotations, ChangeOptions(flip=True, shift=3)) is annotations


def test_given_annotations_are_learned_from_without_an_encoder() -> None:
    config = replace(CONFIG, model=replace(CONFIG.model, encoder="given"))
    random = np.random.default_rng(0)
    given = [
        CaptionedPictures(
            part.file,
            part.items,
            torch.from_numpy(random.standard_normal((len(part), 6, 5)).astype(np.float32)),
        )
        for part in (TRAIN, VALID)
    ]
    told, sitting = notes()
    task, _ = fit_captioner(config, *given, sitting=sitting)
    assert "5 numbers each: unused are width, annotation_size." in told[0]
    assert not list(task.model.encoder.parameters())
    assert task.config.pictures.annotation_size == 5
    assert CaptionTask.from_parts(task.to_parts()).looks(given[0].inputs[0], ["a"]).side is None


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("changes", {"flip": True}),
        ("changes", {"shift": 2}),
        ("model", {"freeze": True}),
    ],
)
def test_what_could_not_touch_given_annotations_is_refused(part: str, change: Any) -> None:
    model = replace(CONFIG.model, encoder="given")
    config = replace(CONFIG, model=model)
    parts = {"model": config.model, "changes": config.changes}
    with pytest.raises(OptionError, match=f"{next(iter(change))}: of no use with encoder given"):
        replace(config, **{part: replace(parts[part], **change)})


def test_of_given_annotations_numbers_are_dropped_in_training() -> None:
    model = replace(CONFIG.model, encoder="given")
    pictures = PictureOptions(annotation_size=5, annotation_dropout=0.5)
    built = build_captioner(replace(CONFIG, model=model, pictures=pictures), vocabulary_size=7)
    annotations = torch.ones(2, 6, 5)
    assert torch.equal(built.eval().see(annotations).memory.values, annotations)
    assert built.train().see(annotations).memory.values.unique().tolist() == [0.0, 2.0]


def test_pictures_to_choose_by_must_be_like_those_to_train_on() -> None:
    config = replace(
        CONFIG, model=replace(CONFIG.model, encoder="given"), pictures=PictureOptions()
    )
    train = CaptionedPictures("t", TRAIN.items, torch.zeros(len(TRAIN), 6, 5))
    valid = CaptionedPictures("v", VALID.items, torch.zeros(len(VALID), 6, 4))
    with pytest.raises(InputError, match=r"v: expected pictures .* \[6, 5\], found \[6, 4\]"):
        fit_captioner(config, train, valid, sitting=notes()[1])


def test_a_bundle_of_another_tokenizer_is_refused() -> None:
    parts = small_task().to_parts()
    with pytest.raises(BundleError, match="has one object, options"):
        CaptionTask.shapes(replace(parts, config={}))


def test_the_demonstration_differs_from_the_usual_in_what_it_says() -> None:
    assert demo_options()["pictures"]["places"] == 4
    assert demo_config(7).training.seed == 7
    assert count_captions(TRAIN) == len(TRAIN)


def test_annotations_of_pictures_are_like_those_of_files_before_them(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((9, 5), dtype=np.float32))
    Image.new("RGB", (16, 16)).save(tmp_path / "b.png")
    config = replace(CONFIG, model=replace(CONFIG.model, encoder="given"))
    open_file = opener(config, trained=False, annotate=lambda _: torch.zeros(1, 4, 5))
    assert open_file(tmp_path / "a.npy").values.shape == (9, 5)
    with pytest.raises(InputError, match="of 9 places × 5 numbers as before, found 4 × 5"):
        open_file(tmp_path / "b.png")
