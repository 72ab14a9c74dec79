"""Small models with random weights, and one that has learned what `not` does."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import torch

from vartai.data.examples import Examples
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting

WORDS = "the film was not good bad at all but never mind"
SMALL = ClassifierOptions(hidden_size=5, embedding_size=4, bidirectional=False, pool="last")


def random_task(
    options: ClassifierOptions = SMALL, *, labels: tuple[str, ...] = ("no", "yes"), seed: int = 0
) -> ClassifyTask:
    """A classifier that has learned nothing, of weights large enough to be far from linear."""
    config = ClassifyConfig(model=options, text=TextOptions(min_frequency=1))
    tokenizer = train_tokenizer([WORDS], config.text)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build_classifier(
            options, vocabulary_size=tokenizer.size, unknown_id=1, classes=len(labels)
        )
        with torch.no_grad():
            for name, value in model.named_parameters():
                value.copy_(torch.randn_like(value) * (1.0 if "embedding" in name else 0.7))
    model.eval()
    return ClassifyTask(config, labels, tokenizer, model)


def negating_task(*, cell: str = "lstm") -> ClassifyTask:
    """Learned that "not" turns good into bad, from all sentences of a small grammar."""
    texts, labels = [], []
    for start, noun, verb, negation, word in product(
        ("", "well , "), ("film", "book", "song"), ("was", "is"), ("", "not "), ("good", "bad")
    ):
        texts.append(f"{start}the {noun} {verb} {negation}{word}")
        labels.append((("no", "yes")[(word == "good") != bool(negation)],))
    examples = Examples("grammar", texts, labels, list(range(1, len(texts) + 1)))
    options = replace(
        SMALL, cell=cell, hidden_size=12, embedding_size=8, word_dropout=0.0, output_dropout=0.0
    )
    config = ClassifyConfig(
        model=replace(options, embedding_dropout=0.0),
        text=TextOptions(min_frequency=1),
        training=TrainingOptions(
            epochs=60, patience=60, learning_rate=2e-2, batch_size=16, threads=1, seed=1
        ),
    )
    with torch.random.fork_rng():
        task, _ = fit_classifier(
            config, examples, examples, sitting=Sitting(observer=lambda _: None, note=str)
        )
    return task


def ones(rows: torch.Tensor) -> SequenceBatch:
    """Rows as one sequence."""
    return SequenceBatch(rows, torch.tensor([len(rows)]))
