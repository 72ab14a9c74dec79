"""A tagger answers for each sentence as if it were alone, and survives being taken apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tasks.tag.sentences import made, untrained

from vartai.data.tagged.blocks import Sentence
from vartai.errors import BundleError, InputError, OptionError
from vartai.tasks.parts import TaskParts
from vartai.tasks.tag.task import TagTask

CORPUS = made(("a bb ccc a bb", "X Y Z X Y"), ("ccc", "Z"), inputs=True)
TASKS = {
    kind: untrained(CORPUS, inputs=True, **options)
    for kind, options in {
        "lstm": {"cell": "lstm"},
        "gru, crf": {"cell": "gru", "crf": True, "layers": 2},
        "rnn, affixes": {"cell": "rnn", "affixes": 3, "bidirectional": False},
        "no characters": {"character_size": 0, "affixes": 0},
    }.items()
}

words = st.text("abcé-", min_size=1, max_size=6)
sentences = st.lists(st.lists(words, min_size=1, max_size=9), min_size=1, max_size=6)


def sentence(spelled: list[str]) -> Sentence:
    return Sentence(1, tuple(spelled), (), (tuple(word[:1] for word in spelled),))


def scores(task: TagTask, rows: list[Sentence]) -> list[torch.Tensor]:
    """Scores of the words of each sentence, in the order of the sentences."""
    found: list[torch.Tensor] = [torch.zeros(0)] * len(rows)
    for chosen, batch in task.batches(task.read(rows)):
        for place, own in zip(chosen.tolist(), batch.split(), strict=True):
            found[place] = own
    return found


@pytest.mark.parametrize("kind", TASKS)
@settings(deadline=None, max_examples=12)
@given(spelled=sentences, seed=st.integers(0, 99))
def test_a_sentence_alone_in_a_batch_and_in_any_order_gets_the_same_answer(
    kind: str, spelled: list[list[str]], seed: int
) -> None:
    task = TASKS[kind]
    rows = [sentence(each) for each in spelled]
    together = scores(task, rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    turned = scores(task, [rows[place] for place in order])
    for place, own in zip(order.tolist(), turned, strict=True):
        torch.testing.assert_close(own, together[place], rtol=1e-4, atol=1e-5)
    for row, own in zip(rows, together, strict=True):
        torch.testing.assert_close(scores(task, [row])[0], own, rtol=1e-4, atol=1e-5)
        assert own.shape == (len(row.words), 3)


def test_one_direction_never_looks_ahead() -> None:
    task = TASKS["rnn, affixes"]
    one, other = scores(task, [sentence(["a", "bb", "c"]), sentence(["a", "bb", "zz"])])
    torch.testing.assert_close(one[:2], other[:2])
    both = TASKS["lstm"]
    one, other = scores(both, [sentence(["a", "bb", "c"]), sentence(["a", "bb", "zz"])])
    assert not torch.allclose(one[:2], other[:2])


def test_an_unseen_word_is_told_by_its_characters() -> None:
    rows = [sentence(["qqa"]), sentence(["qqé"])]
    assert not torch.allclose(*scores(TASKS["lstm"], rows))
    assert torch.allclose(*scores(TASKS["no characters"], rows))


def test_the_case_of_a_word_is_in_its_characters_alone() -> None:
    rows = [sentence(["bb"]), sentence(["Bb"])]
    vocabulary = TASKS["lstm"].vocabulary
    assert vocabulary.word_ids(["bb"]) == vocabulary.word_ids(["Bb"])
    assert not torch.allclose(*scores(TASKS["lstm"], rows))


@pytest.mark.parametrize("kind", TASKS)
def test_taken_apart_and_put_together_it_gives_the_same_tags(kind: str) -> None:
    task = TASKS[kind]
    parts = task.to_parts()
    assert {name: value.shape for name, value in parts.tensors.items()} == TagTask.shapes(parts)
    again = TagTask.from_parts(parts)
    rows = [sentence(["a", "new", "ccc"])]
    torch.testing.assert_close(scores(again, rows), scores(task, rows))
    assert (again.tags, again.scheme, again.config) == (task.tags, task.scheme, task.config)


def test_no_tags_break_a_scheme_that_is_kept_to() -> None:
    corpus = made(("a b c d", "B-X I-X O B-Y"), ("e", "I-Y"))
    task = untrained(corpus, scheme="bio", crf=True)
    rows = [Sentence(1, tuple("abcde"), (), ()), *corpus.rows]
    for tags in task.predict(rows):
        before = "O"
        for tag in tags:
            assert not tag.startswith("I-") or before[1:] == tag[1:]
            before = tag


def test_a_sentence_without_its_input_column_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"expected 1 input columns beside the words \(2\), found 0"
    ):
        TASKS["lstm"].predict([Sentence(3, ("a",), (), ())])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tags": ["X"]}, "tags should be at least two, each once"),
        ({"tags": ["X", "X"]}, "tags should be at least two, each once"),
        ({"tags": "XY"}, "tags should be a list of strings"),
        ({"tags": ["X", ""]}, "none empty"),
        ({"scheme": "iob"}, "scheme should be one of none, bio, iobes"),
        ({"restricted": 1}, "restricted should be true or false"),
        ({"options": []}, "options should be an object"),
        ({"extra": 1}, "a tagger's config has options, tags, scheme and restricted"),
        ({"options": {"model": {"cell": "lstn"}}}, "Did you mean 'lstm'"),
        ({"options": {"model": {"affixes": 10**9}}}, "affixes must be at most 16"),
        ({"options": {"model": {"layers": 10**9}}}, "layers must be at most 64"),
    ],
)
def test_a_hostile_configuration_is_refused(change: dict[str, object], says: str) -> None:
    parts = TASKS["lstm"].to_parts()
    forged = TaskParts({**parts.config, **change}, parts.tensors, parts.tokenizer)
    with pytest.raises(BundleError, match=says):
        TagTask.shapes(forged)


def test_a_field_over_immensely_many_tags_is_refused_at_once() -> None:
    parts = TASKS["gru, crf"].to_parts()
    many = {"tags": [str(number) for number in range(10_000)], "scheme": "bio", "restricted": True}
    forged = TaskParts({**parts.config, **many}, parts.tensors, parts.tokenizer)
    with pytest.raises(OptionError, match="crf scores pairs of tags, of at most 1,000 tags"):
        TagTask.shapes(forged)


def test_immense_sizes_are_never_allocated() -> None:
    parts = TASKS["lstm"].to_parts()
    options = {**parts.config["options"]}
    options["model"] = {**options["model"], "hidden_size": 10**6, "embedding_size": 10**6}
    shapes = TagTask.shapes(
        TaskParts({**parts.config, "options": options}, parts.tensors, parts.tokenizer)
    )
    assert shapes["vectors.embedding.weight"][1] == 10**6


def test_columns_that_the_vocabulary_lacks_are_refused() -> None:
    parts = TASKS["lstm"].to_parts()
    options = {**parts.config["options"]}
    options["reading"] = {**options["reading"], "input_column": []}
    forged = TaskParts({**parts.config, "options": options}, parts.tensors, parts.tokenizer)
    with pytest.raises(BundleError, match="expected 0 columns, as in config.json, found 1"):
        TagTask.shapes(forged)
