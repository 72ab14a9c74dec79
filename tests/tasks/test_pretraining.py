"""What a reader learns from texts before labels."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.tasks.classify.texts import TINY, colours, tiny
from tests.tasks.tag.sentences import small_config, small_splits

from vartai.data.batches import TokenStore
from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.sentences import Sentences
from vartai.errors import InputError, OptionError
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.lstm import LSTM
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.pretraining import Texts, pretrain
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.tasks.tag.fit import fit_tagger
from vartai.training.events import EpochDone, Event, StepDone
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting

OPTIONS = PretrainingOptions(
    pretrain=True, pretrain_epochs=2, pretrain_rate=0.02, pretrain_dropout=0.0, samples=20
)
PRETRAINED = replace(TINY, pretraining=OPTIONS, training=replace(TINY.training, epochs=4))


def _vectors(word_dropout: float = 0.0) -> TokenVectors:
    return TokenVectors(
        embedding=Embedding(12, 8),
        affixes=None,
        word_dropout=WordDropout(word_dropout, 1),
        feature_dropout=LockedDropout(0.0),
    )


def _counting(texts: int) -> Texts:
    """Sequences that count up in threes or in fives, round twelve: neighbours follow a rule."""
    random = np.random.default_rng(0)
    begin, by = random.integers(0, 12, texts), random.choice([3, 5], texts)
    store = TokenStore([(b + s * np.arange(9)) % 12 for b, s in zip(begin, by, strict=True)])
    return Texts(store, lambda batch: batch, 12)


@pytest.mark.parametrize(("layers", "bidirectional"), [(1, True), (2, True), (2, False)])
def test_the_neighbours_are_learned_and_the_encoder_is_the_one_that_learned(
    layers: int, bidirectional: bool
) -> None:
    torch.manual_seed(0)
    encoder = LSTM(8, 12, num_layers=layers, bidirectional=bidirectional)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    losses: list[float] = []

    def observe(event: Event) -> None:
        if isinstance(event, EpochDone):
            losses.append(event.valid_loss)

    pretrain(
        _vectors(),
        encoder,
        _counting(300),
        options=replace(OPTIONS, pretrain_epochs=16),
        training=TrainingOptions(batch_size=32, warmup=5, averaging=0.9, patience=25, threads=1),
        sitting=Sitting(observer=observe),
        identity="",
        counted=False,
    )
    # Two of nine tokens of a sequence, its first two, leave its rule open; the others follow.
    assert losses[0] > 1.5
    assert losses[-1] < 0.9
    changed = {
        name for name, value in encoder.state_dict().items() if (value != before[name]).any()
    }
    upper = {name for name in before if name.endswith(("_l1", "_l1_reverse"))}
    assert changed == set(before) - (upper if bidirectional else set())


def test_no_word_is_hidden_and_afterwards_as_many_as_before() -> None:
    vectors = _vectors(0.9)
    shares: list[float] = []
    pretrain(
        vectors,
        LSTM(8, 12, bidirectional=True),
        _counting(40),
        options=OPTIONS,
        training=TrainingOptions(threads=1),
        sitting=Sitting(observer=lambda event: shares.append(vectors.word_dropout.share)),
        identity="",
        counted=False,
    )
    assert set(shares) == {0.0}
    assert vectors.word_dropout.share == 0.9


def test_batches_are_as_large_as_pretraining_says() -> None:
    options = replace(OPTIONS, pretrain_epochs=1, pretrain_batch_tokens=45)
    steps: set[int] = set()

    def observe(event: Event) -> None:
        if isinstance(event, StepDone):
            steps.add(event.steps)

    pretrain(
        _vectors(),
        LSTM(8, 12),
        _counting(40),
        options=options,
        training=TrainingOptions(batch_size=32, threads=1),
        sitting=Sitting(observer=observe),
        identity="",
        counted=False,
    )
    assert steps == {8}  # of 39 sequences of nine tokens, five a batch


def test_one_text_is_too_little() -> None:
    with pytest.raises(InputError, match="expected at least two texts to pretrain on"):
        pretrain(
            _vectors(),
            LSTM(8, 4),
            _counting(1),
            options=OPTIONS,
            training=TrainingOptions(),
            sitting=Sitting(),
            identity="",
            counted=False,
        )


def _fit(config: ClassifyConfig, **sitting: object) -> tuple[ClassifyTask, str]:
    texts = colours()
    task, outcome = fit_classifier(
        config,
        texts,
        texts,
        sitting=Sitting(**sitting),  # type: ignore[arg-type]
        unlabelled=["the green wall is here", "a purple boat is there", "the red road is here"] * 5,
    )
    return task, outcome.reason


def _equal(one: ClassifyTask, other: ClassifyTask) -> bool:
    pairs = zip(one.model.state_dict().items(), other.model.state_dict().items(), strict=True)
    return all(a == b and torch.equal(v, w) for (a, v), (b, w) in pairs)


def test_vectors_are_counted_first_unless_they_were_given(tmp_path: Path) -> None:
    small = replace(PRETRAINED, model=replace(PRETRAINED.model, embedding_size=4))
    file = tmp_path / "vectors.txt"
    file.write_text("wall 1 2 3 4\n")
    given = replace(small, model=replace(small.model, embeddings=str(file)))
    for config, expected in ((small, True), (given, False)):
        notes: list[str] = []
        _fit(config, note=notes.append)
        assert any("counted from the texts" in note for note in notes) == expected


@pytest.mark.parametrize("cell", ["lstm", "bag"])
def test_without_an_epoch_of_the_language_model_vectors_are_counted_alone(cell: str) -> None:
    stages: list[str] = []
    notes: list[str] = []
    none = replace(
        PRETRAINED,
        model=replace(PRETRAINED.model, cell=cell, embedding_size=4),
        pretraining=replace(OPTIONS, pretrain_epochs=0),
    )
    _, reason = _fit(none, observer=lambda event: stages.append(event.stage), note=notes.append)
    assert any("counted from the texts" in note for note in notes)
    assert set(stages) == {"training"}
    assert reason == "epochs"


def test_words_of_texts_without_labels_are_in_the_vocabulary() -> None:
    task, _ = _fit(PRETRAINED)
    assert "purple" in task.tokenizer.tokens(range(task.tokenizer.size))


@pytest.mark.parametrize("epoch", [("pretraining", 1), ("training", 2)])
def test_a_run_interrupted_anywhere_resumes_to_the_same_result(
    tmp_path: Path, epoch: tuple[str, int]
) -> None:
    notes: list[str] = []
    counted = replace(PRETRAINED, model=replace(PRETRAINED.model, embedding_size=4))
    whole, _ = _fit(counted, note=notes.append)
    assert any("counted from the texts" in note for note in notes)
    checkpoint = tmp_path / "checkpoint.safetensors"

    def interrupt(event: Event) -> None:
        if isinstance(event, EpochDone) and (event.stage, event.epoch) == epoch:
            signal.raise_signal(signal.SIGINT)

    _, reason = _fit(counted, checkpoint=checkpoint, observer=interrupt)
    assert reason == "interrupted"
    assert checkpoint.exists() == (epoch[0] == "training")
    resumed, reason = _fit(counted, checkpoint=checkpoint, resume=True)
    assert reason == "epochs"
    assert _equal(whole, resumed)


def test_what_has_no_use_is_refused() -> None:
    texts = colours()
    with pytest.raises(OptionError, match="texts without labels are for pretraining"):
        fit_classifier(TINY, texts, texts, sitting=Sitting(), unlabelled=["a text"])
    with pytest.raises(OptionError, match="a bag reads no order, so it has no language model"):
        replace(tiny(cell="bag"), pretraining=OPTIONS)
    given = replace(TINY.model, embeddings="vectors.txt")
    with pytest.raises(OptionError, match=r"only counts vectors, and vectors.txt gives them"):
        replace(TINY, model=given, pretraining=replace(OPTIONS, pretrain_epochs=0))
    tagger = small_config()
    with pytest.raises(OptionError, match=r"only counts vectors, and vectors.txt gives them"):
        replace(
            tagger,
            model=replace(tagger.model, embeddings="vectors.txt"),
            pretraining=replace(OPTIONS, pretrain_epochs=0),
        )
    start, _ = fit_classifier(TINY, texts, texts, sitting=Sitting())
    with pytest.raises(OptionError, match="knows its language already"):
        fit_classifier(PRETRAINED, texts, texts, sitting=Sitting(), start=start)


def test_a_tagger_is_pretrained_on_sentences_with_tags_and_without() -> None:
    config = replace(small_config(), pretraining=OPTIONS)
    splits = small_splits()
    notes: list[str] = []
    stages: list[str] = []
    task, outcome = fit_tagger(
        config,
        splits.train,
        splits.valid,
        sitting=Sitting(note=notes.append, observer=lambda event: stages.append(event.stage)),
        unlabelled=Sentences("more", [Sentence(1, ("purple", "rain"), (), ())] * 4),
    )
    assert outcome.reason == "epochs"
    assert list(dict.fromkeys(stages)) == ["pretraining", "training"]
    assert f"pretraining on {len(splits.train) + 4} sentences" in notes
    assert "purple" in task.vocabulary.words
    with pytest.raises(OptionError, match="sentences without tags are for pretraining"):
        fit_tagger(
            replace(config, pretraining=PretrainingOptions()),
            splits.train,
            splits.valid,
            sitting=Sitting(),
            unlabelled=Sentences("more", []),
        )
