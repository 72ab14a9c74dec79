"""The built-in demonstration: a little grammar, English to Lithuanian, and a model of its size."""

from __future__ import annotations

from typing import Any

from vartai.data.small_grammar import GrammarCorpus, generate_grammar
from vartai.tasks.configs import config_to_mapping
from vartai.tasks.translate.config import (
    ChoiceOptions,
    PieceOptions,
    TranslateConfig,
    TranslatorOptions,
    TranslatorTraining,
)

SIZES = {"train": 3_000, "valid": 200, "test": 300}


def demo_corpus(seed: int) -> GrammarCorpus:
    """The corpus of the demonstration."""
    return generate_grammar(seed=seed, **SIZES)


def demo_config(seed: int) -> TranslateConfig:
    """A small translator, trained in a minute on one thread."""
    return TranslateConfig(
        text=PieceOptions(vocabulary_size=500),
        model=TranslatorOptions(
            hidden_size=64,
            embedding_size=64,
            embedding_dropout=0.0,
            layer_dropout=0.1,
            output_dropout=0.1,
        ),
        choice=ChoiceOptions(sample=200),
        training=TranslatorTraining(
            epochs=8,
            learning_rate=5e-3,
            warmup=100,
            batch_size=32,
            label_smoothing=0.05,
            averaging=0.99,
            threads=1,
            seed=seed,
        ),
    )


def demo_options() -> dict[str, dict[str, Any]]:
    """What of `demo_config` differs from the defaults, part by part."""
    usual = config_to_mapping(TranslateConfig())
    return {
        part: {name: value for name, value in own.items() if value != usual[part][name]}
        for part, own in config_to_mapping(demo_config(usual["training"]["seed"])).items()
    }
