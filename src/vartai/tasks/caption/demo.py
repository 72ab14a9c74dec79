"""The built-in demonstration: drawn scenes, each with the one sentence that describes it."""

from __future__ import annotations

from typing import Any

from vartai.data.scenes import SceneCorpus, scene_corpus
from vartai.images.options import PictureOptions
from vartai.tasks.caption.config import (
    CaptionChoice,
    CaptionConfig,
    CaptionerOptions,
    CaptionTraining,
    CaptionWords,
)
from vartai.tasks.configs import config_to_mapping

SIZES = {"train": 6_000, "valid": 200, "test": 500}
GRID = 4  # cells a side, of 16 pixels each


def demo_corpus(seed: int) -> SceneCorpus:
    """The corpus of the demonstration."""
    return scene_corpus(seed=seed, grid=GRID, **SIZES)


def demo_config(seed: int) -> CaptionConfig:
    """A small captioner, trained in minutes on one thread."""
    return CaptionConfig(
        pictures=PictureOptions(
            picture_size=16 * GRID, places=GRID, width=16, annotation_size=64, blocks=1
        ),
        text=CaptionWords(min_frequency=1, max_tokens=30),
        model=CaptionerOptions(
            hidden_size=96,
            embedding_size=48,
            attention_size=64,
            embedding_dropout=0.0,
            output_dropout=0.0,
        ),
        choice=CaptionChoice(choose="bleu", sample=200),
        training=CaptionTraining(
            epochs=12, learning_rate=3e-3, warmup=100, averaging=0.99, threads=1, seed=seed
        ),
    )


def demo_options() -> dict[str, dict[str, Any]]:
    """What of `demo_config` differs from the defaults, part by part."""
    usual = config_to_mapping(CaptionConfig())
    return {
        part: {name: value for name, value in own.items() if value != usual[part][name]}
        for part, own in config_to_mapping(demo_config(usual["training"]["seed"])).items()
    }
