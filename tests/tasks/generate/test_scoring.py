"""Scoring: every unit once, in parts as in one go, in bits and nats that fit together."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from tests.tasks.generate.text import CONFIG

from vartai.data.streams import build_corpus
from vartai.models.language_model import RecurrentLanguageModel
from vartai.sequences import SequenceBatch
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.scoring import Fit, unit_nats


def model() -> RecurrentLanguageModel:
    torch.manual_seed(2)
    return build_language_model(CONFIG, vocabulary_size=9, unknown_id=1)


DOCUMENTS = [np.random.default_rng(6).integers(2, 9, size=n) for n in (700, 300)]
CORPUS = build_corpus(DOCUMENTS, before=[0, 5], ends=True)


def test_every_unit_of_every_document_is_foretold_from_all_before_it_in_it() -> None:
    network = model().eval()
    expected = []
    for document, before in zip(DOCUMENTS, (0, 5), strict=True):
        ids = torch.tensor([before, *document])
        with torch.inference_mode():
            rows = network.read(SequenceBatch.from_sequences([ids]), network.fresh_state(1)).rows
            scores = network.output.log_probabilities(rows)
        targets = torch.tensor([*document, 0])
        expected.append(-scores[torch.arange(len(ids)), targets].double().numpy())
    assert unit_nats(network, CORPUS) == pytest.approx(np.concatenate(expected), abs=1e-4)


def test_parts_with_a_run_up_give_what_reading_all_the_way_gives() -> None:
    network = model()
    whole = unit_nats(network, CORPUS)
    parts = unit_nats(network, CORPUS, parts=6, run_up=160)
    assert parts == pytest.approx(whole, abs=2e-4)
    assert (unit_nats(network, CORPUS, parts=6, run_up=1) != whole).any()


def test_a_corpus_of_one_unit_is_scored() -> None:
    one = build_corpus([np.array([3])], before=[0], ends=False)
    assert len(unit_nats(model(), one, parts=32)) == 1


def test_nats_bits_and_perplexity_are_of_the_same_text() -> None:
    fit = Fit(nats=20 * math.log(2), units=10, characters=40)
    assert fit.nats_per_unit == pytest.approx(2 * math.log(2))
    assert fit.perplexity == pytest.approx(4.0)
    assert fit.bits_per_character == pytest.approx(0.5)
