"""Small models of every kind that can be streamed, with random weights: fast, and not symmetric."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from vartai.data.passages import Passage
from vartai.data.tagged.blocks import Sentence
from vartai.stream.live import LiveModel
from vartai.stream.opening import open_live
from vartai.tasks.classify.blend import Blend
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.ngrams import NgramPath
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions, UnitOptions
from vartai.tasks.generate.fit import learn_units
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.config import TagConfig, TaggerOptions, TagTextOptions
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import count_given_words
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer

TEXTS = [
    "Not bad at all, don't you think? <br />It costs 3.5 or 1,000.",
    "ėjo geras U.S. café <br> a b (e) ... !!! 你好。世界 -- 1.1\n",
] * 2
CELLS = ("lstm", "gru", "rnn")
POOLS = ("last", "mean", "max", "attention")
UNITS = ("word", "char", "bpe")


def classify_options(
    unit: str = "word", cell: str = "lstm", pool: str = "max", segment: int | None = None
) -> tuple[TextOptions, ClassifierOptions]:
    text = TextOptions(
        unit=unit, min_frequency=1, vocabulary_size=400, affixes=2 if unit == "word" else 0
    )
    model = ClassifierOptions(
        cell=cell, layers=2, bidirectional=False, hidden_size=7, embedding_size=5, pool=pool,
        segment=segment,
    )  # fmt: skip
    return text, model


@cache
def classifier(
    unit: str = "word", cell: str = "lstm", pool: str = "max", segment: int | None = None
) -> ClassifyTask:
    text, model = classify_options(unit, cell, pool, segment)
    return build_task(text, model)


@cache
def wide_classifier(unit: str = "word", *, long: bool = False) -> ClassifyTask:
    """With an n-gram path, which counts characters too; or triples of words, as of long texts."""
    text, model = classify_options(unit)
    task = build_task(text, replace(model, wide=True))
    texts = [*TEXTS, "zzz a at", "zzz a at", "Σ BΣ:B bad", "Σ BΣ:B bad"]
    with patch("vartai.tasks.classify.ngrams.MOST_CHARACTERS", 0 if long else 5_000_000):
        path = NgramPath.fit(texts, np.arange(len(texts)) // 2 % 3, classes=3)
    return replace(task, wide=path, blend=Blend(0.7, 1.3))


def build_task(text: TextOptions, model: ClassifierOptions) -> ClassifyTask:
    torch.manual_seed(1)
    tokenizer = train_tokenizer(TEXTS, text)
    network = build_classifier(
        model, vocabulary_size=tokenizer.size, unknown_id=1, classes=3, affixes=text.affixes
    )
    config = ClassifyConfig(text=text, model=model)
    return ClassifyTask(config, ("bad", "good", "ugly"), tokenizer, network.eval())


@cache
def tagger(
    cell: str = "lstm",
    *,
    crf: bool = False,
    bidirectional: bool = False,
    columns: tuple[str, ...] = (),
) -> TagTask:
    torch.manual_seed(2)
    options = TaggerOptions(
        cell=cell, bidirectional=bidirectional, hidden_size=6, embedding_size=5, character_size=3,
        character_embedding_size=4, affixes=2, crf=crf, layers=2,
    )  # fmt: skip
    config = TagConfig(model=options, text=TagTextOptions(min_frequency=1))
    if columns:
        config = TagConfig(
            model=options,
            text=config.text,
            reading=type(config.reading)(input_column=columns),
        )
    vocabulary = count_given_words(
        [text.split() for text in TEXTS],
        [["x", "y"] for _ in columns],
        lowercase=True,
        max_characters=40,
        vocabulary_size=100,
        min_frequency=1,
    )
    tags = ("B-X", "I-X", "O", "B-Y")
    model = build_model(config, vocabulary, tags, "bio" if crf else "none")
    if model.crf is not None:  # so that later words do change the tags of earlier ones
        with torch.no_grad():
            for part in (model.crf.start, model.crf.transitions, model.crf.end):
                part.copy_(torch.randn_like(part))
    return TagTask(config, tags, vocabulary, model.eval(), "bio", crf)


@cache
def language_model(
    unit: str = "char",
    cell: str = "lstm",
    *,
    words: str = "spaces",
    tied: bool = False,
    softmax: str = "full",
) -> GenerateTask:
    torch.manual_seed(3)
    config = GenerateConfig(
        text=UnitOptions(unit=unit, words=words, vocabulary_size=300 if unit == "bpe" else None),
        model=LanguageModelOptions(
            cell=cell, layers=2, hidden_size=6, embedding_size=5, tied=tied, softmax=softmax
        ),
    )
    tokenizer = learn_units(config, [Passage(text) for text in TEXTS])
    model = build_language_model(config, vocabulary_size=tokenizer.size, unknown_id=1)
    return GenerateTask(config, tokenizer, model.eval(), True)


def live(task: Any, *, delay: int = 0) -> LiveModel[Any]:
    names = {ClassifyTask: "classify", TagTask: "tag", GenerateTask: "generate"}
    return open_live(names[type(task)], task, delay=delay)


def sentence(*words: str) -> Sentence:
    return Sentence(1, words, (), ())
