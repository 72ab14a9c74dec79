"""A generated corpus of pictures: coloured shapes on a grid, and a sentence that says it all."""

from __future__ import annotations

from vartai.data.scenes.corpus import DrawnScene, SceneCorpus, Scenes, generate, scene_corpus
from vartai.data.scenes.scene import COLOURS, SHAPES, Cell, Scene, Thing, describe

__all__ = [
    "COLOURS",
    "SHAPES",
    "Cell",
    "DrawnScene",
    "Scene",
    "SceneCorpus",
    "Scenes",
    "Thing",
    "describe",
    "generate",
    "scene_corpus",
]
