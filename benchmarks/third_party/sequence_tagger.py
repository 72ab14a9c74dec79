"""flair: a BiLSTM-CRF tagger over word and character embeddings, all trained from scratch.

Words, lengths and tags are drawn at random; only their sizes matter here.
"""

from __future__ import annotations

import logging
import random

import flair
import torch
from torch import Tensor

flair.device = torch.device("cpu")
logging.getLogger("flair").setLevel(logging.ERROR)

from flair.data import Dictionary, Sentence  # noqa: E402
from flair.embeddings import CharacterEmbeddings, OneHotEmbeddings, StackedEmbeddings  # noqa: E402
from flair.models import SequenceTagger  # noqa: E402

from benchmarks.third_party.contest import Subject, run, trainer  # noqa: E402

SENTENCES, TAGS = 32, 17


def sentences() -> list[Sentence]:
    """32 sentences, the package's default batch, of 5 to 45 words of 1 to 12 letters."""
    words = ["".join(random.choices("abcdefghij", k=random.randint(1, 12))) for _ in range(2000)]
    made = []
    for _ in range(SENTENCES):
        sentence = Sentence(random.choices(words, k=random.randint(5, 45)))
        for token in sentence:
            token.add_label("tag", f"T{len(token.text) % TAGS}")
        made.append(sentence)
    return made


def make() -> Subject:
    """A tagger with the package's defaults, and one batch."""
    batch = sorted(sentences(), key=len, reverse=True)
    tags, words, letters = Dictionary(add_unk=False), Dictionary(), Dictionary()
    for sentence in batch:
        for token in sentence:
            tags.add_item(token.get_label("tag").value)
            words.add_item(token.text)
            for letter in token.text:
                letters.add_item(letter)
    embeddings = StackedEmbeddings([OneHotEmbeddings(words), CharacterEmbeddings(letters)])
    model = SequenceTagger(embeddings, tags, "tag", tag_format="BIO")

    def forget() -> None:
        for sentence in batch:
            sentence.clear_embeddings()

    def infer() -> Tensor:
        model.eval()
        forget()
        with torch.no_grad():
            embedded, lengths = model._prepare_tensors(batch)
            scores: Tensor = model(embedded, lengths)[0]
        return scores

    def loss() -> Tensor:
        forget()
        value: Tensor = model.forward_loss(batch)[0]
        return value

    return Subject(
        package="flair",
        sizes=f"SequenceTagger, BiLSTM H 256, character BiLSTM H 25, CRF, {SENTENCES} sentences",
        model=model,
        infer=infer,
        train=trainer(model, loss),
    )


if __name__ == "__main__":
    run(make)
