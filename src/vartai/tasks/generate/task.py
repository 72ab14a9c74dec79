"""A trained language model, whole: text in, probabilities of what follows out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vartai.data.passages import Passage
from vartai.data.streams import BORDER_ID, Corpus, build_corpus
from vartai.errors import BundleError
from vartai.models.language_model import RecurrentLanguageModel
from vartai.tasks.configs import config_to_mapping
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.parts import (
    Shapes,
    TaskParts,
    read_options,
    shapes_of,
    tensors_of,
    with_tensors,
    wrong_names,
)
from vartai.text.tokenizer import Tokenizer, load_tokenizer

Ids = NDArray[np.int64]


@dataclass(eq=False)
class GenerateTask:
    """A model with everything it needs to read and write text.

    Args:
        config: as it was trained.
        tokenizer: text to ids.
        model: ids to probabilities.
        ends: whether it was taught where documents end.
    """

    config: GenerateConfig
    tokenizer: Tokenizer
    model: RecurrentLanguageModel
    ends: bool

    CHECKED_APART: ClassVar[str | None] = None

    def corpus(self, passages: Sequence[Passage]) -> Corpus:
        """Passages as the model reads them: every unit a target, once."""
        documents = self.tokenizer.encode_ids([passage.text for passage in passages])
        contexts = self.tokenizer.encode_ids([passage.before for passage in passages])
        before = [int(ids[-1]) if len(ids) else BORDER_ID for ids in contexts]
        ends = self.ends and all(passage.whole for passage in passages)
        return build_corpus(documents, before=before, ends=ends)

    @property
    def unit(self) -> str:
        """What losses are means over, as one says it."""
        return {"char": "character", "word": "word", "bpe": "byte pair"}[self.config.text.unit]

    def facts(self) -> dict[str, Any]:
        """See `vartai.tasks.parts.Task`."""
        return {
            "unit": self.config.text.unit,
            "vocabulary_size": self.tokenizer.size,
            "ends": self.ends,
        }

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""
        return TaskParts(
            config={"options": config_to_mapping(self.config), "ends": self.ends},
            tensors=tensors_of(self.model),
            tokenizer=self.tokenizer.to_json(),
        )

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that these parts must have; nothing is allocated.

        Raises:
            BundleError: the configuration or the tokenizer is not a language model's.
        """
        config, _, tokenizer = _read_parts(parts)
        return shapes_of(lambda: _build(config, tokenizer))

    @classmethod
    def from_parts(cls, parts: TaskParts) -> GenerateTask:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the configuration or the tokenizer is not a language model's.
        """
        config, ends, tokenizer = _read_parts(parts)
        return cls(config, tokenizer, with_tensors(_build(config, tokenizer), parts.tensors), ends)


def _build(config: GenerateConfig, tokenizer: Tokenizer) -> RecurrentLanguageModel:
    return build_language_model(
        config, vocabulary_size=tokenizer.size, unknown_id=tokenizer.unknown_id
    )


def _read_parts(parts: TaskParts) -> tuple[GenerateConfig, bool, Tokenizer]:
    """Options and tokenizer of what was stored, checked, and found to belong together."""
    config, ends = _read_config(parts.config)
    tokenizer = load_tokenizer(parts.tokenizer)
    if tokenizer.unit != config.text.unit:
        raise BundleError(
            f"tokenizer.json: expected units of {config.text.unit}, found {tokenizer.unit}"
        )
    return config, ends, tokenizer


def _read_config(config: Mapping[str, Any]) -> tuple[GenerateConfig, bool]:
    if set(config) != {"options", "ends"}:
        raise wrong_names(config, "a language model's config has options and ends")
    if not isinstance(config["ends"], bool):
        raise BundleError("config.json: ends should be true or false")
    return read_options(GenerateConfig, config["options"]), config["ends"]
