"""How fast language models train and write, beside the same models in plain torch.

Training: one step of a character model on 16 streams of 64 characters: forward, backward, clipping,
Adam, state carried on. The peer has `nn.Embedding`, `nn.LSTM` or `nn.GRU` on a dense time-major
batch, `nn.Linear`, `clip_grad_norm_` and torch's fused Adam.

Writing: 100 characters, one text, temperature 1, as `vartai generate` does it; the part `served` is
the same as the service does it, with a stream that can be saved and forked. There are two peers,
both in inference mode. The plain one steps `nn.LSTMCell` or `nn.GRUCell` and draws with
`torch.multinomial`. The tuned one does what somebody would who has measured it: the vectors are
multiplied by the input weights once, for the whole vocabulary; the gates are written out around a
single product; and a token is drawn by a race of exponential numbers, which takes a third of the
time of `torch.multinomial`.

All take turns in one process; ratios have 95 % confidence intervals.

    python -m benchmarks.language_model_speed --cell lstm --threads 1
    python -m benchmarks.language_model_speed --cell lstm --hidden 128 --part writing --threads 1
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from vartai.data.passages import Passage
from vartai.data.streams import build_corpus
from vartai.decoding.options import SamplingOptions
from vartai.kernels.direction import State
from vartai.measure.ratios import Ratio, paired_ratio
from vartai.measure.turns import Work, take_turns
from vartai.stream.language_stream import LanguageStream
from vartai.stream.opening import open_stream
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions, StreamOptions
from vartai.tasks.generate.fit import learn_units
from vartai.tasks.generate.generation import Generation, WritingOptions
from vartai.tasks.generate.problem import GenerateProblem
from vartai.tasks.generate.task import GenerateTask
from vartai.training.adam import Adam

STREAMS, STEPS, EMBEDDING, RATE, WRITTEN = 16, 64, 64, 1e-4, 100
LETTERS = "".join(map(chr, range(32, 97)))


def build_task(cell: str, hidden: int) -> GenerateTask:
    """A language model of 65 characters, with fresh weights."""
    config = GenerateConfig(
        model=LanguageModelOptions(
            cell=cell, hidden_size=hidden, embedding_size=EMBEDDING, output_dropout=0.0
        ),
        streams=StreamOptions(streams=STREAMS, steps=STEPS),
    )
    tokenizer = learn_units(config, [Passage(LETTERS)])
    model = build_language_model(config, vocabulary_size=tokenizer.size, unknown_id=1)
    return GenerateTask(config, tokenizer, model, False)


def our_training(task: GenerateTask) -> Work:
    """One step of training as `vartai train generate` does it."""
    ids = np.random.default_rng(0).integers(2, task.tokenizer.size, size=STREAMS * STEPS * 50)
    corpus = build_corpus([ids], before=[0], ends=False)
    problem = GenerateProblem(task, corpus, corpus)
    optimiser = Adam(task.model, weight_decay=0.0)
    plan = problem.plan(0)
    place = [0]

    def step() -> None:
        chosen = plan[place[0] % len(plan)]
        place[0] += 1
        task.model.train()
        loss = problem.loss(chosen)
        (loss.total / problem.units(chosen)).backward()  # type: ignore[no-untyped-call]
        optimiser.clip(1.0)
        optimiser.step(RATE)
        optimiser.clear()

    return step


class PlainModel(nn.Module):
    """The same model as one would write it in torch."""

    def __init__(self, cell: str, hidden: int, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, EMBEDDING)
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.rnn = kind(EMBEDDING, hidden)
        self.output = nn.Linear(hidden, size)


def their_training(cell: str, hidden: int, size: int) -> Work:
    """One step of training in plain torch."""
    model = PlainModel(cell, hidden, size)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    ids = torch.from_numpy(
        np.random.default_rng(0).integers(2, size, size=(STEPS * 50 + 1, STREAMS))
    )
    carried: list[tuple[Tensor, ...] | Tensor | None] = [None]
    place = [0]

    def step() -> None:
        first = place[0] % 50 * STEPS
        place[0] += 1
        chunk = ids[first : first + STEPS + 1]
        outputs, state = model.rnn(model.embedding(chunk[:-1]), carried[0])
        carried[0] = (
            tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        )
        scores = model.output(outputs).flatten(0, 1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(scores, chunk[1:].flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def our_writing(task: GenerateTask) -> Work:
    """Text as `vartai generate` writes it."""
    generation = Generation(task)
    prompt = generation.read("A")
    options, sampling = WritingOptions(length=WRITTEN), SamplingOptions()

    def write() -> None:
        again = Generation.__new__(Generation)
        again.__dict__.update(generation.__dict__)
        for _ in again.write(prompt, options, sampling):
            pass

    return write


def our_served_writing(task: GenerateTask) -> Work:
    """Text as the service writes it."""
    stream = open_stream("generate", task)
    assert isinstance(stream, LanguageStream)
    stream.push("A")

    def write() -> None:
        for _ in stream.fork().write(WRITTEN):
            pass

    return write


def their_writing(cell: str, hidden: int, size: int) -> Work:
    """Text by a loop over a cell."""
    embedding, output = nn.Embedding(size, EMBEDDING), nn.Linear(hidden, size)
    kind: Callable[[int, int], nn.Module] = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}[cell]
    step = kind(EMBEDDING, hidden)

    @torch.inference_mode()
    def write() -> None:
        token = torch.tensor([33])
        state = None
        letters = []
        for _ in range(WRITTEN):
            state = step(embedding(token), state)
            rows = state[0] if isinstance(state, tuple) else state
            token = torch.multinomial(torch.softmax(output(rows), 1), 1).squeeze(1)
            letters.append(LETTERS[int(token) % len(LETTERS)])

    return write


def lstm_by_hand(step: nn.LSTMCell, vectors: Tensor) -> Callable[[Tensor, State | None], State]:
    """A step from a token, with the products of all vectors made before."""
    products = nn.functional.linear(vectors, step.weight_ih, step.bias_ih + step.bias_hh)
    weights = step.weight_hh.t()

    def advance(token: Tensor, state: State | None) -> State:
        hidden, cell = (torch.zeros(1, step.hidden_size),) * 2 if state is None else state
        gates = torch.addmm(products[token], hidden, weights).chunk(4, 1)
        kept = torch.sigmoid(gates[1]) * cell
        cell = kept + torch.sigmoid(gates[0]) * torch.tanh(gates[2])
        return torch.sigmoid(gates[3]) * torch.tanh(cell), cell

    return advance


def gru_by_hand(step: nn.GRUCell, vectors: Tensor) -> Callable[[Tensor, State | None], State]:
    """As `lstm_by_hand`."""
    products = nn.functional.linear(vectors, step.weight_ih, step.bias_ih)
    weights = step.weight_hh.t()

    def advance(token: Tensor, state: State | None) -> State:
        hidden = torch.zeros(1, step.hidden_size) if state is None else state[0]
        of_input = products[token].chunk(3, 1)
        of_state = torch.addmm(step.bias_hh, hidden, weights).chunk(3, 1)
        reset, update = (torch.sigmoid(of_input[gate] + of_state[gate]) for gate in (0, 1))
        candidate = torch.tanh(of_input[2] + reset * of_state[2])
        return (torch.lerp(candidate, hidden, update),)

    return advance


@torch.inference_mode()
def tuned_writing(cell: str, hidden: int, size: int) -> Work:
    """Text by a loop of torch's operators from which all has been taken that can be."""
    embedding, output = nn.Embedding(size, EMBEDDING), nn.Linear(hidden, size)
    if cell == "lstm":
        advance = lstm_by_hand(nn.LSTMCell(EMBEDDING, hidden), embedding.weight)
    else:
        advance = gru_by_hand(nn.GRUCell(EMBEDDING, hidden), embedding.weight)

    @torch.inference_mode()
    def write() -> None:
        token = torch.tensor([33])
        state = None
        letters = []
        for _ in range(WRITTEN):
            state = advance(token, state)
            shares = torch.softmax(output(state[0]), 1)
            token = shares.div_(torch.empty_like(shares).exponential_()).argmax(1)
            letters.append(LETTERS[int(token) % len(LETTERS)])

    return write


def compare(works: dict[str, Work], *, seconds: float) -> dict[str, dict[str, float]]:
    """Of each peer, the ratio of its time to ours, and milliseconds of both."""
    times = take_turns(works, seconds=seconds)
    found = {}
    for peer in (name for name in works if name != "ours"):
        ratio: Ratio = paired_ratio(times[peer], times["ours"])
        found[peer] = {
            "ratio": ratio.value,
            "low": ratio.low,
            "high": ratio.high,
            "ours_ms": 1e3 * float(np.median(times["ours"])),
            "torch_ms": 1e3 * float(np.median(times[peer])),
        }
    return found


def compare_training(cell: str, hidden: int, *, seconds: float) -> dict[str, dict[str, float]]:
    """Beside torch's own layer."""
    task = build_task(cell, hidden)
    theirs = their_training(cell, hidden, task.tokenizer.size)
    return compare({"ours": our_training(task), "plain": theirs}, seconds=seconds)


def compare_writing(cell: str, hidden: int, *, seconds: float) -> dict[str, dict[str, float]]:
    """Beside both loops."""
    return compare_with_loops(our_writing, cell, hidden, seconds=seconds)


def compare_served(cell: str, hidden: int, *, seconds: float) -> dict[str, dict[str, float]]:
    """Likewise, of the service's writing."""
    return compare_with_loops(our_served_writing, cell, hidden, seconds=seconds)


def compare_with_loops(
    ours: Callable[[GenerateTask], Work], cell: str, hidden: int, *, seconds: float
) -> dict[str, dict[str, float]]:
    """Writing beside both loops of torch."""
    task = build_task(cell, hidden)
    size = task.tokenizer.size
    works = {
        "ours": ours(task),
        "plain": their_writing(cell, hidden, size),
        "tuned": tuned_writing(cell, hidden, size),
    }
    return compare(works, seconds=seconds)


PARTS = {"training": compare_training, "writing": compare_writing, "served": compare_served}


def main() -> None:
    """Measure one cell at one size and print a JSON object."""
    parser = argparse.ArgumentParser(description="Language models beside plain torch.")
    parser.add_argument("--cell", choices=("lstm", "gru"), default="lstm")
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--part", choices=PARTS, action="append", help="all, if not given")
    parser.add_argument("--seconds", type=float, default=15.0, help="a part")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    about = {"cell": asked.cell, "hidden": asked.hidden, "threads": asked.threads}
    found = {
        part: PARTS[part](asked.cell, asked.hidden, seconds=asked.seconds)
        for part in asked.part or PARTS
    }
    print(json.dumps({**about, **found}))


if __name__ == "__main__":
    main()
