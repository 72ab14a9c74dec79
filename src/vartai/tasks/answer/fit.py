"""From questions to a trained model: the command line and Python share this call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch

from vartai.data.questions.question import SPAN, Questions
from vartai.errors import InputError
from vartai.models.reader import SpanReader
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.problem import SpanProblem, WordProblem, answer_ids, asked_of
from vartai.tasks.answer.replies import read_spans
from vartai.tasks.answer.scores import right_texts
from vartai.tasks.answer.start import continued_task
from vartai.tasks.answer.targets import locate_spans
from vartai.tasks.answer.task import AnswerTask, Knowledge, build_reader
from vartai.tasks.answer.threshold import choose_threshold
from vartai.tasks.experiment import ExampleSplits
from vartai.tasks.identity import run_identity
from vartai.text.characters import train_characters
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer
from vartai.training.device import choose_device, use_threads
from vartai.training.loop import Outcome, train
from vartai.training.sitting import Sitting

Note = Callable[[str], None]


Splits = ExampleSplits[Questions]
"""Questions to learn from, to choose by, and to be judged by."""


def fit_answerer(
    config: AnswerConfig,
    train_questions: Questions,
    valid_questions: Questions,
    *,
    sitting: Sitting,
    start: AnswerTask | None = None,
) -> tuple[AnswerTask, Outcome]:
    """Train a model that answers.

    Args:
        config: of the model; the kind is that of the questions.
        train_questions: with answers.
        valid_questions: with answers; they choose the epoch and the threshold of no answer.
        sitting: observers, processes, checkpoint.
        start: a trained model to go on from, with the vocabulary and answers that it has.

    Returns:
        The model and how its training ended.

    Raises:
        InputError: no questions, fewer than two known words to answer with, two kinds.
        OptionError: `start` has another shape.
    """
    config = _with_kind(config, train_questions, valid_questions)
    torch.manual_seed(config.training.seed)
    task = _fresh_task(config, train_questions) if start is None else continued_task(start, config)
    task.model.to(choose_device(config.training.device))
    problem = _problem(task, train_questions, valid_questions, sitting.note)
    with use_threads(config.training.threads):
        outcome = train(
            problem,
            config.training,
            sitting=sitting,
            identity=run_identity(config, _rows(train_questions), _rows(valid_questions)),
        )
        if outcome.reason == "interrupted" or not isinstance(task.model, SpanReader):
            return task, outcome
        return _calibrated(task, task.model, valid_questions), outcome


def _with_kind(
    config: AnswerConfig, train_questions: Questions, valid_questions: Questions
) -> AnswerConfig:
    """The configuration, which says from now on what the answers are."""
    kind = train_questions.kind
    if valid_questions.kind != kind:
        raise InputError(
            f"expected answers of kind {kind}, found {valid_questions.kind}",
            file=valid_questions.file,
        )
    return replace(config, questions=replace(config.questions, kind=kind))


def _fresh_task(config: AnswerConfig, questions: Questions) -> AnswerTask:
    texts = [*dict.fromkeys(item.context for item in questions.items)]
    texts += [item.text for item in questions.items]
    tokenizer = train_tokenizer(texts, config.text.as_text_options())
    if questions.kind == SPAN:
        options = TextOptions(unit="char", min_frequency=config.text.min_frequency)
        characters = "".join(train_characters(texts, options).vocabulary[2:])
        answerable = all(item.answers for item in questions.items)
        known = Knowledge(characters=characters, answerable=answerable)
    else:
        known = Knowledge(answers=_known_answers(questions))
    return AnswerTask(config, tokenizer, known, build_reader(config, tokenizer, known))


def _known_answers(questions: Questions) -> tuple[str, ...]:
    answers = tuple(sorted({each.text for item in questions.items for each in item.answers}))
    if len(answers) < 2:
        found = f"only {answers[0]!r}" if answers else "none"
        raise InputError(
            f"expected at least two different answers, found {found}", file=questions.file
        )
    return answers


def _problem(
    task: AnswerTask, train_questions: Questions, valid_questions: Questions, note: Note
) -> SpanProblem | WordProblem:
    if not isinstance(task.model, SpanReader):
        for name, part in (("training", train_questions), ("validation", valid_questions)):
            unknown = int((answer_ids(task, part) < 0).sum())
            if unknown and name == "training":
                raise InputError(
                    f"{unknown:,} answers are not among the {len(task.knowledge.answers):,} that "
                    "the model to go on from knows",
                    file=part.file,
                )
            if unknown:
                note(f"{unknown:,} {name} answers are unknown: they count as answered wrong.")
        return WordProblem(task, train_questions, valid_questions)
    if task.knowledge.answerable and not all(item.answers for item in train_questions.items):
        raise InputError(
            "questions without answer, for a model to go on from that always gives one",
            file=train_questions.file,
        )
    texts = task.read_spans(asked_of(train_questions))
    longest = task.config.model.longest_answer
    located = locate_spans(train_questions.items, texts, longest=longest)
    if located.too_long.all():
        raise InputError(f"no answer has {longest} tokens or fewer", file=train_questions.file)
    if located.too_long.any():
        note(
            f"{int(located.too_long.sum()):,} training questions have only answers of more than "
            f"{longest} tokens (longest_answer): nothing is learned from them."
        )
    if located.inside_tokens:
        note(
            f"{located.inside_tokens:,} training answers begin or end inside a token; the whole "
            "tokens are learned."
        )
    return SpanProblem(task, texts, located, valid_questions)


def _calibrated(task: AnswerTask, model: SpanReader, questions: Questions) -> AnswerTask:
    """The same model with the threshold of no answer that suits the validation questions."""
    asked = asked_of(questions)
    texts = task.read_spans(asked)
    readings = read_spans(model, texts, longest=task.config.model.longest_answer, count=1)
    threshold = choose_threshold(readings, texts, asked, right_texts(questions))
    return replace(task, knowledge=replace(task.knowledge, threshold=threshold))


def _rows(questions: Questions) -> Iterator[list[object]]:
    for item in questions.items:
        yield [item.context, item.text, *map(list, item.answers)]
