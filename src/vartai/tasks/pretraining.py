"""What a task's reader learns from texts before it learns from labels.

Every text that the user has will do, labelled or not. The vectors and the recurrent layer of a task
are trained as a language model that reads both ways, and are where its training then begins.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from vartai.data.batches import natural_batch_size, plan_epoch, plan_in_order
from vartai.errors import InputError
from vartai.models.tagger import WordVectors
from vartai.models.token_vectors import TokenVectors
from vartai.models.two_way import TwoWayLanguageModel
from vartai.nn.dropout import WordDropout
from vartai.nn.sampled_softmax import SampledSoftmax
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch
from vartai.tasks.counted_vectors import begin_with_counts
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.training.loop import Outcome, train
from vartai.training.options import TrainingOptions
from vartai.training.problem import Ids, Independent, Loss, Score
from vartai.training.sitting import Sitting

# Texts held out to choose the epoch by, and how many of their tokens are scored exactly.
_HELD_OUT = 0.02
_SCORED_TOKENS = 30_000
_SCORED_AT_ONCE = 2_000

# How many tokens are counted at once, which bounds memory.
_COUNTED_AT_ONCE = 1_000_000


class Store(Protocol):
    """Texts as numbers: any of them, together, as the batch that a task's vectors read.

    Attributes:
        lengths: ``[texts]``. Tokens of each.
    """

    lengths: Ids

    def __len__(self) -> int:
        """Texts."""

    def batch(self, chosen: Ids) -> Any:
        """The texts of these numbers, in this order; has a method ``to(device)``."""


@dataclass(frozen=True)
class Texts:
    """What is pretrained on.

    Args:
        store: the texts.
        tokens: a batch of the store to the ids of its tokens ``[N]``.
        vocabulary_size: V, of those ids.
    """

    store: Store
    tokens: Callable[[Any], SequenceBatch]
    vocabulary_size: int


class PretrainingProblem(Independent):
    """Texts to learn a language model from.

    Args:
        model: which is trained.
        texts: which are read.
        options: of the optimisation.
    """

    unit = "token"
    measure = ""

    def __init__(self, model: TwoWayLanguageModel, texts: Texts, options: TrainingOptions) -> None:
        self.model: nn.Module = model
        self._two_way = model
        self._store = texts.store
        self._tokens = texts.tokens
        self._options = options
        count = len(self._store)
        held_out = max(1, round(count * _HELD_OUT))
        order = np.random.default_rng(options.seed).permutation(count)
        self._valid, self._train = np.sort(order[:held_out]), np.sort(order[held_out:])
        if not len(self._train):
            raise InputError("expected at least two texts to pretrain on")
        self._ways = 2 if model.encoder.bidirectional else 1

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, as numbers of pieces."""
        plans = plan_epoch(
            self._store.lengths[self._train],
            batch_tokens=self._options.batch_tokens,
            batch_size=self._options.batch_size or natural_batch_size(len(self._train)),
            seed=self._options.seed,
            epoch=epoch,
        )
        return [self._train[chosen] for chosen in plans]

    def units(self, chosen: Ids) -> float:
        """Neighbours to be told; one at least, so that a batch without any does no harm."""
        return max(1, self._ways * int(np.maximum(0, self._store.lengths[chosen] - 1).sum()))

    def loss(self, chosen: Ids) -> Loss:
        """Nats of the neighbours, among a sample of the tokens."""
        batch, tokens = self._read(chosen)
        return Loss(self._two_way(batch, tokens).sum(), None, len(tokens.data))

    def validate(self) -> Score:
        """Exact nats a neighbour on held-out pieces."""
        total, count = 0.0, 0
        with torch.no_grad():
            for chosen in self._scored():
                nats = self._two_way.exact(*self._read(chosen))
                total, count = total + float(nats.sum()), count + len(nats)
        loss = total / max(1, count)
        return Score(loss, -loss, 0.0)

    def _read(self, chosen: Ids) -> tuple[Any, SequenceBatch]:
        batch = self._store.batch(chosen).to(self._two_way.output.table.weight.device)
        return batch, self._tokens(batch)

    def _scored(self) -> Iterator[Ids]:
        fits = np.cumsum(self._store.lengths[self._valid]) <= _SCORED_TOKENS
        some = self._valid[fits] if fits.any() else self._valid[:1]
        for chosen in plan_in_order(
            self._store.lengths[some], batch_tokens=_SCORED_AT_ONCE, batch_size=len(some)
        ):
            yield some[chosen]


def pretrain(
    vectors: TokenVectors | WordVectors,
    encoder: SequenceLayers | None,
    texts: Texts,
    *,
    options: PretrainingOptions,
    training: TrainingOptions,
    sitting: Sitting,
    identity: str,
    counted: bool,
) -> Outcome | None:
    """Train vectors and encoder in place, as a language model that reads both ways.

    A stack of layers in two directions is trained in its first layer; the others begin at random.

    Args:
        vectors: of the tokens; their table is ``embedding``.
        encoder: recurrent layers over them; a bag has none, and no language model.
        texts: which are read.
        options: of pretraining.
        training: seed, batches, threads and device.
        sitting: what surrounds the run. Its checkpoint is pretraining's own.
        identity: as `vartai.training.loop.train` takes it.
        counted: whether the vectors begin with what `begin_with_counts` makes of the texts; else
            as they are.

    Returns:
        How the training of the language model ended; None if no epoch of it was asked for.

    Raises:
        InputError: there are no two texts.
    """
    counts = _counts(texts)
    if counted and not sitting.resume:
        _begin_with_counts(vectors, texts, counts, sitting)
    if options.pretrain_epochs == 0 or encoder is None:
        return None
    lower = _first_layer(encoder) if encoder.bidirectional else encoder
    model = TwoWayLanguageModel(
        vectors=vectors,
        encoder=lower,
        output_dropout=options.pretrain_dropout,
        output=SampledSoftmax(encoder.hidden_size, counts, samples=options.samples),
    ).to(next(vectors.parameters()).device)
    settings = _settings(options, training)
    with _reading_every_word(vectors):
        outcome = train(
            PretrainingProblem(model, texts, settings),
            settings,
            sitting=sitting,
            identity=identity,
            stage="pretraining",
        )
    if lower is not encoder:
        encoder.load_state_dict(lower.state_dict(), strict=False)
    return outcome


def _begin_with_counts(
    vectors: TokenVectors | WordVectors, texts: Texts, counts: torch.Tensor, sitting: Sitting
) -> None:
    """Count in the first process; the others take its vectors, as they would round otherwise."""
    if sitting.processes.first:
        begin_with_counts(vectors.embedding, _portions(texts), counts.numpy(), sitting.note)
    sitting.processes.copy_first(vectors.embedding.weight.detach())


def _settings(options: PretrainingOptions, training: TrainingOptions) -> TrainingOptions:
    """How the language model is trained, in the terms of the training loop."""
    return replace(
        training,
        epochs=options.pretrain_epochs,
        time=options.pretrain_time,
        learning_rate=options.pretrain_rate,
        batch_tokens=options.pretrain_batch_tokens,
        label_smoothing=0.0,
    )


def pretraining_sitting(sitting: Sitting) -> Sitting:
    """The same sitting with a checkpoint of pretraining's own, beside that of what follows."""
    checkpoint = sitting.checkpoint
    if checkpoint is None:
        return sitting
    if not sitting.resume and sitting.processes.first:
        # Of an earlier run; it would stand in the way of resuming this one.
        checkpoint.unlink(missing_ok=True)
    own = checkpoint.with_name(f"pretraining-{checkpoint.name}")
    return replace(sitting, checkpoint=own, resume=sitting.resume and own.exists())


@contextmanager
def _reading_every_word(vectors: nn.Module) -> Iterator[None]:
    """Hide no word: it keeps a classifier from trusting one, and a language model from learning."""
    hidden = [each for each in vectors.modules() if isinstance(each, WordDropout)]
    shares = [each.share for each in hidden]
    for each in hidden:
        each.share = 0.0
    try:
        yield
    finally:
        for each, share in zip(hidden, shares, strict=True):
            each.share = share


def _counts(texts: Texts) -> torch.Tensor:
    counts = torch.zeros(texts.vocabulary_size, dtype=torch.int64)
    for batch in _portions(texts):
        counts += torch.bincount(batch.data, minlength=texts.vocabulary_size)
    return counts


def _portions(texts: Texts) -> Iterator[SequenceBatch]:
    """All texts, so many at once as have about `_COUNTED_AT_ONCE` tokens."""
    for chosen in plan_in_order(
        texts.store.lengths, batch_tokens=_COUNTED_AT_ONCE, batch_size=len(texts.store)
    ):
        yield texts.tokens(texts.store.batch(chosen))


def _first_layer(encoder: SequenceLayers) -> SequenceLayers:
    """A layer of its own with the weights of the first one of a stack."""
    if encoder.num_layers == 1 or encoder.directions_apart:
        return encoder
    layer = copy.deepcopy(encoder)
    for name, _ in encoder.named_parameters(recurse=False):
        if not name.endswith(("_l0", "_l0_reverse")):
            delattr(layer, name)
    layer.num_layers = 1
    return layer
