"""What a word is made of, as a vector: so that one never seen can still be read."""

from __future__ import annotations

from torch import Tensor, nn

from vartai.nn.embedding import Embedding
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch


class WordShapes(nn.Module):
    """What a word is made of as a vector: recurrent layers over its characters, from both sides.

    Each distinct form is read once, however often it stands in the batch. Source: Ling et al. 2015,
    "Finding function in form"; Lample et al. 2016.

    Args:
        embedding: of characters, D numbers each.
        encoder: layers over them; the last state of each direction is the form's vector.
    """

    def __init__(self, *, embedding: Embedding, encoder: SequenceLayers) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder

    @property
    def size(self) -> int:
        """Numbers a form."""
        return self.encoder.output_size

    def forward(self, characters: SequenceBatch) -> Tensor:
        """Ids of the characters of U forms to vectors ``[U, size]``."""
        vectors = characters.with_data(self.embedding(characters.data))
        _, state = self.encoder.read(vectors)
        # [layers·directions, U, H]: the last layer's directions side by side.
        last = state[0][-self.encoder.directions :]
        both: Tensor = last.transpose(0, 1).reshape(len(characters), -1)
        return both
