"""A small language model and text for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vartai.data.passages import TextSplits, split_documents
from vartai.tasks.generate.config import (
    GenerateConfig,
    LanguageModelOptions,
    LanguageTraining,
    StreamOptions,
    UnitOptions,
)
from vartai.tasks.generate.demo import demo_documents

CONFIG = GenerateConfig(
    model=LanguageModelOptions(hidden_size=12, embedding_size=8),
    streams=StreamOptions(streams=5, steps=20),
    training=LanguageTraining(epochs=2, learning_rate=0.01, device="cpu", threads=1, warmup=5),
)


def small_config(**parts: Any) -> GenerateConfig:
    """The small configuration with some of its parts replaced."""
    return replace(CONFIG, **parts)


def tales(count: int = 80) -> TextSplits:
    """So many tales, held out as the configuration has it."""
    documents = demo_documents(tales=count)
    return split_documents(documents, valid=None, test=None, options=CONFIG.split, seed=0)


WORDS = UnitOptions(unit="word")
