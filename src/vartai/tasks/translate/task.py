"""A trained translator, whole: text in, text out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from vartai.data.batches import Ids, TokenStore
from vartai.decoding.beam import Written
from vartai.errors import BundleError
from vartai.models.encoder_decoder import EncoderDecoder
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
from vartai.tasks.translate.build import build_translator
from vartai.tasks.translate.config import TranslateConfig, WritingOptions
from vartai.tasks.translate.long_texts import cut_ids
from vartai.tasks.translate.pieces import decode_pieces, encode_pieces
from vartai.tasks.translate.problem import PairStore
from vartai.tasks.translate.writing import attention_weights, write_translations
from vartai.text.subwords import SubwordTokenizer
from vartai.text.tokenizer import load_tokenizer


@dataclass(frozen=True)
class Translation:
    """One translation of a text.

    Args:
        text: of the translation; empty for a text without any words.
        log_probability: in nats, its parts added up.
        score: what it was compared by, in the mean over its parts.
        parts: the text had to be cut into so many, each translated by itself; 0 for an empty one.
        cut: it had not ended when it had as many tokens as were allowed.
    """

    text: str
    log_probability: float
    score: float
    parts: int
    cut: bool


NOTHING = Translation("", 0.0, 0.0, parts=0, cut=False)


@dataclass(frozen=True)
class Alignment:
    """Attention of one translation.

    Args:
        source: tokens of the text, the space that begins a word with them.
        target: tokens of the translation, and an empty one for its end.
        weights: ``[target][source]``, rows adding up to 1.
    """

    source: list[str]
    target: list[str]
    weights: list[list[float]]


@dataclass(eq=False)
class TranslateTask:
    """A model with everything it needs to read and write text.

    Args:
        config: as it was trained.
        source: reads texts to translate.
        target: spells translations; the same object where the vocabulary is shared.
        model: ids to ids.
    """

    config: TranslateConfig
    source: SubwordTokenizer
    target: SubwordTokenizer
    model: EncoderDecoder

    CHECKED_APART: ClassVar[str | None] = None

    def store(self, sources: Sequence[str], targets: Sequence[str]) -> PairStore:
        """Pairs as the model reads them."""
        return PairStore(
            TokenStore(encode_pieces(self.source, sources)),
            TokenStore(encode_pieces(self.target, targets)),
        )

    def translate(
        self, texts: Sequence[str], options: WritingOptions | None = None
    ) -> list[Translation]:
        """The best translation of each text; see `alternatives`."""
        return [found[0] for found in self.alternatives(texts, options, best=1)]

    def alternatives(
        self, texts: Sequence[str], options: WritingOptions | None = None, *, best: int
    ) -> list[list[Translation]]:
        """The best few translations of each text, best first.

        A blank text has one, an empty one. A text of more than ``max_tokens`` tokens is cut into
        parts; its n-th translation is made of the n-th of each part, or the last there is.

        Args:
            texts: to translate.
            options: of the search; those of the configuration if not given.
            best: how many, at most the beam.
        """
        parts = [self._parts(text) for text in texts]
        self.model.eval()
        written = write_translations(
            self.model,
            [part for own in parts for part in own],
            self.config.writing if options is None else options,
            best=best,
        )
        made, place = [], 0
        for own in parts:
            found = written[place : place + len(own)]
            place += len(own)
            made.append(self._joined(found) if own else [NOTHING])
        return made

    def attention(self, text: str, translation: str) -> Alignment | None:
        """Where in a text each token of its translation was taken from.

        None for a model without attention. Both are read whole, whatever their length.
        """
        [source], [target] = (
            encode_pieces(tokenizer, [each])
            for tokenizer, each in ((self.source, text), (self.target, translation))
        )
        self.model.eval()
        weights = attention_weights(self.model, source, target)
        if weights is None:
            return None
        return Alignment(
            source=self.source.tokens(source.tolist()),
            target=[*self.target.tokens(target.tolist()), ""],
            weights=weights.tolist(),
        )

    def _parts(self, text: str) -> list[Ids]:
        if not text.strip():
            return []
        [ids] = encode_pieces(self.source, [text])
        limit = self.config.text.max_tokens
        if len(ids) <= limit:
            return [ids]
        return cut_ids(ids, self.source.tokens(ids.tolist()), limit)

    def _joined(self, parts: Sequence[Sequence[Written]]) -> list[Translation]:
        made = []
        for place in range(max(map(len, parts))):
            own = [part[min(place, len(part) - 1)] for part in parts]
            made.append(
                Translation(
                    text=" ".join(decode_pieces(self.target, one.ids) for one in own),
                    log_probability=sum(one.log_probability for one in own),
                    score=sum(one.score for one in own) / len(own),
                    parts=len(own),
                    cut=any(one.cut for one in own),
                )
            )
        return made

    def facts(self) -> dict[str, Any]:
        """Sizes of both vocabularies."""
        return {"source_vocabulary": self.source.size, "target_vocabulary": self.target.size}

    def to_parts(self) -> TaskParts:
        """Take apart, for a bundle."""
        tokenizer = self.source.to_json()
        if not self.config.text.shared:
            both = {"source": json.loads(tokenizer), "target": json.loads(self.target.to_json())}
            tokenizer = json.dumps(both, ensure_ascii=False)
        return TaskParts(
            config={"options": config_to_mapping(self.config)},
            tensors=tensors_of(self.model),
            tokenizer=tokenizer,
        )

    @classmethod
    def shapes(cls, parts: TaskParts) -> Shapes:
        """Shapes of the tensors that these parts must have; nothing is allocated.

        Raises:
            BundleError: the configuration or a tokenizer is not a translator's.
        """
        config = _read_config(parts.config)
        source, target = _load_tokenizers(config, parts.tokenizer)
        return shapes_of(lambda: build_between(config, source, target))

    @classmethod
    def from_parts(cls, parts: TaskParts) -> TranslateTask:
        """Put together what `to_parts` took apart; the tensors must have been checked.

        Raises:
            BundleError: the configuration or a tokenizer is not a translator's.
        """
        config = _read_config(parts.config)
        source, target = _load_tokenizers(config, parts.tokenizer)
        model = with_tensors(build_between(config, source, target), parts.tensors)
        return cls(config, source, target, model)

    def with_writing(self, writing: WritingOptions) -> TranslateTask:
        """The same translator with another search."""
        return replace(self, config=replace(self.config, writing=writing))


def build_between(
    config: TranslateConfig, source: SubwordTokenizer, target: SubwordTokenizer
) -> EncoderDecoder:
    """A model from tokens of one vocabulary to tokens of the other, with fresh weights."""
    return build_translator(
        config.model,
        source_size=source.size,
        target_size=target.size,
        shared=config.text.shared,
    )


def _read_config(config: Mapping[str, Any]) -> TranslateConfig:
    if set(config) != {"options"} or not isinstance(config["options"], dict):
        raise wrong_names(config, "a translator's config has one object, options")
    return read_options(TranslateConfig, config["options"])


def _load_tokenizers(
    config: TranslateConfig, text: str
) -> tuple[SubwordTokenizer, SubwordTokenizer]:
    if config.text.shared:
        both = _load_pieces(text)
        return both, both
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"tokenizer.json: expected JSON, found a fault in it ({error})") from None
    if not isinstance(saved, dict) or set(saved) != {"source", "target"}:
        raise BundleError("tokenizer.json: expected source and target, as nothing is shared")
    source, target = (_load_pieces(json.dumps(saved[side])) for side in ("source", "target"))
    return source, target


def _load_pieces(text: str) -> SubwordTokenizer:
    tokenizer = load_tokenizer(text)
    if not isinstance(tokenizer, SubwordTokenizer) or tokenizer.lowercase:
        raise BundleError("tokenizer.json: a translator's tokens are byte pairs, case kept")
    return tokenizer
