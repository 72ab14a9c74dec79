"""Small sentences and small taggers."""

from __future__ import annotations

import torch

from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import Sentences
from vartai.tasks.tag.config import TagConfig, TaggerOptions, TagTextOptions, TagTrainingOptions
from vartai.tasks.tag.demo import demo_splits
from vartai.tasks.tag.experiment import TagSplits
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import count_given_words

SMALL = {
    "hidden_size": 8,
    "embedding_size": 6,
    "character_size": 5,
    "character_embedding_size": 4,
    "column_size": 3,
}


def made(*rows: tuple[str, str], inputs: bool = False) -> Sentences:
    """Sentences of words and tags, each given as two texts with blanks between."""
    return Sentences(
        "made",
        [
            Sentence(
                line=line,
                words=tuple(words.split()),
                tags=tuple(tags.split()),
                inputs=(tuple(word[:1] for word in words.split()),) if inputs else (),
            )
            for line, (words, tags) in enumerate(rows, start=1)
        ],
    )


def small_config(*, inputs: bool = False, seed: int = 0, **model: object) -> TagConfig:
    """A tagger that learns in a blink."""
    return TagConfig(
        reading=TaggedOptions(input_column=("2",) if inputs else ()),
        text=TagTextOptions(min_frequency=1),
        model=TaggerOptions(**{**SMALL, **model}),
        training=TagTrainingOptions(epochs=2, batch_size=8, seed=seed, threads=1, device="cpu"),
    )


def small_splits(*, train: int = 60, rest: int = 20) -> TagSplits:
    """Part of the built-in corpus."""
    splits = demo_splits(0)
    return TagSplits(
        train=splits.train.take(range(train)),
        valid=splits.valid.take(range(rest)),
        test=splits.test.take(range(rest)),
    )


def untrained(
    sentences: Sentences, *, scheme: str = "none", inputs: bool = False, **model: object
) -> TagTask:
    """A tagger with weights drawn at random, wide enough apart that its tags differ."""
    torch.manual_seed(1)
    config = small_config(inputs=inputs, **model)
    vocabulary = count_given_words(
        [row.words for row in sentences.rows],
        [[value for row in sentences.rows for value in row.inputs[0]]] if inputs else [],
        lowercase=True,
        max_characters=20,
        vocabulary_size=1000,
        min_frequency=1,
    )
    tags = tuple(sorted({tag for row in sentences.rows for tag in row.tags}))
    network = build_model(config, vocabulary, tags, scheme)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.0)
        if network.crf is not None:
            network.crf.transitions.normal_()
    return TagTask(config, tags, vocabulary, network, scheme, scheme != "none")
