"""Training a tagger: it learns, it repeats itself, it goes on, and it says what it noticed."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.tasks.tag.sentences import made, small_config, small_splits

from vartai.errors import InputError, OptionError
from vartai.tasks.tag.experiment import TagReport, run_experiment
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.results import report_as_mapping, verdict
from vartai.training.events import StepDone
from vartai.training.sitting import Sitting, ignore


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    splits = small_splits()
    fitted = [
        fit_tagger(small_config(seed=seed), splits.train, splits.valid, sitting=Sitting())[0]
        for seed in (1, 1, 2)
    ]
    one, again, other = (task.model.output.weight for task in fitted)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_it_learns_what_agrees_and_beats_what_looks_at_no_other_word() -> None:
    splits = small_splits(train=300, rest=60)
    config = small_config(hidden_size=24, character_size=16, embedding_size=24)
    training = replace(config.training, epochs=8, learning_rate=0.02, averaging=0.9)
    notes: list[str] = []
    report = run_experiment(
        replace(config, training=training), splits, sitting=Sitting(note=notes.append)
    )
    assert isinstance(report, TagReport)
    scores = report_as_mapping(report)
    by_word = scores["baselines"]["most_frequent"]["accuracy"]
    assert scores["test"]["accuracy"] > by_word + 0.02
    assert scores["measure"] == "accuracy"
    assert set(scores["test"]) >= {"accuracy", "f1", "unseen_accuracy"}
    assert scores["history"][-1]["train_loss"] < scores["history"][0]["train_loss"]
    assert "accuracy" in verdict(report)
    assert "training the baselines" in notes


def test_spans_are_recognised_and_chosen_by_their_f1() -> None:
    rows = [(f"the cat{n} saw a dog", "B-NP I-NP B-VP B-NP I-NP") for n in range(20)]
    corpus = made(*rows)
    notes: list[str] = []
    task, outcome = fit_tagger(
        small_config(crf=True), corpus, corpus, sitting=Sitting(note=notes.append)
    )
    assert (task.scheme, task.restricted) == ("bio", True)
    assert notes[0] == "The tags are spans in the scheme bio (guessed from how they are spelled)."
    assert 0 <= outcome.history[-1].valid_score <= 1


def test_a_corpus_that_breaks_its_scheme_rules_nothing_out_and_is_told() -> None:
    corpus = made(("a b c", "O I-X O"), ("d e", "B-X I-X"), ("f", "O"))
    notes: list[str] = []
    task, _ = fit_tagger(small_config(crf=True), corpus, corpus, sitting=Sitting(note=notes.append))
    assert not task.restricted
    assert notes[1] == (
        "1 of 3 training sentences break the scheme bio (the first: I-X after O in the sentence of "
        "line 1), so no transition is ruled out."
    )


def test_a_tag_that_training_lacks_counts_as_wrong_and_is_told() -> None:
    train, valid = made(("a b", "X Y"), ("b a", "Y X")), made(("a b", "X Q"))
    notes: list[str] = []
    _, outcome = fit_tagger(small_config(), train, valid, sitting=Sitting(note=notes.append))
    assert notes == ["1 words of made have tags that training lacks (Q); they count as wrong."]
    assert outcome.history[-1].valid_score <= 0.5


def test_one_tag_is_nothing_to_learn() -> None:
    corpus = made(("a b", "X X"))
    with pytest.raises(InputError, match="at least two different tags, found only 'X'"):
        fit_tagger(small_config(), corpus, corpus, sitting=Sitting())


def test_an_interrupted_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    splits, config = small_splits(), small_config()
    whole, _ = fit_tagger(config, splits.train, splits.valid, sitting=Sitting())

    def stop(event: object) -> None:
        if isinstance(event, StepDone) and (event.epoch, event.step) == (2, 1):
            signal.raise_signal(signal.SIGINT)

    sitting = Sitting(observer=stop, checkpoint=tmp_path / "checkpoint.safetensors")
    _, outcome = fit_tagger(config, splits.train, splits.valid, sitting=sitting)
    assert outcome.reason == "interrupted"
    go_on = replace(sitting, observer=ignore, resume=True)
    again, outcome = fit_tagger(config, splits.train, splits.valid, sitting=go_on)
    assert outcome.reason == "epochs"
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_it_goes_on_from_another_with_more_words_and_characters() -> None:
    first = made(("a b", "X Y"), ("b a", "Y X"))
    second = made(("a č", "X Y"), ("č a", "Y X"))
    config = small_config()
    start, _ = fit_tagger(config, first, first, sitting=Sitting())
    notes: list[str] = []
    task, _ = fit_tagger(config, second, second, sitting=Sitting(note=notes.append), start=start)
    assert task.vocabulary.words == (*start.vocabulary.words, "č")
    assert task.vocabulary.characters == start.vocabulary.characters + "č"
    assert notes == ["vocabulary extended from 4 words by 1"]
    with pytest.raises(InputError, match="line 1: tag 'Z' is not among the model's: X, Y"):
        fit_tagger(config, made(("a", "Z")), first, sitting=Sitting(), start=start)
    with pytest.raises(OptionError, match="cell is lstm in the model to continue, gru was asked"):
        fit_tagger(small_config(cell="gru"), second, second, sitting=Sitting(), start=start)


def test_word_vectors_replace_the_random_ones(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("a 1 2 3 4 5 6\nzzz 0 0 0 0 0 0\n", encoding="utf-8")
    corpus = made(("a b", "X Y"))
    notes: list[str] = []
    config = small_config(embeddings=str(file))
    config = replace(config, training=replace(config.training, learning_rate=1e-9))
    task, _ = fit_tagger(config, corpus, corpus, sitting=Sitting(note=notes.append))
    found = task.model.vectors.embedding.weight[task.vocabulary.word_ids(["a"])[0]]
    torch.testing.assert_close(found.detach(), torch.arange(1.0, 7.0))
    assert f"1 of 4 words found in {file}" in notes
    with pytest.raises(OptionError, match="have 6 numbers, embedding_size is 7"):
        fit_tagger(
            small_config(embeddings=str(file), embedding_size=7), corpus, corpus, sitting=Sitting()
        )
