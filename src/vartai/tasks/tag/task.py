"""A trained tagger, whole: sentences of words in, a tag for each word out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.batches import plan_in_order
from vartai.data.tagged.blocks import Sentence
from vartai.errors import BundleError, InputError, OptionError
from vartai.models.tagger import SequenceTagger
from vartai.sequences import SequenceBatch
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
from vartai.tasks.tag.build import build_tagger
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.schemes import legal_tags
from vartai.tasks.tag.store import SentenceStore
from vartai.text.given import GivenWords, load_given_words

Ids = NDArray[np.int64]

# How much is scored at once: bounds memory, whatever the number and length of the sentences.
_WORDS, _SENTENCES = 8_000, 512
_SCHEMES = ("none", "bio", "iobes")
MOST_CRF_TAGS = 1_000


@dataclass(eq=False)
class TagTask:
    """A model with everything it needs to read sentences.

    Args:
        config: as it was trained.
        tags: their names, in the order of the scores.
        vocabulary: words to ids.
        model: ids to scores of tags.
        scheme: what the tags mean: none, bio or iobes.
        restricted: whether transitions that the scheme forbids are ruled out.
    """

    config: TagConfig
    tags: tuple[str, ...]
    vocabulary: GivenWords
    model: SequenceTagger
    scheme: str = "none"
    restricted: bool = False

    CHECKED_APART: ClassVar[str | None] = None

    def read(self, sentences: Sequence[Sentence]) -> SentenceStore:
        """The sentences as the model reads them.

        Raises:
            InputError: a sentence lacks an input column.
        """
        wanted = len(self.vocabulary.columns)
        for sentence in sentences:
            if len(sentence.inputs) != wanted:
                names = ", ".join(self.config.reading.input_column)
                raise InputError(
                    f"expected {wanted} input columns beside the words ({names or 'none'}), "
                    f"found {len(sentence.inputs)}",
                    line=sentence.line,
                )
        return SentenceStore(self.vocabulary, sentences, affixes=self.config.model.affixes)

    def batches(self, store: SentenceStore) -> Iterator[tuple[Ids, SequenceBatch]]:
        """Which sentences, and the scores ``[N, tags]`` of their words, until all were there."""
        device = self.model.output.weight.device
        self.model.eval()
        for chosen in plan_in_order(store.lengths, batch_tokens=_WORDS, batch_size=_SENTENCES):
            with torch.inference_mode():
                scores = self.model(store.batch(chosen).to(device))
            yield chosen, scores

    def decode(self, store: SentenceStore) -> list[Ids]:
        """For each sentence the places of its best tags."""
        found: list[Ids] = [np.zeros(0, dtype=np.int64)] * len(store)
        for chosen, scores in self.batches(store):
            with torch.inference_mode():
                best = scores.with_data(self.model.decode(scores)).split()
            for place, tags in zip(chosen.tolist(), best, strict=True):
                found[place] = tags.cpu().numpy()
        return found

    def predict(self, sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
        """For each sentence the tags of its words."""
        decoded = self.decode(self.read(sentences))
        return [tuple(self.tags[tag] for tag in row) for row in decoded]

    def tag_ids(self, sentence: Sentence) -> Ids:
        """``[words]``: places of its tags; -1 for a tag that the model does not have."""
        known = {tag: place for place, tag in enumerate(self.tags)}
        return np.array([known.get(tag, -1) for tag in sentence.tags], dtype=np.int64)

    def facts(self) -> dict[str, Any]:
        """Tags, scheme and sizes of the vocabularies."""
        return {
            "tags": list(self.tags),
            "scheme": self.scheme,
            "vocabulary_size": self.vocabulary.size,
            "characters": self.vocabulary.characters_size,
        }

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""
        config = {
            "options": config_to_mapping(self.config),
            "tags": list(self.tags),
            "scheme": self.scheme,
            "restricted": self.restricted,
        }
        return TaskParts(config, tensors_of(self.model), self.vocabulary.to_json())

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that these parts must have; nothing is allocated.

        Raises:
            BundleError: the configuration or the vocabulary is not a tagger's.
        """
        return shapes_of(lambda: cls._build(parts).model)

    @classmethod
    def from_parts(cls, parts: TaskParts) -> TagTask:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the configuration or the vocabulary is not a tagger's.
        """
        task = cls._build(parts)
        with_tensors(task.model, parts.tensors)
        return task

    @classmethod
    def _build(cls, parts: TaskParts) -> TagTask:
        config, tags, scheme, restricted = _read_config(parts.config)
        vocabulary = load_given_words(parts.tokenizer)
        if len(vocabulary.columns) != len(config.reading.input_column):
            raise BundleError(
                f"tokenizer.json: expected {len(config.reading.input_column)} columns, as in "
                f"config.json, found {len(vocabulary.columns)}"
            )
        model = build_model(config, vocabulary, tags, scheme if restricted else "none")
        return cls(config, tags, vocabulary, model, scheme, restricted)


def build_model(
    config: TagConfig, vocabulary: GivenWords, tags: Sequence[str], scheme: str
) -> SequenceTagger:
    """A fresh model for these words and tags.

    Args:
        config: of the tagger.
        vocabulary: of words, characters and columns.
        tags: names.
        scheme: whose illegal transitions are ruled out; none for no such thing.

    Raises:
        OptionError: a conditional random field over too many tags: every step costs their square.
    """
    if config.model.crf and len(tags) > MOST_CRF_TAGS:
        raise OptionError(
            f"crf scores pairs of tags, of at most {MOST_CRF_TAGS:,} tags; there are {len(tags):,}"
        )
    return build_tagger(
        config.model,
        words=vocabulary.size,
        unknown_id=vocabulary.unknown_id,
        characters=vocabulary.characters_size,
        inputs=vocabulary.column_sizes,
        tags=len(tags),
        legal=legal_tags(scheme, tags),
    )


def _read_config(config: Mapping[str, Any]) -> tuple[TagConfig, tuple[str, ...], str, bool]:
    """Options, tags and scheme of a stored configuration, checked."""
    if set(config) != {"options", "tags", "scheme", "restricted"}:
        raise wrong_names(config, "a tagger's config has options, tags, scheme and restricted")
    tags, scheme, restricted = config["tags"], config["scheme"], config["restricted"]
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
        raise BundleError("config.json: tags should be a list of strings, none empty")
    if len(tags) < 2 or len(set(tags)) != len(tags):
        raise BundleError("config.json: tags should be at least two, each once")
    if scheme not in _SCHEMES:
        raise BundleError(f"config.json: scheme should be one of {', '.join(_SCHEMES)}")
    if not isinstance(restricted, bool):
        raise BundleError("config.json: restricted should be true or false")
    return read_options(TagConfig, config["options"]), tuple(tags), scheme, restricted
