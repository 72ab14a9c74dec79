"""A linear probe of whole states, layer by layer, beside what a probe finds without them.

A logistic regression is fitted to tell labels from states on some texts and judged on others. What
it reaches means little alone, so three things stand beside it:

    majority     always the commonest label
    layer 0      the same probe on what the layers read: all that the embedding knows already
    control      the same probe, on labels drawn at random for every *word*: what a probe learns by
                 remembering words. Selectivity is accuracy minus control (Hewitt & Liang 2019,
                 "Designing and interpreting probes with control tasks").
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from vartai.errors import InputError
from vartai.inspect.flags.align import NO_VALUE, TokenLabels, only
from vartai.inspect.flags.corpus import FlagCorpus
from vartai.inspect.flags.options import ProbeOptions
from vartai.inspect.flags.ranking import held_out_texts

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

EMBEDDING = "embedding"


@dataclass(frozen=True)
class LayerProbe:
    """What a probe of one layer reaches on held-out texts.

    Args:
        layer: ``embedding`` for what the layers read, else ``l0``, ``l1``, … with the hidden states
            of all its directions side by side.
        size: numbers a token.
        accuracy: of the labels.
        new_words: accuracy on words that the probe did not see when it was fitted; None without
            any.
        control: accuracy on random labels of words.
        converged: whether the fit ended by itself.
    """

    layer: str
    size: int
    accuracy: float
    new_words: float | None
    control: float
    converged: bool

    @property
    def selectivity(self) -> float:
        """Accuracy beyond that of the control."""
        return self.accuracy - self.control


@dataclass(frozen=True)
class Probes:
    """Probes of all layers, lowest first.

    Args:
        layers: one each.
        majority: held-out accuracy of the commonest label.
        values: that were told apart.
        tokens: labelled tokens to fit on and to judge by.
    """

    layers: tuple[LayerProbe, ...]
    majority: float
    values: tuple[str, ...]
    tokens: tuple[int, int]


_PROBE = ProbeOptions()


def probe_layers(corpus: FlagCorpus, *, options: ProbeOptions = _PROBE) -> Probes:
    """Probe what the layers read and every layer's hidden states.

    Raises:
        InputError: fewer than two values among the tokens to fit on.
    """
    labels, features = _features(_bounded(corpus, options))
    texts = [text.text for text in corpus.texts]
    held = held_out_texts(texts, share=options.held_out, seed=options.seed)[labels.texts]
    if len(np.unique(labels.codes[~held])) < 2 or not held.any():
        raise InputError("expected at least two values to tell apart, found fewer")
    seen = np.isin(labels.words, labels.words[~held])
    usual = np.bincount(labels.codes[~held]).argmax()
    control = _control(labels, options.seed)
    layers = []
    for name, rows in features.items():
        right, converged = _fit(rows, labels.codes, held, options)
        by_word, also = _fit(rows, control, held, options)
        new = right[~seen[held]]
        layers.append(
            LayerProbe(
                layer=name,
                size=rows.shape[1],
                accuracy=float(right.mean()),
                new_words=float(new.mean()) if len(new) else None,
                control=float(by_word.mean()),
                converged=converged and also,
            )
        )
    return Probes(
        layers=tuple(layers),
        majority=float((labels.codes[held] == usual).mean()),
        values=tuple(labels.values[code] for code in np.unique(labels.codes).tolist()),
        tokens=(int((~held).sum()), int(held.sum())),
    )


def _bounded(corpus: FlagCorpus, options: ProbeOptions) -> FlagCorpus:
    """The same corpus in which only some texts, drawn at random, keep their labels."""
    labels = corpus.labels
    counts = np.bincount(labels.texts[labels.codes != NO_VALUE], minlength=len(corpus.texts))
    order = np.random.default_rng([options.seed, 3]).permutation(len(counts))
    kept = np.zeros(len(counts), dtype=bool)
    kept[order] = np.cumsum(counts[order]) <= options.max_tokens
    codes = np.where(kept[labels.texts], labels.codes, NO_VALUE)
    return replace(corpus, labels=replace(labels, codes=codes))


def _features(corpus: FlagCorpus) -> tuple[TokenLabels, dict[str, Singles]]:
    """Labels, and what each layer is at labelled tokens, lowest first."""
    labelled = corpus.labels.codes != NO_VALUE
    found: dict[str, list[Singles]] = {}
    for _, tokens, made in corpus.cuts():
        rows = np.flatnonzero(labelled[tokens])
        with torch.inference_mode():
            run = made.run(keep=True)
        layers: dict[str, list[Singles]] = {EMBEDDING: [made.vectors.data.cpu().numpy()[rows]]}
        for suffix, trace in run.traces.items():
            name = suffix.removesuffix("_reverse")
            layers.setdefault(name, []).append(trace.hidden.cpu().numpy()[rows])
        for name, parts in layers.items():
            found.setdefault(name, []).append(np.concatenate(parts, axis=1))
    return only(corpus.labels, labelled), {
        name: np.concatenate(parts) for name, parts in found.items()
    }


def _control(labels: TokenLabels, seed: int) -> Ints:
    """A label drawn for every word, as often as labels are; the same wherever the word stands."""
    _, places = np.unique(labels.words, return_inverse=True)
    random = np.random.default_rng([seed, 4])
    drawn: Ints = random.choice(labels.codes, size=int(places.max()) + 1)[places]
    return drawn


def _fit(rows: Singles, codes: Ints, held: Bools, options: ProbeOptions) -> tuple[Bools, bool]:
    """Which held-out tokens a probe gets right, and whether its fit came to an end."""
    scaler = StandardScaler().fit(rows[~held])
    model = LogisticRegression(C=options.strength, max_iter=options.iterations, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said in the result
        model.fit(scaler.transform(rows[~held]), codes[~held])
    right: Bools = model.predict(scaler.transform(rows[held])) == codes[held]
    return right, int(np.max(model.n_iter_)) < options.iterations
