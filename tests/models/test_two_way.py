"""Each direction tells its neighbour, and sees nothing of it."""

from __future__ import annotations

import pytest
import torch

from vartai.models.token_vectors import TokenVectors
from vartai.models.two_way import TwoWayLanguageModel
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.gru import GRU
from vartai.nn.sampled_softmax import SampledSoftmax
from vartai.sequences import SequenceBatch

LENGTHS = [3, 0, 1, 5]


def _model(*, bidirectional: bool = True, layers: int = 1) -> TwoWayLanguageModel:
    torch.manual_seed(0)
    return TwoWayLanguageModel(
        vectors=TokenVectors(
            embedding=Embedding(9, 4),
            affixes=None,
            word_dropout=WordDropout(0.0, 1),
            feature_dropout=LockedDropout(0.0),
        ),
        encoder=GRU(4, 6, bidirectional=bidirectional, num_layers=layers),
        output_dropout=0.0,
        output=SampledSoftmax(6, torch.ones(9), samples=4),
    ).eval()


def _batch(ids: list[int]) -> SequenceBatch:
    return SequenceBatch(torch.tensor(ids), torch.tensor(LENGTHS))


IDS = [2, 3, 4, 5, 6, 7, 8, 2, 3]


def test_every_neighbour_within_a_sequence_is_asked_for_once_in_each_direction() -> None:
    _, targets = _model()._questions(_batch(IDS), _batch(IDS))
    assert targets.tolist() == [3, 4, 7, 8, 2, 3, 2, 3, 6, 7, 8, 2]
    _, targets = _model(bidirectional=False)._questions(_batch(IDS), _batch(IDS))
    assert targets.tolist() == [3, 4, 7, 8, 2, 3]


def test_features_depend_on_what_was_read_and_not_on_what_is_to_be_told() -> None:
    model = _model()
    features, _ = model._questions(_batch(IDS), _batch(IDS))
    other = _batch([*IDS[:6], 0, *IDS[7:]])
    changed, _ = model._questions(other, other)
    moved = (features != changed).any(1).tolist()
    # Row 6 stands third in its sequence of five. Forwards it is part of what tells rows 7 and 8;
    # backwards, of what tells rows 5 and 4.
    assert [place for place, has in enumerate(moved) if has] == [4, 5, 8, 9]


def test_two_directions_in_several_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="two directions in 2 layers see what they must say"):
        _model(layers=2)
    _model(bidirectional=False, layers=2)
