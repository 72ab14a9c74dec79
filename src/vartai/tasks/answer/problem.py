"""Answering as the training loop sees it: batches, loss, validation; one problem for each kind."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from vartai.data.batches import natural_batch_size, plan_epoch
from vartai.data.questions.question import Questions
from vartai.models.reader import SpanReader
from vartai.models.span_scores import span_loss
from vartai.models.story_reader import StoryReader
from vartai.tasks.answer.replies import read_spans, read_words, span_replies
from vartai.tasks.answer.scores import right_texts, span_values
from vartai.tasks.answer.targets import Located, gather_targets, locate_spans
from vartai.tasks.answer.task import AnswerTask, model_device
from vartai.tasks.answer.texts import Asked, SpanTexts, StoryTexts
from vartai.tasks.answer.threshold import choose_threshold
from vartai.training.options import TrainingOptions
from vartai.training.problem import Independent, Loss, Score
from vartai.training.shares import standard_error

Ids = NDArray[np.int64]


def asked_of(questions: Questions) -> list[Asked]:
    """Contexts and questions alone."""
    return [Asked(item.context, item.text) for item in questions.items]


def answer_ids(task: AnswerTask, questions: Questions) -> Ids:
    """``[questions]``: number of each question's answer among the known ones; -1 if unknown."""
    known = {answer: number for number, answer in enumerate(task.knowledge.answers)}
    first = (item.answers[0].text if item.answers else "" for item in questions.items)
    return np.array([known.get(text, -1) for text in first], dtype=np.int64)


class SpanProblem(Independent):
    """Passages to learn from, and others to choose the epoch by.

    Args:
        task: its model is trained.
        train_texts: questions to learn from, as the model reads them.
        located: where their answers stand.
        valid: questions to choose by.
    """

    unit = "question"
    measure = "f1"

    def __init__(
        self,
        task: AnswerTask,
        train_texts: SpanTexts,
        located: Located,
        valid: Questions,
    ) -> None:
        if not isinstance(task.model, SpanReader):
            raise TypeError("SpanProblem: the model must be one of spans")
        self.task = task
        self.reader = task.model
        self.model: nn.Module = task.model
        self._texts = train_texts
        self._located = located
        # Where every answer is too long to be given, there is nothing to learn.
        self._usable = np.flatnonzero(~located.too_long)
        self._valid = valid
        self._asked = asked_of(valid)
        self._valid_texts = task.read_spans(self._asked)
        longest = task.config.model.longest_answer
        self._valid_located = locate_spans(valid.items, self._valid_texts, longest=longest)

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as indices of training questions."""
        batches = _plan(self._texts.lengths[self._usable], self.task.config.training, epoch)
        return [self._usable[batch] for batch in batches]

    def units(self, chosen: Ids) -> float:
        """Questions in a batch."""
        return len(chosen)

    def loss(self, chosen: Ids) -> Loss:
        """Nats of the right spans, or of none."""
        batch = self._texts.batch(chosen)
        nats = self._nats(self._texts, self._located, chosen)
        return Loss(nats.sum(), None, len(batch.passages.data) + len(batch.questions.data))

    def _nats(self, texts: SpanTexts, located: Located, chosen: Ids) -> torch.Tensor:
        device = model_device(self.model)
        batch = texts.batch(chosen).to(device)
        targets = gather_targets(located, chosen, batch.passages.offsets[:-1].numpy())
        longest = self.task.config.model.longest_answer
        return span_loss(self.reader(batch), targets.to(device), longest=longest)

    def validate(self) -> Score:
        """Loss, and F1 at the best threshold, on the validation questions."""
        longest = self.task.config.model.longest_answer
        readings = read_spans(self.reader, self._valid_texts, longest=longest, count=1)
        right = right_texts(self._valid)
        threshold = choose_threshold(readings, self._valid_texts, self._asked, right)
        replies = span_replies(
            readings, self._valid_texts, self._asked, threshold=threshold, count=1
        )
        values = span_values([each[0].text for each in replies], right).f1
        error = float(values.std() / np.sqrt(len(values)))
        return Score(self._valid_loss(), float(values.mean()), error)

    def _valid_loss(self) -> float:
        places = np.flatnonzero(~self._valid_located.too_long)
        total = 0.0
        with torch.inference_mode():
            for chosen in np.array_split(places, max(1, len(places) // 64)):
                if len(chosen):
                    total += float(self._nats(self._valid_texts, self._valid_located, chosen).sum())
        return total / max(1, len(places))


class WordProblem(Independent):
    """Stories to learn from, and others to choose the epoch by.

    Args:
        task: its model is trained.
        train: questions to learn from; each has a known answer.
        valid: questions to choose by.
    """

    unit = "question"
    measure = "accuracy"

    def __init__(self, task: AnswerTask, train: Questions, valid: Questions) -> None:
        if not isinstance(task.model, StoryReader):
            raise TypeError("WordProblem: the model must be one of words")
        self.task = task
        self.reader = task.model
        self.model: nn.Module = task.model
        self._texts = task.read_words(asked_of(train))
        self._truth = torch.from_numpy(answer_ids(task, train))
        self._valid_texts: StoryTexts = task.read_words(asked_of(valid))
        self._valid_truth = answer_ids(task, valid)

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as indices of training questions."""
        return _plan(self._texts.lengths, self.task.config.training, epoch)

    def units(self, chosen: Ids) -> float:
        """Questions in a batch."""
        return len(chosen)

    def loss(self, chosen: Ids) -> Loss:
        """Cross-entropy over the known answers."""
        device = model_device(self.model)
        scores = self.reader(self._texts.batch(chosen).to(device))
        truth = self._truth[torch.from_numpy(chosen)].to(device)
        total = nn.functional.cross_entropy(
            scores,
            truth,
            label_smoothing=self.task.config.training.label_smoothing,
            reduction="sum",
        )
        right = int((scores.argmax(1) == truth).sum())
        return Loss(total, right, int(self._texts.lengths[chosen].sum()))

    def validate(self) -> Score:
        """Loss and accuracy on the validation questions."""
        scores = read_words(self.reader, self._valid_texts)
        known = self._valid_truth >= 0
        nats = -scores[np.flatnonzero(known), self._valid_truth[known]]
        share = float((scores.argmax(1) == self._valid_truth).mean())
        loss = float(nats.mean()) if len(nats) else 0.0
        return Score(loss, share, standard_error(share, len(known)))


def _plan(lengths: Ids, options: TrainingOptions, epoch: int) -> list[Ids]:
    return plan_epoch(
        lengths,
        batch_tokens=options.batch_tokens,
        batch_size=options.batch_size or natural_batch_size(len(lengths)),
        seed=options.seed,
        epoch=epoch,
    )
