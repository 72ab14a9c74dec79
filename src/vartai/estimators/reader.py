"""A reader in Python: contexts and questions in, answers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sklearn.base import BaseEstimator

from vartai.data.options import SplitOptions
from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import SPAN, Questions
from vartai.data.questions.split import split_questions
from vartai.estimators.parameters import Parameters
from vartai.estimators.questions import read_answered, read_pairs
from vartai.estimators.trained import Trained, hold_out, learn
from vartai.inspect.answering import trace_answer
from vartai.inspect.selection import Selection, Units
from vartai.inspect.trace import MAX_TOKENS, Trace
from vartai.tasks.answer.card import describe, sizes, unjudged
from vartai.tasks.answer.config import (
    AnswerConfig,
    AnswerTrainingOptions,
    ReaderOptions,
    WordOptions,
)
from vartai.tasks.answer.evaluation import answer_all, judge_answers
from vartai.tasks.answer.fit import fit_answerer
from vartai.tasks.answer.replies import Reply
from vartai.tasks.answer.task import AnswerTask
from vartai.tasks.answer.texts import Asked
from vartai.tasks.card_facts import Run
from vartai.tasks.measured import run_as_mapping
from vartai.training.events import Observer
from vartai.training.sitting import ignore

# The arguments are called X and y because scikit-learn calls them so.
# ruff: noqa: N803
READER = Parameters(
    AnswerConfig,
    {
        ("questions", "format"): "no file is read",
        ("questions", "context"): "contexts come as values, not in a named column",
        ("questions", "question"): "questions come as values, not in a named column",
        ("questions", "answer"): "answers come as values, not in a named column",
        ("questions", "answer_start"): "an answer brings its start along",
        ("questions", "empty_answers"): "None says that there is no answer",
        ("questions", "delimiter"): "no file is read",
        ("questions", "encoding"): "Python's texts are decoded",
        ("split", "test_share"): "the caller holds the test questions and calls `score`",
        ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
    },
)
"""Which options of the configuration are parameters, and why the others are not."""


@dataclass(kw_only=True, eq=False, repr=False)
class Reader(Trained[AnswerTask], BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    r"""Learns to answer questions about texts: a recurrent network in `fit` and `predict`.

    The parameters and their defaults are those of `vartai train answer`. They are described where
    they are defined: in `ReaderOptions`, `WordOptions` and `AnswerTrainingOptions`, with ``kind``
    and ``max_characters`` from `QuestionOptions` and ``valid_share`` from `SplitOptions`. `fit`
    checks them.

    What is asked is a pair: a context and a question about it. With ``kind`` span (or None) an
    answer is a part of the context: a text, or a text and the code point at which it begins, or a
    list of several that are right, or None where there is none. With ``kind`` word it is one of the
    answers known from training; the context is a story, a line each.

    Attributes:
        history_: an `EpochDone` for each epoch; not after `load`.
        notes_: what `fit` noticed about the questions, in sentences; not after `load`.
        metrics_: what was measured: for one, ``valid`` holds the scores on the validation part.
        card_: the model card that `save` writes, in Markdown.
        task_: the trained network with all it needs to read questions.

    Example:
        >>> places = ["garden", "kitchen"] * 10
        >>> asked = [(f"Story {n}.\nOna is in the {w}.", "Where is Ona?")
        ...          for n, w in enumerate(places)]
        >>> reader = Reader(kind="word", hidden_size=8, epochs=2, valid_share=0.2)
        >>> len(reader.fit(asked, places).predict(asked))
        20
    """

    TASK = "answer"
    PARAMETERS = READER

    kind: str | None = QuestionOptions.kind
    max_characters: int = QuestionOptions.max_characters

    cell: str = ReaderOptions.cell
    layers: int = ReaderOptions.layers
    hidden_size: int = ReaderOptions.hidden_size
    embedding_size: int = ReaderOptions.embedding_size
    character_size: int = ReaderOptions.character_size
    hops: int = ReaderOptions.hops
    longest_answer: int = ReaderOptions.longest_answer
    word_dropout: float = ReaderOptions.word_dropout
    dropout: float = ReaderOptions.dropout

    lowercase: bool = WordOptions.lowercase
    vocabulary_size: int = WordOptions.vocabulary_size
    min_frequency: int = WordOptions.min_frequency

    epochs: int = AnswerTrainingOptions.epochs
    time: str | None = AnswerTrainingOptions.time
    patience: int = AnswerTrainingOptions.patience
    learning_rate: float = AnswerTrainingOptions.learning_rate
    warmup: int = AnswerTrainingOptions.warmup
    batch_size: int | None = AnswerTrainingOptions.batch_size
    batch_tokens: int = AnswerTrainingOptions.batch_tokens
    clip: float = AnswerTrainingOptions.clip
    weight_decay: float = AnswerTrainingOptions.weight_decay
    label_smoothing: float = AnswerTrainingOptions.label_smoothing
    averaging: float = AnswerTrainingOptions.averaging
    threads: int | None = AnswerTrainingOptions.threads
    device: str = AnswerTrainingOptions.device
    seed: int = AnswerTrainingOptions.seed

    valid_share: float = SplitOptions.valid_share

    def fit(
        self,
        X: object,
        y: object,
        *,
        valid: tuple[object, object] | None = None,
        observer: Observer = ignore,
    ) -> Reader:
        """Train.

        Args:
            X: pairs of a context and a question.
            y: the answer to each.
            valid: pairs and answers that choose the best epoch, and when to give no answer. If not
                given, ``valid_share`` of `X` is held out for it, with equal contexts on one side.
            observer: told of every step and epoch, for a progress bar of your own.

        Returns:
            This reader. If training was interrupted (Ctrl-C) it is as it was before.

        Raises:
            InputError: pairs or answers are not what was expected; names the position.
            OptionError: a parameter has the wrong type or is out of bounds.
            RunError: training diverged.
            KeyboardInterrupt: Ctrl-C.
        """
        config = READER.to_config(self.get_params(deep=False))
        notes: list[str] = []
        read = partial(_read, config)
        train, held_out = hold_out(
            read(X, y, ("X", "y")),
            valid,
            split=lambda questions: _split(config, questions, notes),
            read=read,
            both="pairs and their answers",
        )
        task, outcome = learn(
            lambda sitting: fit_answerer(config, train, held_out, sitting=sitting),
            observer,
            notes,
        )
        given = [reply.text for reply in answer_all(task, held_out)]
        scores = {
            "kind": task.kind,
            "threshold": task.knowledge.threshold,
            "valid": judge_answers(given, held_out).as_mapping(),
        }
        metrics = run_as_mapping(task, outcome, scores, seconds=outcome.seconds)
        run = Run(task, outcome, metrics, sizes(train, held_out), unjudged(task.kind))
        title = f"Reader ({config.model.cell})"
        return self._become(run, describe(run), title=title, notes=notes)

    def predict(self, X: object) -> list[str | None]:
        """The answer to each pair; None where there is none.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: pairs are not what was expected; names the position.
        """
        return [replies[0].text for replies in self.replies(X)]

    def replies(self, X: object, *, top: int = 1) -> list[list[Reply]]:
        """For each pair its answers with their places and probabilities, the chosen one first.

        Args:
            X: pairs of a context and a question.
            top: answers to each, at most.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: pairs are not what was expected; names the position.
        """
        task = self._fitted()
        pairs = read_pairs(X, name="X", max_characters=self.max_characters)
        return task.replies([Asked(*pair) for pair in pairs], count=top)

    def score(self, X: object, y: object) -> float:
        """Mean F1 of the words of span answers; the share of words answered right.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: pairs or answers are not what was expected; names the position.
        """
        task = self._fitted()
        questions = _read(task.config, X, y, ("X", "y"))
        given = [reply.text for reply in answer_all(task, questions)]
        return judge_answers(given, questions).value

    def trace(
        self,
        context: str,
        question: str,
        *,
        layers: Sequence[str] | None = None,
        units: Units | None = None,
        gates: bool | Sequence[str] = True,
        running: bool = True,
        max_tokens: int = MAX_TOKENS,
    ) -> Trace:
        """Every state and gate of reading a passage and a question, and what looks at what.

        Args:
            context: the passage.
            question: about it.
            layers: as `vartai.inspect.trace.trace` has it, like all options here.
            units: of each layer, or by the layer's name.
            gates: all, none, or some by name.
            running: whether it is wanted where answers begin and end; or, where they are words, the
                answer after each line.
            max_tokens: of a longer passage the first so many are read.

        Returns:
            One trace, with layers such as ``passage.l0`` and ``question.l0``; where answers are
            words, ``story.l0`` over the lines of the context, ``words.l0`` and ``question.l0``.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: something is not text, or has no token.
            OptionError: a layer, unit or gate that is not there; lists those there are.
        """
        task = self._fitted()
        [pair] = read_pairs([(context, question)], name="X", max_characters=self.max_characters)
        selection = Selection(layers, units, gates)
        asked = Asked(*pair)
        return trace_answer(task, asked, selection, running=running, max_tokens=max_tokens)


def _read(
    config: AnswerConfig, pairs: object, answers: object, names: tuple[str, str]
) -> Questions:
    return read_answered(
        pairs,
        answers,
        kind=config.questions.kind or SPAN,
        names=names,
        max_characters=config.questions.max_characters,
    )


def _split(config: AnswerConfig, questions: Questions, notes: list[str]) -> list[Questions]:
    share = config.split.valid_share
    parts, found = split_questions(
        questions, fractions=(1 - share, share), seed=config.training.seed
    )
    notes += found
    return parts
