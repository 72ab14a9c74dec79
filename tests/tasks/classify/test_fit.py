from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.tasks.classify.texts import TINY, colours, tiny

from vartai.bundle.trained import load_task, save_task
from vartai.data.examples import Examples
from vartai.data.options import TableOptions
from vartai.errors import InputError, OptionError
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.evaluation import evaluate, shuffled_accuracy, wrong_predictions
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.options import TextOptions
from vartai.training.sitting import Sitting


def fit(config: ClassifyConfig = TINY, **others: object) -> ClassifyTask:
    texts = colours(several=config.table.label_separator is not None)
    task, _ = fit_classifier(config, texts, texts, sitting=Sitting(), **others)  # type: ignore[arg-type]
    return task


@pytest.mark.parametrize("pool", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("cell", ["bag", "rnn", "lstm", "gru"])
def test_every_cell_and_pool_learns(cell: str, pool: str) -> None:
    task = fit(tiny(cell=cell, pool=pool))
    assert evaluate(task, colours()).accuracy == 1.0


def test_learns_several_labels_a_text() -> None:
    config = replace(TINY, table=TableOptions(label_separator="|"))
    task = fit(config)
    found = evaluate(task, colours(several=True))
    assert found.accuracy > 0.9
    assert found.confusion is None
    shares = task.probabilities(["the red boat is here and blue"])
    assert shares.sum() > 1.5


def test_probabilities_add_up_and_do_not_depend_on_the_company() -> None:
    task = fit()
    texts = colours().texts
    together = task.probabilities(texts)
    alone = np.concatenate([task.probabilities([text]) for text in texts])
    np.testing.assert_allclose(together.sum(1), 1.0)
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_an_empty_text_and_one_of_unknown_words_get_probabilities() -> None:
    shares = fit().probabilities(["", "zzz qqq"])
    np.testing.assert_allclose(shares.sum(1), 1.0)


def test_the_same_seed_gives_the_same_model_and_another_seed_another() -> None:
    one, two = fit(tiny(word_dropout=0.2)), fit(tiny(word_dropout=0.2))
    other = fit(replace(TINY, training=replace(TINY.training, seed=1)))
    for name, value in one.model.state_dict().items():
        assert torch.equal(value, two.model.state_dict()[name]), name
    assert not torch.equal(one.model.output.weight, other.model.output.weight)


def test_a_saved_model_gives_the_same_scores_to_the_bit(tmp_path: Path) -> None:
    task = fit(tiny(wide=True))
    save_task(tmp_path / "model", "classify", task, metrics={}, card="")
    again = load_task(tmp_path / "model").task
    texts = [*colours().texts, "", "unheard-of words"]
    assert np.array_equal(task.scores(texts), again.scores(texts))
    assert again.labels == task.labels
    assert again.config == task.config


def test_the_wide_path_adds_its_scores_and_can_be_left_out() -> None:
    task = fit(tiny(wide=True))
    texts = colours().texts
    assert task.wide is not None
    assert task.blend.wide > 0
    recurrent = task.alone().scores(texts)
    expected = recurrent + task.blend.wide * task.wide.scores(texts)
    np.testing.assert_allclose(task.scores(texts), expected)


def test_balanced_class_weights_help_a_rare_class() -> None:
    examples = colours()
    rare = [row for row, labels in enumerate(examples.labels) if labels == ("red",)][2:]
    few = examples.take([row for row in range(len(examples)) if row not in rare])
    training = replace(TINY.training, epochs=4, learning_rate=0.01)
    shares = []
    for weights in ("none", "balanced"):
        config = replace(tiny(class_weights=weights), training=training)
        task, _ = fit_classifier(config, few, few, sitting=Sitting())
        shares.append(task.probabilities(examples.texts)[:, task.labels.index("red")].mean())
    assert shares[1] > shares[0]


def test_goes_on_from_a_model_with_a_larger_vocabulary() -> None:
    start = fit()
    notes: list[str] = []
    new = colours()
    new.texts = [text.replace("here", "gone") for text in new.texts]
    short = replace(TINY, training=replace(TINY.training, epochs=1))
    task, _ = fit_classifier(short, new, new, sitting=Sitting(note=notes.append), start=start)
    assert task.tokenizer.size == start.tokenizer.size + 1
    assert any("vocabulary extended from" in note and "(+1)" in note for note in notes)
    assert evaluate(task, new).accuracy == 1.0
    with pytest.raises(OptionError, match="cell is lstm in the model to continue, gru was asked"):
        fit(tiny(cell="gru"), start=start)


def test_with_affixes_a_word_never_seen_is_read_by_its_ends(tmp_path: Path) -> None:
    stems = [f"{first}{second}t" for first in "bdfgklm" for second in "aeiou"]
    texts = Examples("endings")
    for line, stem in enumerate(stems, start=1):
        texts.texts += [f"they {stem}ed", f"they {stem}ing"]
        texts.labels += [("past",), ("present",)]
        texts.lines += [line, line]
    seen, unseen = texts.take(list(range(40))), texts.take(list(range(40, 70)))
    right = {}
    for affixes in (0, 3):
        config = replace(TINY, text=TextOptions(affixes=affixes))
        task, _ = fit_classifier(config, seen, seen, sitting=Sitting())
        right[affixes] = evaluate(task, unseen).accuracy
    assert right[0] == 0.5
    assert right[3] > 0.9
    save_task(tmp_path / "model", "classify", task, metrics={}, card="")
    again = load_task(tmp_path / "model").task
    assert np.array_equal(task.scores(unseen.texts), again.scores(unseen.texts))
    with pytest.raises(OptionError, match="affixes is 3 in the model to continue, 0 was asked"):
        fit_classifier(TINY, seen, seen, sitting=Sitting(), start=task)


def test_segments_begin_anew_and_are_pooled_as_one_text() -> None:
    task = fit(tiny(segment=2))
    assert evaluate(task, colours()).accuracy == 1.0
    model = task.model
    ids = SequenceBatch(torch.tensor([2, 3, 4, 5, 6]), torch.tensor([5]))
    whole = model.encode(ids).data
    for first in (0, 2, 4):
        piece = ids.data[first : first + 2]
        alone = model.encode(SequenceBatch(piece, torch.tensor([len(piece)])))
        assert torch.equal(alone.data, whole[first : first + 2])
    with pytest.raises(OptionError, match="pool last would see no segment but the last"):
        tiny(segment=2, pool="last")


def test_new_data_with_a_new_label_is_refused_by_line() -> None:
    start = fit()
    new = colours()
    new.labels[4] = ("purple",)
    with pytest.raises(InputError, match="line 5: label 'purple' is not among the model's: blue"):
        fit_classifier(TINY, new, new, sitting=Sitting(), start=start)


def test_starts_from_word_vectors_and_says_how_many_were_found(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    rows = [
        f"{word} " + " ".join(str(n + k) for n in range(8))
        for k, word in enumerate(["red", "zebra"])
    ]
    path.write_text("\n".join(rows) + "\n")
    notes: list[str] = []
    config = replace(
        tiny(embeddings=str(path), hidden_size=4),
        training=replace(TINY.training, epochs=1, learning_rate=1e-9),
    )
    texts = colours()
    task, _ = fit_classifier(config, texts, texts, sitting=Sitting(note=notes.append))
    assert any("1 of" in note and "tokens found" in note for note in notes)
    place = task.tokenizer.tokens(range(task.tokenizer.size)).index("red")
    torch.testing.assert_close(
        task.model.vectors.embedding.weight[place].detach(), torch.arange(8.0), atol=1e-5, rtol=0
    )
    with pytest.raises(OptionError, match="its vectors have 8 numbers, embedding_size is 5"):
        fit_classifier(
            tiny(embeddings=str(path), embedding_size=5), texts, texts, sitting=Sitting()
        )


def test_one_class_is_refused() -> None:
    texts = colours()
    texts.labels = [("red",)] * len(texts)
    with pytest.raises(InputError, match="expected at least two classes, found only 'red'"):
        fit_classifier(TINY, texts, texts, sitting=Sitting())


def test_wrong_predictions_come_with_their_line_the_most_confident_first() -> None:
    task = fit()
    texts = colours()
    texts.labels[0] = ("blue",)
    texts.labels[9] = ("green",)
    found = list(wrong_predictions(task, texts, evaluate(task, texts)))
    assert sorted(wrong.line for wrong in found) == [1, 10]
    assert found[0].confidence >= found[1].confidence
    assert {wrong.predicted for wrong in found} == {("red",)}


def test_an_unknown_label_at_evaluation_is_named_with_its_line() -> None:
    task = fit()
    texts = colours()
    texts.labels[2] = ("mauve",)
    with pytest.raises(InputError, match=r"colours, line 3: label 'mauve' is not among"):
        evaluate(task, texts)


def test_a_bag_reads_shuffled_words_as_well_as_any() -> None:
    task = fit(tiny(cell="bag"))
    assert shuffled_accuracy(task, colours(), seed=0) == evaluate(task, colours()).accuracy
