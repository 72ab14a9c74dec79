"""Translators and readers that are cut say what they say whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.inspect.test_pairs_of_texts import SOURCE, TARGET, reader, story_reader, translator

from vartai.errors import InputError, OptionError
from vartai.inspect.cut import Cut
from vartai.inspect.cuts.answer import cut_answer
from vartai.inspect.cuts.translate import cut_translation
from vartai.sequences import SequenceBatch
from vartai.tasks.answer.texts import Asked

CONTEXT, QUESTION = "a cat sat on a mat and a dog ran", "who sat ?"


def require_differentiable_and_alone(made: Cut) -> None:
    """A gradient reaches every vector, and two of the text say twice what one says."""
    vectors = made.vectors.with_data(made.vectors.data.clone().requires_grad_())
    made.read(vectors).sum().backward()
    assert vectors.data.grad is not None
    assert (vectors.data.grad.abs().sum(1) > 0).all()
    once = made.read()
    twice = made.read(SequenceBatch.from_sequences([made.vectors.data] * 2))
    torch.testing.assert_close(twice, torch.cat([once, once]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"input_feeding": True}, {"attention": "none"}], ids=str)
def test_a_translator_cut_gives_the_probability_of_the_translation(
    options: dict[str, object],
) -> None:
    task = translator(**options)
    made = cut_translation(task, SOURCE, TARGET)
    store = task.store([SOURCE], [TARGET])
    source, target = (
        part.batch(np.zeros(1, dtype=np.int64)) for part in (store.source, store.target)
    )
    nats = task.model(source, target).total
    torch.testing.assert_close(made.read(), -nats.reshape(1, 1), rtol=1e-4, atol=1e-4)
    assert "".join(token.text for token in made.tokens[0]) == SOURCE
    require_differentiable_and_alone(made)


def test_a_reader_cut_gives_the_scores_of_the_whole() -> None:
    task = reader()
    made = cut_answer(task, CONTEXT, QUESTION)
    whole = task.model(task.read_spans([Asked(CONTEXT, QUESTION)]).batch(np.zeros(1, np.int64)))
    scores = made.read()
    assert torch.equal(scores, torch.stack([whole.start, whole.end], 1))
    assert made.jointly is not None
    shares = made.jointly(made.vectors.with_data(scores))
    torch.testing.assert_close(shares.sum(0), torch.ones(2))
    assert [token.text for token in made.tokens[0]] == CONTEXT.split()
    require_differentiable_and_alone(made)


def test_what_cannot_be_cut_is_refused() -> None:
    with pytest.raises(OptionError, match="^a decoder of LSTM cells begins with the encoder's"):
        cut_translation(translator(cell="lstm"), SOURCE)
    with pytest.raises(InputError, match="^source: expected at least one token, found none"):
        cut_translation(translator(), " ")
    with pytest.raises(OptionError, match="^a reader of stories reads them several times"):
        cut_answer(story_reader(), CONTEXT, QUESTION)
    with pytest.raises(InputError, match="^passage: expected at least one token, found none"):
        cut_answer(reader(), "", QUESTION)
