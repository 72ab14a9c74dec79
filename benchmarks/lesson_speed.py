"""Documents a second in training, at the size of the lesson behind this project, beside torch.

The lesson's loop (Microsoft AI-For-Beginners, lesson 16): random batches of 16, padded with zeros,
`nn.Embedding` of 64 over all words, `nn.LSTM` of 32, the final state, Adam over every weight. The
peers are that loop as it stands, and the same with torch's fused Adam. Vartai runs at the lesson's
batch of 16 and at its own default batch. All four read the same texts, in one run, interleaved, and
are then scored on the same held-out texts after one epoch.

AG News, the lesson's data, cannot be shipped or fetched here; the texts are the reviews of IMDB cut
into pieces of 43 words (the lesson's mean), lower-cased, with the 95,000 commonest words.

    VARTAI_DATA=… python -m benchmarks.lesson_speed
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.public_data import data_folder
from vartai.data.batches import TokenStore, natural_batch_size, plan_epoch
from vartai.data.examples import read_examples
from vartai.data.options import TableOptions
from vartai.measure.machine import describe_machine
from vartai.models.classifier import SequenceClassifier
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.lstm import LSTM
from vartai.nn.pooling import LastPool
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer
from vartai.training.adam import Adam
from vartai.training.options import TrainingOptions

VOCABULARY, EMBEDDING, HIDDEN, WORDS, CLASSES = 95_000, 64, 32, 43, 2
LESSON_BATCH, LESSON_RATE = 16, 0.001

Ids = NDArray[np.int64]
Step = Callable[[Ids], None]


class LessonModel(nn.Module):
    """The lesson's LSTM classifier on padded batches."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, EMBEDDING)
        self.rnn = nn.LSTM(EMBEDDING, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, CLASSES)

    def forward(self, padded: Tensor) -> Tensor:
        """``[B, T]`` ids to ``[B, classes]``."""
        _, (hidden, _) = self.rnn(self.embedding(padded))
        scores: Tensor = self.fc(hidden[-1])
        return scores


def lesson_step(store: TokenStore, truth: Tensor, model: LessonModel, *, fused: bool) -> Step:
    """One step of the lesson's loop."""
    optimiser = torch.optim.Adam(model.parameters(), lr=LESSON_RATE, fused=fused)

    def step(chosen: Ids) -> None:
        padded = store.batch(chosen).padded(batch_first=True)
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(padded), truth[torch.from_numpy(chosen)]).backward()
        optimiser.step()

    return step


def vartai_model() -> SequenceClassifier:
    """The same model, of Vartai's layers, without dropout."""
    return SequenceClassifier(
        vectors=TokenVectors(
            embedding=Embedding(VOCABULARY, EMBEDDING),
            affixes=None,
            word_dropout=WordDropout(0.0, 1),
            feature_dropout=LockedDropout(0.0),
        ),
        encoder=LSTM(EMBEDDING, HIDDEN),
        segment=None,
        pool=LastPool(bidirectional=False),
        output=nn.Linear(HIDDEN, CLASSES),
        output_dropout=0.0,
    )


def vartai_step(store: TokenStore, truth: Tensor, model: SequenceClassifier, rate: float) -> Step:
    """One step of Vartai's loop: rows in use, clipping, Adam."""
    optimiser = Adam(model, weight_decay=0.0)

    def step(chosen: Ids) -> None:
        scores = model(store.batch(chosen))
        nn.functional.cross_entropy(scores, truth[torch.from_numpy(chosen)]).backward()
        optimiser.clip(1.0)
        optimiser.step(rate)
        optimiser.clear()

    return step


def pieces(data: Path, split: str) -> tuple[list[str], list[int]]:
    """Reviews cut into texts of 43 words, with their review's label."""
    examples, _, _ = read_examples(
        str(data / "imdb" / f"{split}.csv.gz"), TableOptions(), fix_text=False, need_label=True
    )
    labels = sorted({label for row in examples.labels for label in row})
    texts, truth = [], []
    for text, (label,) in zip(examples.texts, examples.labels, strict=True):
        words = text.split()
        for start in range(0, len(words) - WORDS // 2, WORDS):
            texts.append(" ".join(words[start : start + WORDS]))
            truth.append(labels.index(label))
    return texts, truth


class Runner:
    """A way of training, timed in slices so that all ways share whatever else the machine does."""

    def __init__(self, name: str, step: Step, plan: list[Ids]) -> None:
        self.name = name
        self.step = step
        self.batches: Iterator[Ids] = iter(plan)
        self.rates: list[float] = []

    def run(self, seconds: float) -> None:
        """Train for about so long; note documents a second."""
        began, documents = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            chosen = next(self.batches)
            self.step(chosen)
            documents += len(chosen)
        self.rates.append(documents / (time.perf_counter() - began))


def random_plan(size: int, *, batch: int, seed: int) -> list[Ids]:
    """Random batches, as the lesson's loader gives them."""
    order = np.random.default_rng(seed).permutation(size)
    return [order[start : start + batch] for start in range(0, size, batch)]


def measure(data: Path, *, rounds: int, seconds: float, rate: float) -> dict[str, object]:
    """Documents a second of each way, medians and ranges over the rounds."""
    texts, labels = pieces(data, "train")
    tokenizer = train_tokenizer(texts, TextOptions(vocabulary_size=VOCABULARY, min_frequency=1))
    store, truth = TokenStore(tokenizer.encode_ids(texts)), torch.tensor(labels)
    defaults = TrainingOptions()

    def planned(batch_size: int, batch_tokens: int) -> list[Ids]:
        return [
            batch
            for epoch in range(20)
            for batch in plan_epoch(
                store.lengths,
                batch_tokens=batch_tokens,
                batch_size=batch_size,
                seed=0,
                epoch=epoch,
            )
        ]

    lesson = random_plan(len(store), batch=LESSON_BATCH, seed=0)
    own = planned(natural_batch_size(len(store)), defaults.batch_tokens)
    small = planned(LESSON_BATCH, 10**9)
    ways = [
        Runner("lesson", lesson_step(store, truth, LessonModel(), fused=False), lesson),
        Runner("lesson, fused Adam", lesson_step(store, truth, LessonModel(), fused=True), lesson),
        Runner("vartai, batch 16", vartai_step(store, truth, vartai_model(), LESSON_RATE), small),
        Runner("vartai, default batch", vartai_step(store, truth, vartai_model(), rate), own),
    ]
    for way in ways:
        way.run(seconds)
        way.rates.clear()
    for _ in range(rounds):
        for way in ways:
            way.run(seconds)
    return {
        "texts": len(store),
        "tokens_a_text": float(store.lengths.mean()),
        "vocabulary": tokenizer.size,
        "documents_a_second": {
            way.name: {
                "median": statistics.median(way.rates),
                "low": min(way.rates),
                "high": max(way.rates),
            }
            for way in ways
        },
        "ratio_to_lesson": {
            way.name: statistics.median(
                own / base for own, base in zip(way.rates, ways[0].rates, strict=True)
            )
            for way in ways
        },
    }


def accuracy_after_one_epoch(data: Path, *, seed: int, rate: float) -> dict[str, float]:
    """Held-out accuracy of the lesson's loop (fused: the same steps) and of Vartai's two ways."""
    texts, labels = pieces(data, "train")
    tokenizer = train_tokenizer(texts, TextOptions(vocabulary_size=VOCABULARY, min_frequency=1))
    store, truth = TokenStore(tokenizer.encode_ids(texts)), torch.tensor(labels)
    test_texts, test_labels = pieces(data, "test")
    test = TokenStore(tokenizer.encode_ids(test_texts[:40_000]))
    test_truth = torch.tensor(test_labels[:40_000])
    defaults = TrainingOptions()
    found = {}

    def score(model: nn.Module, *, padded: bool) -> float:
        right = 0
        model.eval()
        with torch.no_grad():
            for start in range(0, len(test), 500):
                chosen = np.arange(start, min(start + 500, len(test)))
                batch = test.batch(chosen)
                scores = model(batch.padded(batch_first=True) if padded else batch)
                right += int((scores.argmax(1) == test_truth[torch.from_numpy(chosen)]).sum())
        model.train()
        return right / len(test)

    torch.manual_seed(seed)
    lesson = LessonModel()
    step = lesson_step(store, truth, lesson, fused=True)
    for batch in random_plan(len(store), batch=LESSON_BATCH, seed=seed):
        step(batch)
    found["lesson"] = score(lesson, padded=True)
    for name, size, tokens, speed in (
        ("vartai, batch 16", LESSON_BATCH, 10**9, LESSON_RATE),
        (
            "vartai, default batch",
            natural_batch_size(len(store)),
            defaults.batch_tokens,
            rate,
        ),
    ):
        torch.manual_seed(seed)
        model = vartai_model()
        step = vartai_step(store, truth, model, speed)
        for batch in plan_epoch(
            store.lengths, batch_tokens=tokens, batch_size=size, seed=seed, epoch=0
        ):
            step(batch)
        found[name] = score(model, padded=False)
    return found


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rate", type=float, default=TrainingOptions().learning_rate)
    parser.add_argument("--seeds", type=int, default=0, help="seeds of the accuracy check")
    arguments = parser.parse_args()
    data = data_folder()
    found = measure(data, rounds=arguments.rounds, seconds=arguments.seconds, rate=arguments.rate)
    found["accuracy_after_one_epoch"] = [
        accuracy_after_one_epoch(data, seed=seed, rate=arguments.rate)
        for seed in range(arguments.seeds)
    ]
    print(json.dumps({"machine": describe_machine(), **found}, indent=1))


if __name__ == "__main__":
    main()
