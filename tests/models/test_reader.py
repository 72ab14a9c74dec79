from __future__ import annotations

import torch

from vartai.models.reader import AlignedQuestion
from vartai.nn.embedding import Embedding
from vartai.nn.gru import GRU
from vartai.nn.word_shapes import WordShapes
from vartai.sequences import SequenceBatch


def test_each_passage_token_gets_a_mean_of_its_own_question_by_likeness() -> None:
    torch.manual_seed(0)
    layer = AlignedQuestion(4, 6)
    passages = SequenceBatch(torch.randn(5, 4), torch.tensor([3, 2]))
    questions = SequenceBatch(torch.randn(3, 4), torch.tensor([2, 1]))
    aligned = layer(passages, questions).split([3, 2])
    keys, asked = (torch.relu(layer.compare(each.data)) for each in (passages, questions))
    scores = torch.stack([keys[1] @ asked[0], keys[1] @ asked[1]])
    torch.testing.assert_close(aligned[0][1], torch.softmax(scores, 0) @ questions.data[:2])
    # A question of one token is the mean of itself, whatever the passage says.
    torch.testing.assert_close(aligned[1], questions.data[2:].expand(2, 4))


def test_a_word_is_read_from_both_sides_whatever_its_company() -> None:
    torch.manual_seed(0)
    shapes = WordShapes(embedding=Embedding(9, 4), encoder=GRU(4, 3, bidirectional=True)).eval()
    words = [torch.tensor([2, 3, 4]), torch.tensor([5]), torch.tensor([4, 3, 2])]
    together = shapes(SequenceBatch.from_sequences(words))
    alone = torch.cat([shapes(SequenceBatch.from_sequences([word])) for word in words])
    assert together.shape == (3, shapes.size)
    torch.testing.assert_close(together, alone)
    assert not torch.allclose(together[0], together[2])
