"""The built-in demonstration: a corpus where only order counts, and the models that try it."""

from __future__ import annotations

from collections.abc import Iterable

from vartai.data.examples import Examples
from vartai.data.negation import NegationCorpus, Sentence, generate_corpus
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.experiment import Splits
from vartai.training.options import TrainingOptions

CELLS = ("bag", "rnn", "lstm", "gru")
SIZES = {"train": 12_000, "valid": 1_000, "test": 2_000}


def demo_corpus(seed: int) -> NegationCorpus:
    """The corpus of the demonstration."""
    return generate_corpus(seed=seed, **SIZES)


def demo_splits(corpus: NegationCorpus) -> tuple[Splits, Examples]:
    """The corpus as splits, and its minimal pairs, two texts after each other."""
    splits = Splits(
        train=_examples("train", corpus.train),
        valid=_examples("valid", corpus.valid),
        test=_examples("test", corpus.test),
    )
    pairs = _examples("pairs", (sentence for pair in corpus.minimal_pairs for sentence in pair))
    return splits, pairs


def demo_config(seed: int) -> ClassifyConfig:
    """A small LSTM that reads once from left to right; the other cells get its parameters."""
    return ClassifyConfig(
        model=ClassifierOptions(
            bidirectional=False,
            hidden_size=64,
            embedding_size=32,
            pool="last",
            word_dropout=0.0,
            embedding_dropout=0.0,
            output_dropout=0.0,
        ),
        training=TrainingOptions(
            epochs=6, learning_rate=5e-3, batch_size=32, averaging=0.99, seed=seed, threads=1
        ),
    )


def _examples(name: str, sentences: Iterable[Sentence]) -> Examples:
    examples = Examples(name)
    for line, sentence in enumerate(sentences, start=1):
        examples.texts.append(sentence.text)
        examples.labels.append((sentence.label,))
        examples.lines.append(line)
    return examples
