"""A language model says the same of a text alone, in a batch, in chunks, and step by step."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vartai.models.language_model import RecurrentLanguageModel, select_rows
from vartai.models.stepped_language_model import LanguageState, SteppedLanguageModel
from vartai.sequences import SequenceBatch
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions

V = 13
MODELS = {
    "lstm": LanguageModelOptions(hidden_size=9, embedding_size=5, layers=2),
    "gru, tied, in bands": LanguageModelOptions(
        cell="gru", hidden_size=6, embedding_size=6, tied=True, softmax="adaptive", cutoffs=("4",)
    ),
    "rnn, tied, projected": LanguageModelOptions(
        cell="rnn", hidden_size=7, embedding_size=4, tied=True
    ),
}


def build(name: str) -> RecurrentLanguageModel:
    torch.manual_seed(3)
    config = GenerateConfig(model=MODELS[name])
    return build_language_model(config, vocabulary_size=V, unknown_id=1).eval()


texts = st.lists(st.lists(st.integers(0, V - 1), min_size=2, max_size=12), min_size=1, max_size=5)


def nats(model: RecurrentLanguageModel, sequences: list[list[int]]) -> list[torch.Tensor]:
    """Of all but the first token of each."""
    ids = SequenceBatch.from_sequences([torch.tensor(s[:-1]) for s in sequences])
    targets = torch.cat([torch.tensor(s[1:]) for s in sequences])
    with torch.inference_mode():
        found, _ = model(ids, targets, model.fresh_state(len(sequences)))
    return list(torch.split(found, ids.lengths.tolist()))


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(sequences=texts)
def test_a_text_is_foretold_alike_alone_and_beside_others(
    name: str, sequences: list[list[int]]
) -> None:
    model = build(name)
    for sequence, together in zip(sequences, nats(model, sequences), strict=True):
        assert torch.allclose(nats(model, [sequence])[0], together, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(sequence=st.lists(st.integers(0, V - 1), min_size=3, max_size=20), data=st.data())
def test_a_text_is_foretold_alike_whole_and_in_chunks(
    name: str, sequence: list[int], data: st.DataObject
) -> None:
    model = build(name)
    cut = data.draw(st.integers(1, len(sequence) - 2))
    state, found = model.fresh_state(1), []
    for part in (sequence[: cut + 1], sequence[cut:]):
        ids = SequenceBatch.from_sequences([torch.tensor(part[:-1])])
        with torch.inference_mode():
            piece, state = model(ids, torch.tensor(part[1:]), state)
        found.append(piece)
    assert torch.allclose(torch.cat(found), nats(model, [sequence])[0], atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(sequence=st.lists(st.integers(0, V - 1), min_size=2, max_size=15), data=st.data())
def test_stepping_gives_what_reading_all_again_gives(
    name: str, sequence: list[int], data: st.DataObject
) -> None:
    model = build(name)
    step = SteppedLanguageModel(model)
    cut = data.draw(st.integers(1, len(sequence) - 1))
    scores, state = step.begin(torch.tensor(sequence[:cut]))
    for place, token in enumerate(sequence[cut:], start=cut):
        scores, state = step([token], state)
        again, _ = step.begin(torch.tensor(sequence[: place + 1]))
        assert torch.allclose(scores, again, atol=1e-5)
    assert scores.exp().sum() == pytest.approx(1.0, abs=1e-5)


def test_rows_of_a_state_are_selected_in_any_order() -> None:
    step = SteppedLanguageModel(build("lstm"))
    _, state = step.begin(torch.tensor([3, 4]))
    _, three = step([5, 6, 7], state.select(torch.zeros(3, dtype=torch.int64)))
    chosen = three.select(torch.tensor([2, 0]))
    scores, _ = step([8, 8], chosen)
    for row, token in enumerate((7, 5)):
        expected, _ = step.begin(torch.tensor([3, 4, token, 8]))
        assert torch.allclose(scores[row], expected[0], atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_a_spare_state_gives_its_memory_and_no_other_is_changed(name: str) -> None:
    step = SteppedLanguageModel(build(name))
    _, first = step.begin(torch.tensor([3, 4]))
    before = [part.clone() for state in first.layers for part in state]
    expected, spare = step([5], first)
    scores, after = step([5], first, spare)
    assert after is spare
    assert torch.equal(scores, expected)
    _, two = step([5, 6], first.select(torch.zeros(2, dtype=torch.int64)), spare)
    assert two.rows == 2  # a spare state of one row is no room for two
    for part, own in zip([p for state in first.layers for p in state], before, strict=True):
        assert torch.equal(part, own)


def test_a_state_goes_back_and_forth_between_layers_and_rows() -> None:
    model = build("lstm")
    _, state = model.read(
        SequenceBatch.from_sequences([torch.tensor([1, 2])]), model.fresh_state(1)
    )
    for part, again in zip(state, LanguageState.of(state).stacked(), strict=True):
        assert torch.equal(part, again)
    twice = select_rows(state, torch.tensor([0, 0]))
    assert [tuple(part.shape) for part in twice] == [(2, 2, 9), (2, 2, 9)]


def test_a_reset_forgets_all_that_was_read() -> None:
    model = build("lstm")
    ids = SequenceBatch.from_sequences([torch.tensor([4, 5, 6, 7])])
    with torch.inference_mode():
        rows = model.read(ids, model.fresh_state(1), torch.tensor([False, False, True, False])).rows
        alone = model.read(
            SequenceBatch.from_sequences([torch.tensor([6, 7])]), model.fresh_state(1)
        ).rows
    assert torch.allclose(rows[2:], alone, atol=1e-6)
    assert not torch.allclose(rows[2:], model.read(ids, model.fresh_state(1)).rows[2:], atol=1e-3)
