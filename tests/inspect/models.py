"""Small models with weights drawn at random, to look into."""

from __future__ import annotations

from dataclasses import replace

import torch
from tests.tasks.classify.texts import TINY, colours
from tests.tasks.generate.text import CONFIG
from tests.tasks.tag.sentences import made, untrained

from vartai.data.options import TableOptions
from vartai.tasks.classify.blend import Blend
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import LanguageModelOptions, UnitOptions
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.task import TagTask
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_spaced, train_tokenizer

SENTENCES = made(("the red boat", "X Y Z"), ("ačiū , blue sky !", "Z Y X X Y"))


def classifier(
    *, text: TextOptions | None = None, separator: str | None = None, **model: object
) -> ClassifyTask:
    """A classifier of colours; its scores are scaled, as training would."""
    torch.manual_seed(4)
    config = replace(
        TINY,
        text=text or TextOptions(max_tokens=50, min_frequency=1),
        model=replace(TINY.model, **model),  # type: ignore[arg-type]
        table=TableOptions(label_separator=separator),
    )
    tokenizer = train_tokenizer(colours().texts, config.text)
    network = build_classifier(
        config.model,
        vocabulary_size=tokenizer.size,
        unknown_id=tokenizer.unknown_id,
        classes=3,
        affixes=config.text.affixes,
    )
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3.0)
    return ClassifyTask(config, ("blue", "green", "red"), tokenizer, network, Blend(1.5))


def tagger(**model: object) -> TagTask:
    """A tagger of three tags."""
    return untrained(SENTENCES, **model)  # type: ignore[arg-type]


def language_model(*, unit: str = "char", **model: object) -> GenerateTask:
    """A language model over the texts of `colours`."""
    torch.manual_seed(5)
    text = UnitOptions(unit=unit, vocabulary_size=300)
    config = replace(
        CONFIG,
        text=text,
        model=LanguageModelOptions(hidden_size=12, embedding_size=8, **model),  # type: ignore[arg-type]
    )
    train = train_spaced if text.spaced else train_tokenizer
    tokenizer = train(colours().texts, text.text_options())
    network = build_language_model(
        config, vocabulary_size=tokenizer.size, unknown_id=tokenizer.unknown_id
    )
    return GenerateTask(config, tokenizer, network, ends=False)
