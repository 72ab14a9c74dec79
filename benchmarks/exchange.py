"""Exported models beside themselves: onnxruntime and Vartai, on the same numbers, in turns.

Models have the default sizes of their tasks and random weights, of which speed does not depend;
texts are random ids of random lengths. What both compute is compared first, and where it differs
nothing is timed. Reading text into ids is left out on both sides.

    python -m benchmarks.exchange [--threads 1] [--seconds 8] [--write]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from benchmarks.pages import write_sections
from vartai.data.batches import TokenStore
from vartai.data.tagged.blocks import Sentence
from vartai.exchange import layers_model
from vartai.exchange.checks.compare import open_session, run
from vartai.exchange.onnx_export import KINDS
from vartai.measure.machine import describe_machine
from vartai.measure.ratios import Ratio, paired_ratio
from vartai.measure.turns import take_turns
from vartai.models.stepped_language_model import LanguageState, SteppedLanguageModel
from vartai.nn import GRU, LSTM, RNN, SLSTM, IndRNN, MinGRU, MinLSTM
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.characters import CharacterTokenizer
from vartai.text.given import count_given_words
from vartai.text.tokens import SPECIAL
from vartai.text.words import WordTokenizer

PAGE = Path(__file__).parents[1] / "docs" / "results" / "live.md"
VOCABULARY, TEXTS, SENTENCES, TAGS = 20_000, 32, 32, 17
LETTERS = "".join(map(chr, range(32, 97)))


@dataclass(frozen=True)
class Entry:
    """What is timed: both ways of doing one thing, and how many tokens it reads."""

    name: str
    tokens: int
    vartai: Callable[[], object]
    onnx: Callable[[], object]
    difference: float


def classifier(**options: Any) -> ClassifyTask:
    """A classifier of two labels of default sizes, but for the options."""
    config = ClassifyConfig(model=ClassifierOptions(**options))
    words = [f"w{number}" for number in range(VOCABULARY - len(SPECIAL))]
    tokenizer = WordTokenizer([*SPECIAL, *words], lowercase=True, max_tokens=1_000)
    model = build_classifier(
        config.model, vocabulary_size=VOCABULARY, unknown_id=1, classes=2, affixes=0
    )
    return ClassifyTask(config, ("no", "yes"), tokenizer, model.eval())


def classify_entry(name: str, task: ClassifyTask, random: np.random.Generator) -> Entry:
    """A batch of texts of 10 to 200 words."""
    lengths = random.integers(10, 201, TEXTS)
    rows = [random.integers(2, VOCABULARY, n) for n in lengths]
    batch = TokenStore(rows).batch(np.arange(TEXTS))
    session = open_session(KINDS["classify"].model(task, int8=False), threads=threads())
    feeds = {"ids": batch.padded(batch_first=True).numpy(), "lengths": lengths}

    def own() -> np.ndarray[Any, Any]:
        with torch.inference_mode():
            return task.model(batch).numpy() * task.blend.recurrent

    def other() -> np.ndarray[Any, Any]:
        return np.asarray(session.run(["scores"], feeds)[0])

    apart = float(np.abs(own() - other()).max())
    return Entry(name, int(lengths.sum()), own, other, apart)


def tag_entry(random: np.random.Generator) -> Entry:
    """A batch of sentences of 5 to 40 words, of default sizes."""
    words = [
        "".join(random.choice(list(LETTERS[33:]), random.integers(2, 10))) for _ in range(9000)
    ]
    vocabulary = count_given_words(
        [words], [], lowercase=True, max_characters=40, vocabulary_size=VOCABULARY, min_frequency=1
    )
    config, tags = TagConfig(), tuple(f"T{number}" for number in range(TAGS))
    model = build_model(config, vocabulary, tags, "none").eval()
    task = TagTask(config, tags, vocabulary, model)
    lengths = random.integers(5, 41, SENTENCES)
    rows = [tuple(random.choice(words, n)) for n in lengths]
    store = task.read([Sentence(line=1, words=row, inputs=(), tags=()) for row in rows])
    batch = store.batch(np.arange(SENTENCES))
    session = open_session(KINDS["tag"].model(task, int8=False), threads=threads())
    feeds = {
        "words": batch.words.padded(batch_first=True)[:, :, 0].numpy(),
        "lengths": lengths,
        "forms": SequenceBatch(batch.forms, batch.words.lengths).padded(batch_first=True).numpy(),
        "characters": batch.characters.padded(batch_first=True).numpy(),
        "character_lengths": batch.characters.lengths.numpy(),
        "affixes": batch.affixes.numpy(),
    }

    def own() -> SequenceBatch:
        with torch.inference_mode():
            scores = task.model(batch)
            task.model.decode(scores)
        return scores

    found = run(session, feeds)
    valid = np.arange(found["scores"].shape[1]) < lengths[:, None]
    apart = float(np.abs(own().data.numpy() - found["scores"][valid]).max())
    name = "tagger, LSTM 128 both ways, characters and affixes"
    return Entry(name, int(lengths.sum()), own, lambda: session.run(["tags"], feeds), apart)


def step_entries(random: np.random.Generator) -> Iterator[Entry]:
    """Steps of a character language model of the default size, for one stream and for 32."""
    config = GenerateConfig()
    tokenizer = CharacterTokenizer(LETTERS, max_tokens=1 << 40)
    model = build_language_model(config, vocabulary_size=tokenizer.size, unknown_id=1).eval()
    task = GenerateTask(config, tokenizer, model, False)
    session = open_session(KINDS["generate"].step(task, int8=False), threads=threads())
    stepped = SteppedLanguageModel(model)
    for count in (1, 32):
        ids = torch.from_numpy(random.integers(2, tokenizer.size, count))
        parts = tuple(part.uniform_(-0.5, 0.5) for part in model.fresh_state(count))
        state = LanguageState.of(parts)
        names = ("hidden_in", "cell_in")
        feeds = {
            name: part.transpose(0, 1).numpy() for name, part in zip(names, parts, strict=True)
        }
        feeds["ids"] = ids[:, None].numpy()
        own, _ = stepped(ids, state)
        found = run(session, feeds)["log_probabilities"]
        yield Entry(
            f"language model, LSTM 512: a step of {count} streams".replace("1 streams", "1 stream"),
            count,
            lambda ids=ids, state=state: stepped(ids, state),
            lambda feeds=feeds: session.run(None, feeds),
            float(np.abs(own.numpy() - found).max()),
        )


def entries() -> Iterator[Entry]:
    """All of them."""
    random = np.random.default_rng(0)
    torch.manual_seed(0)
    own = classifier()
    yield classify_entry("classifier, LSTM 128 both ways, max", own, random)
    one = classifier(cell="gru", bidirectional=False, pool="last")
    yield classify_entry("classifier, GRU 128 one way, last", one, random)
    yield tag_entry(random)
    yield from step_entries(random)


def threads() -> int:
    """As many as torch has."""
    return torch.get_num_threads()


def layer_difference() -> tuple[int, float]:
    """How many forms of layers, and the largest difference over random lengths and batches."""
    makers: list[Callable[[], Any]] = []
    for both in (False, True):
        for activation in ("tanh", "relu", "elu", "hardtanh", "softsign"):
            makers.append(lambda b=both, a=activation: RNN(5, 8, 2, a, bidirectional=b))
            makers.append(lambda b=both, a=activation: GRU(5, 8, 2, activation=a, bidirectional=b))
            makers.append(lambda b=both, a=activation: LSTM(5, 8, 2, activation=a, bidirectional=b))
        for option in ("peepholes", "coupled", "layer_norm", "learned_state"):
            makers.append(lambda b=both, o=option: LSTM(5, 8, 2, bidirectional=b, **{o: True}))
        makers.append(lambda b=both: LSTM(5, 8, 2, bidirectional=b, proj_size=4))
        makers.append(lambda b=both: GRU(5, 8, 2, bidirectional=b, reset_after=False))
        makers.append(lambda b=both: GRU(5, 8, 2, bidirectional=b, layer_norm=True))
        for kind in (MinGRU, MinLSTM, IndRNN, SLSTM):
            makers.append(lambda b=both, k=kind: k(5, 8, 2, bidirectional=b))
    random, largest = np.random.default_rng(0), 0.0
    for make in makers:
        layers = make().eval()
        session = open_session(layers_model(layers))
        for _ in range(4):
            count, steps = int(random.integers(1, 9)), int(random.integers(0, 40))
            lengths = torch.from_numpy(random.integers(0, steps + 1, count))
            inputs = torch.randn(steps, count, 5)
            feeds = {"inputs": inputs.numpy(), "lengths": lengths.int().numpy()}
            with torch.inference_mode():
                outputs, final = layers(SequenceBatch.from_padded(inputs, lengths))
            found = run(session, feeds)
            valid = (torch.arange(steps)[:, None] < lengths).T.numpy()
            rows = found["outputs"].transpose(1, 0, 2)[valid]
            hidden = (final if isinstance(final, torch.Tensor) else final[0]).numpy()
            for given, wanted in ((rows, outputs.data.numpy()), (found["hidden"], hidden)):
                largest = max(largest, float(np.abs(given - wanted).max(initial=0.0)))
    return len(makers), largest


def main() -> None:
    """Compare, time, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    forms, largest = layer_difference()
    rows = []
    for entry in entries():
        if not entry.difference <= 1e-5:
            raise SystemExit(f"{entry.name}: results differ by {entry.difference:.1e}")
        works = {"vartai": entry.vartai, "onnx": entry.onnx, "again": entry.vartai}
        times = take_turns(works, seconds=asked.seconds)
        rows.append(row(entry, times))
        print(rows[-1], flush=True)
    text = section(rows, forms, largest)
    print(text)
    if asked.write:
        write_sections(PAGE, {"exchange": text})


def row(entry: Entry, times: dict[str, list[float]]) -> str:
    """A line of the table."""
    ratio = paired_ratio(times["onnx"], times["vartai"])
    control = paired_ratio(times["again"], times["vartai"])
    own, other = (float(np.median(times[name])) for name in ("vartai", "onnx"))
    cells = [
        entry.name,
        f"{own * 1e3:.3g}",
        f"{other * 1e3:.3g}",
        spelled(ratio),
        spelled(control),
        f"{entry.tokens / own:,.0f}",
        f"{entry.tokens / other:,.0f}",
        f"{entry.difference:.0e}",
    ]
    return f"| {' | '.join(cells)} |"


def spelled(ratio: Ratio) -> str:
    """A ratio and its interval."""
    return f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


def section(rows: list[str], forms: int, largest: float) -> str:
    """What goes on the page."""
    header = "| | Vartai, ms | onnxruntime, ms | ratio (95 %) | control | Vartai, tokens/s "
    header += "| onnxruntime, tokens/s | difference |"
    versions = f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}"
    return "\n".join(
        [
            f"{describe_machine()}, {versions}.",
            "",
            f"Layers alone: {forms} forms, one way and both, two layers, batches of 1 to 8 and "
            f"lengths of 0 to 39: the largest difference is {largest:.1e}.",
            "",
            header,
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            *rows,
        ]
    )


if __name__ == "__main__":
    main()
