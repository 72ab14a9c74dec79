"""A trained text classifier, whole: text in, class probabilities out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.batches import TokenStore, plan_in_order
from vartai.errors import BundleError
from vartai.models.classifier import SequenceClassifier
from vartai.tasks.classify.blend import Blend, probabilities
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.ngrams import NgramPath
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
from vartai.text.rows import read_rows
from vartai.text.tokenizer import Tokenizer, load_tokenizer

Floats = NDArray[np.float64]

# Names of the n-gram path's tensors start so.
_APART = "wide."

# How much is scored at once: bounds memory, whatever the number and length of the texts.
_TOKENS, _TEXTS = 16_000, 512


@dataclass(frozen=True, eq=False)
class PathScores:
    """Class scores ``[texts, classes]`` of each path, before the blend; None for one not there."""

    recurrent: Floats
    wide: Floats | None


@dataclass(eq=False)
class ClassifyTask:
    """A model with everything it needs to read text.

    Args:
        config: as it was trained.
        labels: names of the classes, in the order of the scores.
        tokenizer: text to ids.
        model: ids to class scores.
        blend: weights of the recurrent and the n-gram scores.
        wide: the n-gram path, if it was trained.
    """

    config: ClassifyConfig
    labels: tuple[str, ...]
    tokenizer: Tokenizer
    model: SequenceClassifier
    blend: Blend = field(default_factory=Blend)
    wide: NgramPath | None = None

    CHECKED_APART: ClassVar[str | None] = _APART
    """Tensors whose names start so are checked by `NgramPath`, not by `shapes`."""

    @property
    def multilabel(self) -> bool:
        """Whether a text can have several labels, or none."""
        return self.config.table.label_separator is not None

    def recurrent_scores(self, store: TokenStore) -> Floats:
        """Class scores ``[texts, classes]`` of the recurrent path alone, before the blend."""
        device = self.model.output.weight.device
        scores = torch.zeros(len(store), len(self.labels))
        self.model.eval()
        with torch.inference_mode():
            for chosen in plan_in_order(store.lengths, batch_tokens=_TOKENS, batch_size=_TEXTS):
                batch = store.batch(chosen).to(device)
                scores[torch.from_numpy(chosen)] = self.model(batch).float().cpu()
        return scores.double().numpy()

    def read(self, texts: Sequence[str]) -> TokenStore:
        """The texts as the model reads them."""
        return TokenStore(read_rows(self.tokenizer, texts, affixes=self.config.text.affixes))

    def path_scores(self, texts: Sequence[str]) -> PathScores:
        """What each path says of the texts."""
        store = self.read(texts)
        wide = None if self.wide is None else self.wide.scores(texts)
        return PathScores(self.recurrent_scores(store), wide)

    def blended(self, paths: PathScores) -> Floats:
        """Class scores ``[texts, classes]`` of both paths, or of the one that this task has."""
        return self.blend(paths.recurrent, None if self.wide is None else paths.wide)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Class scores ``[texts, classes]``: what softmax or sigmoid turns into probabilities."""
        return self.blended(self.path_scores(texts))

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """``[texts, classes]``; rows add up to 1 unless a text can have several labels."""
        return probabilities(self.scores(texts), multilabel=self.multilabel)

    def alone(self) -> ClassifyTask:
        """The same classifier without the n-gram path."""
        return ClassifyTask(self.config, self.labels, self.tokenizer, self.model, self.blend)

    def facts(self) -> dict[str, Any]:
        """Labels, and how many tokens the vocabulary has."""
        return {"labels": list(self.labels), "vocabulary_size": self.tokenizer.size}

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""
        config = {
            "options": config_to_mapping(self.config),
            "labels": list(self.labels),
            "blend": {"recurrent": self.blend.recurrent, "wide": self.blend.wide},
        }
        tensors = tensors_of(self.model)
        if self.wide is not None:
            tensors |= {f"{_APART}{name}": value for name, value in self.wide.tensors().items()}
        return TaskParts(config=config, tensors=tensors, tokenizer=self.tokenizer.to_json())

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that the recurrent path of these parts must have.

        Nothing is allocated. Tensors named ``wide.…`` are the n-gram path's own affair.

        Raises:
            BundleError: the configuration or the tokenizer is not a classifier's.
        """
        config, labels, _ = _read_config(parts.config)
        tokenizer = load_tokenizer(parts.tokenizer)
        return shapes_of(lambda: _build(config, tokenizer, labels))

    @classmethod
    def from_parts(cls, parts: TaskParts) -> ClassifyTask:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the configuration, the tokenizer or the n-gram path is not a classifier's.
        """
        config, labels, blend = _read_config(parts.config)
        tokenizer = load_tokenizer(parts.tokenizer)
        own, apart = {}, {}
        for name, value in parts.tensors.items():
            if name.startswith(_APART):
                apart[name.removeprefix(_APART)] = value
            else:
                own[name] = value
        if apart and not config.model.wide:
            raise BundleError("model.safetensors: n-gram tensors in a model without n-gram path")
        model = with_tensors(_build(config, tokenizer, labels), own)
        wide = NgramPath.from_tensors(apart, classes=len(labels)) if config.model.wide else None
        return cls(config, labels, tokenizer, model, blend, wide)


def _build(
    config: ClassifyConfig, tokenizer: Tokenizer, labels: Sequence[str]
) -> SequenceClassifier:
    return build_classifier(
        config.model,
        vocabulary_size=tokenizer.size,
        unknown_id=tokenizer.unknown_id,
        classes=len(labels),
        affixes=config.text.affixes,
    )


def _read_config(config: Mapping[str, Any]) -> tuple[ClassifyConfig, tuple[str, ...], Blend]:
    """Options, labels and blend of a stored configuration, checked."""
    if set(config) != {"options", "labels", "blend"}:
        raise wrong_names(config, "a classifier's config has options, labels and blend")
    labels, blend = config["labels"], config["blend"]
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BundleError("config.json: labels should be a list of strings")
    if len(labels) < 2 or len(set(labels)) != len(labels):
        raise BundleError("config.json: labels should be at least two, each once")
    if not isinstance(blend, dict) or set(blend) != {"recurrent", "wide"}:
        raise BundleError("config.json: blend should have recurrent and wide")
    if not all(isinstance(blend[name], float) for name in blend):
        raise BundleError("config.json: blend should hold two numbers")
    return read_options(ClassifyConfig, config["options"]), tuple(labels), Blend(**blend)
