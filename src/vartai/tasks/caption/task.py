"""A trained captioner, whole: pictures in, sentences out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, ClassVar

import torch
from torch import Tensor

from vartai.data.captions import CaptionedPictures
from vartai.decoding.beam import Written
from vartai.errors import BundleError
from vartai.models.captioner import Captioner
from vartai.tasks.caption.build import build_captioner
from vartai.tasks.caption.config import CaptionConfig, CaptionWriting
from vartai.tasks.caption.examples import captions_of
from vartai.tasks.caption.problem import CaptionStore
from vartai.tasks.caption.words import encode_captions, join_words
from vartai.tasks.caption.writing import look_weights, write_captions
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
from vartai.text.tokenizer import load_tokenizer
from vartai.text.words import WordTokenizer


@dataclass(frozen=True)
class Caption:
    """One caption of a picture.

    Args:
        text: the words as a sentence.
        words: as they were written, one after another.
        log_probability: in nats, of the words and the end.
        score: what it was compared by.
        cut: it had not ended when it had as many words as were allowed.
    """

    text: str
    words: list[str]
    log_probability: float
    score: float
    cut: bool


@dataclass(frozen=True)
class Looks:
    """Where a captioner looked.

    Args:
        words: of the caption, and an empty one for its end.
        weights: ``[words][places]``, rows adding up to 1; places row by row from the top left.
        side: places along each side; None where annotations are in no square.
    """

    words: list[str]
    weights: list[list[float]]
    side: int | None


@dataclass(eq=False)
class CaptionTask:
    """A model with everything it needs to write about pictures.

    Args:
        config: as it was trained.
        words: the vocabulary.
        model: pictures to ids.
    """

    config: CaptionConfig
    words: WordTokenizer
    model: Captioner

    CHECKED_APART: ClassVar[str | None] = None

    def store(self, examples: CaptionedPictures) -> CaptionStore:
        """Pictures and captions as the model reads them."""
        captions = captions_of(examples)
        ids = encode_captions(self.words, list(chain.from_iterable(captions)))
        return CaptionStore(examples.inputs, ids, [len(own) for own in captions])

    def caption(self, pictures: Tensor, options: CaptionWriting | None = None) -> list[Caption]:
        """The best caption of each picture; see `alternatives`."""
        return [found[0] for found in self.alternatives(pictures, options, best=1)]

    def alternatives(
        self, pictures: Tensor, options: CaptionWriting | None = None, *, best: int
    ) -> list[list[Caption]]:
        """The best few captions of each picture, best first.

        Args:
            pictures: uint8 ``[P, 3, S, S]`` of the size that the model was trained on, or
                annotations ``[P, L, D]``.
            options: of the search; those of the configuration if not given.
            best: how many, at most the beam.
        """
        self.model.eval()
        written = write_captions(
            self.model,
            pictures,
            self.config.writing if options is None else options,
            longest=self.config.text.max_tokens,
            best=best,
        )
        return [[self._spelled(one) for one in found] for found in written]

    def _spelled(self, written: Written) -> Caption:
        words = self.words.tokens(written.ids)
        return Caption(
            text=join_words(words),
            words=words,
            log_probability=written.log_probability,
            score=written.score,
            cut=written.cut,
        )

    def looks(
        self, picture: Tensor, words: Sequence[str], options: CaptionWriting | None = None
    ) -> Looks:
        """Where in a picture it looks before each of these words, and before the end.

        Args:
            picture: one, or its annotations, without a batch.
            words: of a caption; those it does not know are read as unknown.
            options: how it looks; that of the configuration if not given.
        """
        ids = {word: place for place, word in enumerate(self.words.vocabulary)}
        unknown = self.words.unknown_id
        numbers = torch.tensor([ids.get(word, unknown) for word in words])
        self.model.eval()
        weights = look_weights(
            self.model,
            picture,
            numbers.numpy().astype("int64"),
            self.config.writing if options is None else options,
        )
        side = round(weights.size(1) ** 0.5)
        return Looks(
            words=[*words, ""],
            weights=weights.tolist(),
            side=side if side * side == weights.size(1) else None,
        )

    def facts(self) -> dict[str, Any]:
        """Sizes of vocabulary and pictures."""
        pictures = self.config.pictures
        given = self.config.model.encoder == "given"
        return {
            "vocabulary": self.words.size,
            "pictures": "annotations" if given else f"{pictures.picture_size} pixels",
        }

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""
        return TaskParts(
            config={"options": config_to_mapping(self.config)},
            tensors=tensors_of(self.model),
            tokenizer=self.words.to_json(),
        )

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that these parts must have; nothing is allocated.

        Raises:
            BundleError: the configuration or the tokenizer is not a captioner's.
        """
        config, words = _read_config(parts.config), _load_words(parts.tokenizer)
        return shapes_of(lambda: build_captioner(config, vocabulary_size=words.size))

    @classmethod
    def from_parts(cls, parts: TaskParts) -> CaptionTask:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the configuration or the tokenizer is not a captioner's.
        """
        config, words = _read_config(parts.config), _load_words(parts.tokenizer)
        model = build_captioner(config, vocabulary_size=words.size)
        return cls(config, words, with_tensors(model, parts.tensors))

    def with_writing(self, writing: CaptionWriting) -> CaptionTask:
        """The same captioner with another search."""
        return replace(self, config=replace(self.config, writing=writing))


def _read_config(config: Mapping[str, Any]) -> CaptionConfig:
    if set(config) != {"options"} or not isinstance(config["options"], dict):
        raise wrong_names(config, "a captioner's config has one object, options")
    return read_options(CaptionConfig, config["options"])


def _load_words(text: str) -> WordTokenizer:
    tokenizer = load_tokenizer(text)
    if not isinstance(tokenizer, WordTokenizer):
        raise BundleError("tokenizer.json: a captioner's tokens are words")
    return tokenizer
