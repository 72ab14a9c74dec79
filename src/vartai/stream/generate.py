"""A language model as a stream reads: after every token, how likely each is to follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.data.streams import BORDER_ID
from vartai.decoding.options import SamplingOptions, build_transforms
from vartai.decoding.transforms import Transform
from vartai.errors import InputError, OptionError
from vartai.nn.row_product import RowProduct
from vartai.stream.live import Bounds, Fragment, LiveModel, Place, Taken, take_text, uncut
from vartai.stream.rows import Field, Notice, Rows, join_rows
from vartai.stream.spelling import Spelling
from vartai.stream.stepped_layers import SteppedLayers
from vartai.tasks.generate.task import GenerateTask
from vartai.text.settling import settling_rule

RECENT = 64
"""Ids that a stream remembers: the longest window of a penalty on repetition."""


@dataclass(frozen=True, eq=False)
class Next:
    """What a language model says of the token that follows.

    Args:
        log_probabilities: ``[V]``, float32, of every id.
        vocabulary: the token of every id.
        tokens: that were read.
        pending: text that is not read yet.
    """

    log_probabilities: NDArray[np.float32]
    vocabulary: Sequence[str]
    tokens: int
    pending: str

    def likeliest(self, count: int = 5) -> list[tuple[str, float]]:
        """The likeliest tokens with their probabilities, of equals the one with the lower id."""
        order = np.argsort(-self.log_probabilities, kind="stable")[:count].tolist()
        shares = np.exp(self.log_probabilities.astype(np.float64))
        return [(self.vocabulary[token], float(shares[token])) for token in order]


class GenerateReader:
    """Steps a language model; a `vartai.stream.rows.Reader`.

    A fresh state has read the border that a document begins with.

    Args:
        task: whose weights are copied.
    """

    def __init__(self, task: GenerateTask) -> None:
        model = task.model.eval()
        self._layers = SteppedLayers(model.encoder)
        self.fields: tuple[Field, ...] = self._layers.fields
        self._last = self._layers.last
        self._vectors = model.vectors.embedding.weight.detach().cpu().float().clone()
        # A view a token, made when it is first read: to look one up costs a tenth of a row's copy.
        self._rows: dict[int, Tensor] = {}
        projection = model.projection
        self._projection = (
            None if projection is None else RowProduct(projection.weight, projection.bias)
        )
        self._banded = model.output.frozen() if model.output.cutoffs else None
        if self._banded is not None:
            self._banded = self._banded.cpu()
        self._output = RowProduct(model.output.weight, model.output.bias)
        with torch.no_grad():
            vector = self._vectors[BORDER_ID : BORDER_ID + 1]
            self._fresh = self._layers.step(vector, self._layers.fresh())[1]

    def fresh(self) -> Rows:
        """See `Reader`."""
        return self._fresh

    def read(self, rows: Rows, tokens: Tensor, before: Sequence[int]) -> Rows:
        """See `Reader`."""
        del before
        return self._layers.step(self._vectors.index_select(0, tokens), rows)[1]

    def step(self, rows: Rows, token: int, spare: Rows) -> Rows:
        """Read one token of one stream: `read` without its overhead.

        Args:
            rows: of the stream.
            token: its id.
            spare: as `SteppedLayers.step_into` has it.
        """
        vector = self._rows.get(token)
        if vector is None:
            vector = self._rows[token] = self._vectors[token : token + 1]
        return self._layers.step_into(vector, rows, spare)

    def spare(self) -> Rows:
        """Memory for the rows of one stream."""
        return tuple([torch.empty_like(part) for part in self._fresh])

    def log_probabilities_of_one(self, rows: Rows) -> NDArray[np.float32]:
        """``[V]``: `log_probabilities` of one stream, the same bits in less time."""
        if self._projection is not None or self._banded is not None:
            found: NDArray[np.float32] = self.log_probabilities(rows)[0].numpy()
        else:
            found = torch.log_softmax(self._output.one(rows[self._last].view(-1)), 0).numpy()
        return found

    def log_probabilities(self, rows: Rows) -> Tensor:
        """``[R, V]``: of what follows."""
        features = rows[self._last]
        if self._projection is not None:
            features = self._projection(features)
        if self._banded is not None:
            each = [self._banded.log_probabilities(row[None].clone()) for row in features]
            return torch.cat(each)
        return torch.log_softmax(self._output(features), 1)


class GenerateLive(LiveModel[Next]):
    """A language model, ready to be streamed.

    Args:
        task: that was trained.
    """

    name = "generate"

    def __init__(self, task: GenerateTask) -> None:
        self.steps = GenerateReader(task)
        options = task.config.model
        traits = [options.cell, options.layers, task.ends, list(task.model.output.cutoffs)]
        super().__init__(task, self.steps, settling_rule(task.tokenizer), traits)
        self.tokenizer = uncut(task.tokenizer)
        self.ends = task.ends
        self.unit = task.unit
        self.spelling = Spelling(task.tokenizer)
        self.bounds = Bounds(
            recent=RECENT,
            vocabulary=task.tokenizer.size,
            before=1,
            spells=self.spelling.spells_bytes,
        )
        self.transforms = lru_cache(maxsize=64)(self._build_transforms)

    def take(self, place: Place, fragment: Fragment, *, flush: bool) -> Taken:
        """See `LiveModel`; a fragment is text, bytes of UTF-8, or ids of tokens."""
        if isinstance(fragment, str | bytes):
            text, after = take_text(place, fragment, self.settled, flush=flush)
            ids = self.tokenizer.encode_ids([text])[0]
            if text:
                after = replace(after, before=text[-1], spelled=b"")
        else:
            ids, after = self._take_ids(place, fragment)
        listed = tuple(ids.tolist())
        unknown = listed.count(self.tokenizer.unknown_id)
        after = replace(
            after,
            tokens=place.tokens + len(listed),
            unknown=place.unknown + unknown,
            recent=(*place.recent, *listed)[-RECENT:],
        )
        return Taken(torch.from_numpy(ids), after, flush)

    def say(
        self, rows: Sequence[Rows], taken: Sequence[Taken], heard: Notice | None
    ) -> list[tuple[Next, Place]]:
        """See `LiveModel`."""
        del heard
        table = self.steps.log_probabilities(join_rows(rows)).numpy()
        words = self.tokenizer.vocabulary
        return [
            (Next(own, words, each.place.tokens, each.place.pending.text), each.place)
            for own, each in zip(table, taken, strict=True)
        ]

    def require_id(self, token: object) -> int:
        """A token's id, if it is one that can be read.

        Raises:
            InputError: it is not.
        """
        if type(token) is not int or not 0 <= token < self.tokenizer.size:
            raise InputError(
                f"expected ids from 1 to {self.tokenizer.size - 1}, found {token!r:.40}"
            )
        if token == BORDER_ID:
            raise InputError("id 0 is the border of documents: reset() begins a new one")
        return token

    def _take_ids(self, place: Place, tokens: Sequence[object]) -> tuple[NDArray[np.int64], Place]:
        if place.pending:
            raise InputError(
                f"expected more text, found ids, and {place.pending.text!r:.60} is pending: "
                "flush() reads it as it stands"
            )
        ids = [self.require_id(token) for token in tokens]
        before, spelled = place.before, place.spelled
        for token in ids:
            _, before, spelled = self.spelling.spell(token, before, spelled)
        return np.array(ids, dtype=np.int64), replace(place, before=before, spelled=spelled)

    def _build_transforms(self, sampling: SamplingOptions) -> list[Transform]:
        if sampling.no_repeat is not None:
            raise OptionError(
                "no_repeat looks back on all that was ever written, which a stream does not keep; "
                "repetition_penalty looks back on the last tokens"
            )
        if sampling.repetition_penalty != 1 and sampling.repetition_window > RECENT:
            raise OptionError(
                f"repetition_window must be at most {RECENT} in a stream, which remembers as many "
                f"tokens, was {sampling.repetition_window}"
            )
        unknown = self.tokenizer.unknown_id
        return build_transforms(sampling, banned=[unknown] if self.ends else [unknown, BORDER_ID])
