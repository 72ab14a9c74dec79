"""A trained model that answers questions, whole: context and question in, answers out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn

from vartai.data.questions.question import KINDS, SPAN
from vartai.errors import BundleError, OptionError
from vartai.models.reader import SpanReader
from vartai.models.story_reader import StoryReader
from vartai.tasks.answer.build import build_span_reader, build_story_reader
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.replies import (
    Reply,
    read_spans,
    read_words,
    span_replies,
    word_replies,
)
from vartai.tasks.answer.texts import Asked, SpanTexts, StoryTexts
from vartai.tasks.configs import config_to_mapping
from vartai.tasks.parts import (
    Shapes,
    TaskParts,
    read_options,
    shapes_of,
    tensors_of,
    with_tensors,
    wrong_names,
)
from vartai.text.characters import CharacterTokenizer
from vartai.text.tokenizer import load_tokenizer
from vartai.text.tokens import Tokenizer

_LONGEST_WORD = 100
_MOST_CHARACTERS = 100_000
_MOST_ANSWERS = 1_000_000


@dataclass(frozen=True)
class Knowledge:
    """What a model learned beside its weights.

    Args:
        answers: the known words, in the order of the scores; none of a model of spans.
        characters: those with a vector, in the order of their ids; none of a model of words.
        answerable: whether every question has an answer.
        threshold: in nats; a question has none where that is likelier than the best span by more.
    """

    answers: tuple[str, ...] = ()
    characters: str = ""
    answerable: bool = True
    threshold: float = 0.0


@dataclass(eq=False)
class AnswerTask:
    """A model with everything it needs to read and to answer.

    Args:
        config: as it was trained; its `questions.kind` is set.
        tokenizer: words to ids.
        knowledge: what else it learned.
        model: of spans or of words.
    """

    config: AnswerConfig
    tokenizer: Tokenizer
    knowledge: Knowledge
    model: SpanReader | StoryReader

    CHECKED_APART: ClassVar[str | None] = None

    @property
    def kind(self) -> str:
        """One of `vartai.data.questions.question.KINDS`."""
        return _kind(self.config)

    def read_spans(self, asked: Sequence[Asked]) -> SpanTexts:
        """Questions as the model of spans reads them."""
        return SpanTexts(self.tokenizer, characters_of(self.knowledge), asked)

    def read_words(self, asked: Sequence[Asked]) -> StoryTexts:
        """Questions as the model of words reads them."""
        return StoryTexts(self.tokenizer, asked)

    def replies(self, asked: Sequence[Asked], *, count: int = 1) -> list[list[Reply]]:
        """Answers to each question, the chosen one first, at most `count`."""
        if not asked:
            return []
        if isinstance(self.model, StoryReader):
            scores = read_words(self.model, self.read_words(asked))
            return word_replies(scores, self.knowledge.answers, count=count)
        texts = self.read_spans(asked)
        longest = self.config.model.longest_answer
        readings = read_spans(self.model, texts, longest=longest, count=count)
        threshold = self.knowledge.threshold
        return span_replies(readings, texts, asked, threshold=threshold, count=count)

    def facts(self) -> dict[str, Any]:
        """Kind, sizes of vocabularies, known answers."""
        return {
            "kind": self.kind,
            "vocabulary_size": self.tokenizer.size,
            "answers": len(self.knowledge.answers),
            "characters": len(self.knowledge.characters),
            "answerable": self.knowledge.answerable,
            "threshold": self.knowledge.threshold,
        }

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""
        known = self.knowledge
        config = {
            "options": config_to_mapping(self.config),
            "answers": list(known.answers),
            "characters": known.characters,
            "answerable": known.answerable,
            "threshold": known.threshold,
        }
        return TaskParts(config, tensors_of(self.model), self.tokenizer.to_json())

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that these parts must have; nothing is allocated.

        Raises:
            BundleError: the configuration or the tokenizer is not that of such a model.
        """
        config, known = _read_config(parts.config)
        tokenizer = load_tokenizer(parts.tokenizer)
        return shapes_of(lambda: build_reader(config, tokenizer, known))

    @classmethod
    def from_parts(cls, parts: TaskParts) -> AnswerTask:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the configuration or the tokenizer is not that of such a model.
        """
        config, known = _read_config(parts.config)
        tokenizer = load_tokenizer(parts.tokenizer)
        model = with_tensors(build_reader(config, tokenizer, known), parts.tensors)
        return cls(config, tokenizer, known, model)


def characters_of(knowledge: Knowledge) -> CharacterTokenizer:
    """The characters that a model of spans reads words by."""
    return CharacterTokenizer(knowledge.characters, max_tokens=_LONGEST_WORD)


def build_reader(
    config: AnswerConfig, tokenizer: Tokenizer, knowledge: Knowledge
) -> SpanReader | StoryReader:
    """A model of the configured kind with fresh weights."""
    if _kind(config) == SPAN:
        return build_span_reader(
            config.model,
            vocabulary_size=tokenizer.size,
            unknown_id=tokenizer.unknown_id,
            characters=characters_of(knowledge).size,
            answerable=knowledge.answerable,
        )
    return build_story_reader(
        config.model,
        vocabulary_size=tokenizer.size,
        unknown_id=tokenizer.unknown_id,
        answers=len(knowledge.answers),
    )


def model_device(model: nn.Module) -> torch.device:
    """Where a model's weights are."""
    return next(model.parameters()).device


def _kind(config: AnswerConfig) -> str:
    kind = config.questions.kind
    if kind is None:
        raise OptionError(f"kind must be one of {', '.join(KINDS)} by now, was not given")
    return kind


def _read_config(config: Mapping[str, Any]) -> tuple[AnswerConfig, Knowledge]:
    """Options and knowledge of a stored configuration, checked."""
    names = {"options", "answers", "characters", "answerable", "threshold"}
    if set(config) != names:
        raise wrong_names(config, f"a model that answers has {', '.join(sorted(names))}")
    options = read_options(AnswerConfig, config["options"])
    if options.questions.kind is None:
        raise BundleError("config.json: options.questions.kind should be span or word, is null")
    return options, _read_knowledge(config, kind=options.questions.kind)


def _read_knowledge(config: Mapping[str, Any], *, kind: str) -> Knowledge:
    answers, characters = config["answers"], config["characters"]
    if not isinstance(answers, list) or not all(isinstance(each, str) for each in answers):
        raise BundleError("config.json: answers should be a list of strings")
    if len(set(answers)) < len(answers) or len(answers) > _MOST_ANSWERS:
        raise BundleError("config.json: answers should be different, and no more than a million")
    if not isinstance(characters, str) or len(set(characters)) < len(characters):
        raise BundleError("config.json: characters should be a string of different characters")
    if any("\ud800" <= character <= "\udfff" for character in characters):
        raise BundleError("config.json: characters should hold no half of a surrogate pair")
    if len(characters) > _MOST_CHARACTERS:
        raise BundleError(f"config.json: characters should be at most {_MOST_CHARACTERS:,}")
    if (kind == SPAN) == bool(answers):
        raise BundleError(f"config.json: {len(answers)} known answers do not go with kind {kind}")
    if not isinstance(config["answerable"], bool):
        raise BundleError("config.json: answerable should be true or false")
    threshold = config["threshold"]
    if not isinstance(threshold, float) or not math.isfinite(threshold):
        raise BundleError("config.json: threshold should be a number with a fraction")
    return Knowledge(tuple(answers), characters, config["answerable"], threshold)
