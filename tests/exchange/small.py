"""Small models of every task, of random weights, with all they need to read text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from vartai.tasks.classify.blend import Blend
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions, UnitOptions
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.config import TagConfig, TaggerOptions
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import count_given_words
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_spaced, train_tokenizer

TEXTS = [
    "A good film, not a bad one.",
    "Not good at all: a bad, bad film!",
    "ačiū, labai geras filmas 😀",
    "don't they say “good”?",
]


def classifier(text: dict[str, Any] | None = None, **model: Any) -> ClassifyTask:
    """A classifier of three labels; options of its text and of its model."""
    torch.manual_seed(5)
    options = TextOptions(**{"min_frequency": 1, **(text or {})})
    sizes = {"hidden_size": 6, "embedding_size": 5, "bidirectional": False}
    config = ClassifyConfig(text=options, model=ClassifierOptions(**{**sizes, **model}))
    tokenizer = train_tokenizer(TEXTS, options)
    built = build_classifier(
        config.model,
        vocabulary_size=tokenizer.size,
        unknown_id=tokenizer.unknown_id,
        classes=3,
        affixes=options.affixes,
    )
    return ClassifyTask(config, ("geras", "blogas", "joks"), tokenizer, built.eval(), Blend(0.8))


def several(task: ClassifyTask) -> ClassifyTask:
    """The same, of which a text may have several labels."""
    table = replace(task.config.table, label_separator="|")
    return replace(task, config=replace(task.config, table=table))


def language_model(text: dict[str, Any] | None = None, **model: Any) -> GenerateTask:
    """A language model of characters, unless the options of its text say otherwise."""
    torch.manual_seed(6)
    units = UnitOptions(**(text or {}))
    sizes = {"hidden_size": 7, "embedding_size": 5}
    config = GenerateConfig(text=units, model=LanguageModelOptions(**{**sizes, **model}))
    train = train_spaced if units.spaced else train_tokenizer
    tokenizer = train(TEXTS, units.text_options())
    built = build_language_model(config, vocabulary_size=tokenizer.size, unknown_id=1)
    with torch.no_grad():
        built.output.bias.normal_()
    return GenerateTask(config, tokenizer, built.eval(), True)


def tagger(columns: tuple[str, ...] = (), scheme: str = "none", **model: Any) -> TagTask:
    """A tagger of five tags, as BIO has them."""
    torch.manual_seed(7)
    sizes = {"hidden_size": 6, "embedding_size": 5, "character_size": 4, "affixes": 2}
    sizes |= {"character_embedding_size": 3, "column_size": 2, "bidirectional": False}
    config = TagConfig(model=TaggerOptions(**{**sizes, **model}))
    config = replace(config, reading=replace(config.reading, input_column=columns))
    vocabulary = count_given_words(
        [text.split() for text in TEXTS],
        [["x", "y"] for _ in columns],
        lowercase=True,
        max_characters=5,
        vocabulary_size=100,
        min_frequency=1,
    )
    tags = ("O", "B-A", "I-A", "B-B", "I-B")
    built = build_model(config, vocabulary, tags, scheme).eval()
    if built.crf is not None:
        with torch.no_grad():
            for parameter in built.crf.parameters():
                parameter.normal_()
    return TagTask(config, tags, vocabulary, built, scheme, scheme != "none")
