"""A language model that is stepped, a token of every sequence at a time: what writes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import linear

from vartai.errors import OptionError
from vartai.kernels.direction import State
from vartai.models.language_model import RecurrentLanguageModel
from vartai.nn.prepared_layers import PreparedLayers, prepare_layers
from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class LanguageState:
    """The state of R sequences.

    Args:
        layers: of each layer, ``[R, H]`` each part.
    """

    layers: tuple[State, ...]

    @property
    def rows(self) -> int:
        """R."""
        return self.layers[0][0].size(0)

    def like(self) -> Self:
        """Memory for another state of as many rows."""
        return type(self)(
            tuple([tuple([torch.empty_like(part) for part in state]) for state in self.layers])
        )

    def select(self, rows: Tensor) -> Self:
        """See `vartai.decoding.step.RowState`."""
        return type(self)(
            tuple(tuple(part.index_select(0, rows) for part in state) for state in self.layers)
        )

    @classmethod
    def of(cls, state: State) -> Self:
        """From ``[layers, R, H]`` each part, as the layers give it."""
        count = state[0].size(0)
        return cls(tuple(tuple(part[n].contiguous() for part in state) for n in range(count)))

    def stacked(self) -> State:
        """As the layers take it."""
        return tuple(torch.stack(parts) for parts in zip(*self.layers, strict=True))


class SteppedLanguageModel:
    """Steps a language model; a `vartai.decoding.writing.TokenStep`.

    On a CPU its recurrent layers are prepared, which copies their weights; elsewhere, and without
    the compiled core, they run on sequences of one step. A whole softmax is copied, too.

    Args:
        model: in evaluation mode; left so.
    """

    def __init__(self, model: RecurrentLanguageModel) -> None:
        self.model = model.eval()
        self._device = model.output.bias.device
        self._prepared = _prepared(model)
        # At hand, for looking up a module's parts costs as much as some of the arithmetic.
        self._vectors: Tensor = model.vectors.embedding.weight.detach()
        self._views: dict[int, Tensor] = {}
        self._output = model.output.frozen()
        self._whole = None
        if not self._output.cutoffs:
            # Column by column, a product of few rows reads them in half the time.
            self._whole = self._output.bias.detach(), self._output.weight.detach().T.contiguous()
        self._projection = None
        if model.projection is not None:
            self._projection = model.projection.weight.detach(), model.projection.bias.detach()

    def begin(
        self, ids: Tensor, state: LanguageState | None = None
    ) -> tuple[Tensor, LanguageState]:
        """Read a sequence at once.

        Args:
            ids: ``[T]``, int64, at least one.
            state: before it, of one row; a fresh one if not given.

        Returns:
            Log-probabilities ``[1, V]`` of what follows, and the state after.
        """
        before = self.model.fresh_state(1) if state is None else state.stacked()
        with torch.inference_mode():
            batch = SequenceBatch.from_sequences([ids.to(self._device)])
            rows, after = self.model.read(batch, before)
            return self._scores(rows[-1:]).cpu(), LanguageState.of(after)

    def __call__(
        self, tokens: Sequence[int], state: LanguageState, spare: LanguageState | None = None
    ) -> tuple[Tensor, LanguageState]:
        """See `vartai.decoding.writing.TokenStep`.

        Args:
            tokens: of R rows.
            state: before them.
            spare: a state that nobody reads any more; where it has R rows, its memory is used for
                the state after.
        """
        if self._prepared is None:
            return self._read_one(tokens, state)
        after = state.like() if spare is None or spare.rows != len(tokens) else spare
        vectors = self._one_vector(*tokens) if len(tokens) == 1 else self._vectors_of(tokens)
        self._prepared.step_into(vectors, state.layers, after.layers)
        outputs = after.layers[-1][0]
        if self._projection is not None:
            outputs = linear(outputs, *self._projection)
        return self._scores(outputs), after

    def _vectors_of(self, tokens: Sequence[int]) -> Tensor:
        return self._vectors.index_select(0, torch.tensor(tokens))

    def _one_vector(self, token: int) -> Tensor:
        # A view, made when its token is first read: to look one up costs a tenth of a row's copy.
        view = self._views.get(token)
        if view is None:
            view = self._views[token] = self._vectors[token : token + 1]
        return view

    def _read_one(
        self, tokens: Sequence[int], state: LanguageState
    ) -> tuple[Tensor, LanguageState]:
        lengths = torch.ones(len(tokens), dtype=torch.int64)
        with torch.inference_mode():
            batch = SequenceBatch(torch.tensor(tokens, device=self._device), lengths)
            rows, after = self.model.read(batch, state.stacked())
            return self._scores(rows).cpu(), LanguageState.of(after)

    def _scores(self, rows: Tensor) -> Tensor:
        if self._whole is None:
            return self._output.log_probabilities(rows)
        bias, weight = self._whole
        return torch.addmm(bias, rows, weight).log_softmax(1)


def _prepared(model: RecurrentLanguageModel) -> PreparedLayers | None:
    if model.output.bias.device.type != "cpu":
        return None
    try:
        return prepare_layers(model.encoder)
    except OptionError:
        return None
