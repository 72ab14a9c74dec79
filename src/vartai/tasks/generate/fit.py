"""From text to a trained language model: the command line and Python share this call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from vartai.data.passages import Passage, TextSplits
from vartai.data.streams import Corpus
from vartai.errors import InputError
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.problem import GenerateProblem
from vartai.tasks.generate.start import continued_task
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.identity import run_identity
from vartai.text.tokenizer import Tokenizer, train_spaced, train_tokenizer
from vartai.training.device import choose_device, use_threads
from vartai.training.loop import Outcome, train
from vartai.training.sitting import Sitting


def fit_language_model(
    config: GenerateConfig,
    splits: TextSplits,
    *,
    sitting: Sitting,
    start: GenerateTask | None = None,
) -> tuple[GenerateTask, Outcome]:
    """Train a language model.

    Args:
        config: of the language model.
        splits: text to learn from, and to choose the epoch by.
        sitting: observers, processes, checkpoint.
        start: a trained language model to go on from; its vocabulary is extended by the new text.

    Returns:
        The language model and how its training ended.

    Raises:
        InputError: too little text.
        OptionError: options that the model to go on from does not allow.
    """
    torch.manual_seed(config.training.seed)
    if start is None:
        task = _fresh_task(config, splits)
    else:
        task = continued_task(start, config, splits, sitting.note)
    task.model.to(choose_device(config.training.device))
    corpora = {name: task.corpus(part) for name, part in _named(splits).items()}
    _check(task, corpora, sitting.note)
    problem = GenerateProblem(task, corpora["to train on"], corpora["to choose the epoch by"])
    with use_threads(config.training.threads):
        outcome = train(
            problem,
            config.training,
            sitting=sitting,
            identity=run_identity(config, _rows(splits.train), _rows(splits.valid)),
        )
    task.model.eval()
    return task, outcome


def learn_units(config: GenerateConfig, passages: Sequence[Passage]) -> Tokenizer:
    """The tokenizer that options and text make."""
    texts = [passage.text for passage in passages]
    options = config.text.text_options()
    return train_spaced(texts, options) if config.text.spaced else train_tokenizer(texts, options)


def _fresh_task(config: GenerateConfig, splits: TextSplits) -> GenerateTask:
    tokenizer = learn_units(config, splits.train)
    model = build_language_model(
        config, vocabulary_size=tokenizer.size, unknown_id=tokenizer.unknown_id
    )
    return GenerateTask(config, tokenizer, model, splits.ends)


def _named(splits: TextSplits) -> dict[str, Sequence[Passage]]:
    return {"to train on": splits.train, "to choose the epoch by": splits.valid}


def _check(task: GenerateTask, corpora: dict[str, Corpus], note: Callable[[str], None]) -> None:
    for name, corpus in corpora.items():
        if len(corpus) < 2:
            raise InputError(f"expected at least two {task.unit}s {name}, found {len(corpus)}")
        unknown = int((corpus.targets == task.tokenizer.unknown_id).sum())
        share = f", {unknown:,} of them unknown" if unknown else ""
        note(f"{len(corpus):,} {task.unit}s {name}{share}")
    note(f"{task.tokenizer.size:,} different {task.unit}s, the two special ones included")


def _rows(passages: Sequence[Passage]) -> Iterator[list[str]]:
    return ([passage.before, passage.text] for passage in passages)
