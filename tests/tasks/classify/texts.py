"""A few texts that a tiny model learns in a second."""

from __future__ import annotations

from dataclasses import replace

from vartai.data.examples import Examples
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions

COLOURS = ("red", "green", "blue")
THINGS = ("boat", "tree", "house", "sky", "wall", "road", "door", "hat")


def colours(*, several: bool = False) -> Examples:
    """Texts whose label is the colour they name; with `several`, all the colours they name."""
    examples = Examples("colours")
    for count, thing in enumerate(THINGS):
        for place, colour in enumerate(COLOURS):
            other = COLOURS[(place + count) % 3]
            text, labels = f"the {colour} {thing} is here", (colour,)
            if several:
                text = f"{text} and {other}"
                labels = tuple(sorted({colour, other}))
            examples.texts.append(text)
            examples.labels.append(labels)
            examples.lines.append(len(examples.texts))
    return examples


TINY = ClassifyConfig(
    text=TextOptions(max_tokens=50),
    model=ClassifierOptions(
        hidden_size=8,
        embedding_size=8,
        word_dropout=0.0,
        embedding_dropout=0.0,
        output_dropout=0.0,
    ),
    training=TrainingOptions(
        epochs=25, patience=25, learning_rate=0.05, warmup=1, averaging=0.5, batch_size=8
    ),
)


def tiny(**model: object) -> ClassifyConfig:
    """The tiny configuration with other options of the model."""
    return replace(TINY, model=replace(TINY.model, **model))  # type: ignore[arg-type]
