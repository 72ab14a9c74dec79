"""A classifier as a stream reads: after every token, the classes of the text so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from vartai.errors import InputError
from vartai.nn.embedding import MeanEmbedding
from vartai.nn.row_product import RowProduct
from vartai.stream.live import Bounds, Fragment, LiveModel, Place, Taken, take_text, uncut
from vartai.stream.pools import running_pool
from vartai.stream.refusals import require_streamable_classifier
from vartai.stream.rows import Field, Notice, Rows, join_rows
from vartai.stream.stepped_layers import SteppedLayers
from vartai.stream.wide import WideCounts, between_words
from vartai.tasks.classify.blend import probabilities
from vartai.tasks.classify.metrics import decide
from vartai.tasks.classify.task import ClassifyTask, Floats
from vartai.text.rows import read_rows
from vartai.text.settling import settling_rule


@dataclass(frozen=True)
class SoFar:
    """What a classifier says of the text so far.

    Args:
        label: the likeliest; of several labels a text, all above one half.
        probabilities: of each label.
        tokens: that were read.
        unknown: none of them is known to the model, so the label says nothing.
        pending: text that is not read yet: more text may change its tokens.
    """

    label: str | tuple[str, ...]
    probabilities: Mapping[str, float]
    tokens: int
    unknown: bool
    pending: str


class ClassifyReader:
    """Steps a classifier; a `vartai.stream.rows.Reader`.

    Args:
        task: of one direction.

    Raises:
        OptionError: it is another; says what to do.
    """

    def __init__(self, task: ClassifyTask) -> None:
        require_streamable_classifier(task.config)
        self.task = task
        model = task.model.eval()
        self._vectors = _vector(model.vectors.embedding.weight)
        affixes = model.vectors.affixes
        self._affixes = None if affixes is None else _Affixes(affixes)
        self._layers = None if model.encoder is None else SteppedLayers(model.encoder)
        self._segment = None if self._layers is None else model.segment
        features = model.output.weight.size(1)
        self._pool = running_pool(model.pool, features)
        self._output = RowProduct(model.output.weight, model.output.bias)
        own = () if self._layers is None else self._layers.fields
        self._own = len(own)
        self._counts = len(own) + len(self._pool.fields)  # where those of n-grams are, if any
        self.wide = None if task.wide is None else WideCounts(task.wide)
        more = () if self.wide is None else (self.wide.field,)
        self.fields: tuple[Field, ...] = (*own, *self._pool.fields, *more)

    def fresh(self) -> Rows:
        """See `Reader`."""
        own = () if self._layers is None else self._layers.fresh()
        return (*own, *self._pool.fresh(), *(() if self.wide is None else self.wide.fresh()))

    def read(self, rows: Rows, tokens: Tensor, before: Sequence[int]) -> Rows:
        """See `Reader`; tokens ``[R]``, or ``[R, 1 + affixes]``."""
        if self._affixes is None:
            outputs = self._vectors.index_select(0, tokens)
        else:
            outputs = self._vectors.index_select(0, tokens[:, 0]) + self._affixes(tokens[:, 1:])
        layers = rows[: self._own]
        if self._layers is not None:
            outputs, layers = self._layers.step(outputs, self._begun(layers, before))
        pool = self._pool.add(rows[self._own : self._counts], outputs)
        return (*layers, *pool, *rows[self._counts :])

    def _begun(self, layers: Rows, before: Sequence[int]) -> Rows:
        """The layers' state, fresh where a segment begins."""
        if self._segment is None:
            return layers
        begins = [count > 0 and count % self._segment == 0 for count in before]
        if not any(begins):
            return layers
        assert self._layers is not None
        fresh = self._layers.fresh(len(before))
        mask = torch.tensor(begins).unsqueeze(1)
        return tuple([torch.where(mask, new, old) for new, old in zip(fresh, layers, strict=True)])

    def scores(self, rows: Rows, counts: Sequence[int]) -> Tensor:
        """Class scores ``[R, classes]`` of the text so far, before the blend.

        Args:
            rows: of R streams.
            counts: tokens that each has read.
        """
        pool = rows[self._own : self._counts]
        # Of a bag there is no last output, and its pooling asks for none.
        last = pool[0] if self._layers is None else rows[self._layers.last]
        return self._output(self._pool.pooled(pool, last, counts).contiguous())


class ClassifyLive(LiveModel[SoFar]):
    """A classifier, ready to be streamed.

    Args:
        task: see `ClassifyReader`.
    """

    name = "classify"

    def __init__(self, task: ClassifyTask) -> None:
        reader = ClassifyReader(task)
        model = task.config.model
        affixes, blend = task.config.text.affixes, [task.blend.recurrent, task.blend.wide]
        traits = [list(task.labels), model.cell, model.pool, model.segment, affixes, blend]
        rule = settling_rule(task.tokenizer)
        if reader.wide is not None:
            rule = between_words(rule)
        super().__init__(task, reader, rule, traits)
        self.bounds = Bounds(counts=reader.wide is not None)
        self._own = reader
        self._classifier = task
        self._tokenizer = uncut(task.tokenizer)

    def take(self, place: Place, fragment: Fragment, *, flush: bool) -> Taken:
        """See `LiveModel`; a fragment is text, or bytes of UTF-8."""
        if not isinstance(fragment, str | bytes):
            raise InputError(f"expected text or bytes, found {type(fragment).__name__}")
        text, after = take_text(place, fragment, self.settled, flush=flush)
        affixes = self._classifier.config.text.affixes
        tokens = read_rows(self._tokenizer, [text], affixes=affixes)[0]
        ids = tokens if affixes == 0 else tokens[:, 0]
        unknown = int((ids == self._tokenizer.unknown_id).sum())
        after = replace(after, tokens=place.tokens + len(tokens), unknown=place.unknown + unknown)
        counted, tail = None, after.tail
        if self._own.wide is not None:
            counted, tail = self._own.wide.count(text, place.tail)
        return Taken(torch.from_numpy(tokens), replace(after, tail=tail), flush, counted)

    def finish(self, rows: Rows, taken: Taken) -> Rows:
        """See `LiveModel`."""
        if taken.counted is None or not taken.counted.any():
            return rows
        return (*rows[:-1], rows[-1] + torch.from_numpy(taken.counted))

    def say(
        self, rows: Sequence[Rows], taken: Sequence[Taken], heard: Notice | None
    ) -> list[tuple[SoFar, Place]]:
        """See `LiveModel`."""
        del heard
        task = self._classifier
        places = [each.place for each in taken]
        scores = self._own.scores(join_rows(rows), [place.tokens for place in places])
        blended = task.blend(scores.double().numpy(), self._wide_scores(rows, places))
        shares = probabilities(blended, multilabel=task.multilabel)
        chosen = decide(shares, multilabel=task.multilabel)
        names = np.array(task.labels, dtype=object)
        said = []
        for row, place in enumerate(places):
            labels = tuple(names[chosen[row]].tolist())
            so_far = SoFar(
                labels if task.multilabel else labels[0],
                dict(zip(task.labels, shares[row].tolist(), strict=True)),
                place.tokens,
                place.unknown == place.tokens,
                place.pending.text,
            )
            said.append((so_far, place))
        return said

    def _wide_scores(self, rows: Sequence[Rows], places: Sequence[Place]) -> Floats | None:
        wide = self._own.wide
        if wide is None:
            return None
        each = [
            wide.scores(own[-1][0].numpy(), place.tail)
            for own, place in zip(rows, places, strict=True)
        ]
        return np.stack(each)


class _Affixes:
    """The mean of the vectors of a word's ends, each row summed in the same order."""

    def __init__(self, affixes: MeanEmbedding) -> None:
        self._weight = _vector(affixes.weight)

    def __call__(self, ids: Tensor) -> Tensor:
        there = (ids != 0).float()
        total = self._weight.new_zeros(len(ids), self._weight.size(1))
        for column in range(ids.size(1)):
            vectors = self._weight.index_select(0, ids[:, column])
            total = total + vectors * there[:, column : column + 1]
        return total / there.sum(1, keepdim=True).clamp(min=1.0)


def _vector(weight: Tensor) -> Tensor:
    return weight.detach().cpu().float().contiguous().clone()
