"""What a tagger's network computes, and how often."""

from __future__ import annotations

import numpy as np
import torch
from tests.tasks.tag.sentences import made, untrained

from vartai.nn.word_shapes import WordShapes


def test_each_distinct_form_of_a_batch_is_spelled_once() -> None:
    corpus = made(("a bb a", "X Y X"), ("bb a ccc", "Y X X"))
    task = untrained(corpus)
    batch = task.read(corpus.rows).batch(np.array([0, 1]))
    assert len(batch.characters) == 3
    assert batch.characters.lengths.tolist() == [1, 2, 3]
    assert batch.forms.tolist() == [0, 1, 0, 1, 0, 2]


def test_a_batch_in_which_a_word_comes_twice_reads_both_alike() -> None:
    corpus = made(("bb a bb", "X Y X"))
    task = untrained(corpus)
    batch = task.read(corpus.rows).batch(np.array([0]))
    shapes = task.model.vectors.shapes
    assert isinstance(shapes, WordShapes)
    vectors = shapes(batch.characters)
    assert vectors.shape == (2, 10)
    torch.testing.assert_close(vectors[batch.forms[0]], vectors[batch.forms[2]])


def test_word_dropout_hides_the_word_but_not_its_characters() -> None:
    corpus = made(("bb a", "X Y"))
    task = untrained(corpus, word_dropout=0.99, input_dropout=0.0)
    batch = task.read(corpus.rows).batch(np.array([0]))
    task.model.train()
    torch.manual_seed(0)
    dropped = task.model.vectors(batch).data.detach()
    task.model.eval()
    whole = task.model.vectors(batch).data.detach()
    size = task.model.vectors.embedding.weight.size(1)
    assert not torch.allclose(dropped[:, :size], whole[:, :size])
    torch.testing.assert_close(dropped[:, size:], whole[:, size:])


def test_the_loss_is_summed_over_words_and_every_part_learns() -> None:
    corpus = made(("bb a ccc", "X Y X"), ("a", "Y"), inputs=True)
    for crf in (False, True):
        task = untrained(corpus, inputs=True, crf=crf)
        store = task.read(corpus.rows)
        batch = store.batch(np.array([0, 1]))
        truth = torch.from_numpy(np.concatenate([task.tag_ids(row) for row in corpus.rows]))
        task.model.eval()
        whole = task.model.loss(task.model(batch), truth)
        parts = [
            task.model.loss(
                task.model(store.batch(np.array([place]))), torch.from_numpy(task.tag_ids(row))
            )
            for place, row in enumerate(corpus.rows)
        ]
        torch.testing.assert_close(whole, parts[0] + parts[1])
        whole.backward()
        without = [name for name, p in task.model.named_parameters() if p.grad is None]
        assert without == []
