"""A flag that must be carried: found, surviving, read by the model; and nothing where none is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.inspect.flags.planted import carrier, flagged, planted

from vartai.errors import InputError, OptionError
from vartai.inspect.flags.causal import CausalOptions, measure_effect
from vartai.inspect.flags.corpus import FlagCorpus, read_corpus
from vartai.inspect.flags.probe import probe_layers
from vartai.inspect.flags.ranking import RankingOptions, rank, shuffler
from vartai.inspect.flags.spans import LabelledText
from vartai.inspect.flags.units import Unit

_RANKING = RankingOptions(shuffles=200)


def _corpus() -> FlagCorpus:
    return read_corpus(carrier(), flagged(150, seed=4), carry=True)


def _texts(corpus: FlagCorpus) -> list[str]:
    return [text.text for text in corpus.texts]


def test_the_tagger_has_learned_to_carry_the_flag() -> None:
    test = planted(60, seed=3).rows
    right = [found == row.tags for found, row in zip(carrier().predict(test), test, strict=True)]
    assert np.mean(right) > 0.95


def test_the_flag_is_found_and_survives_and_holding_it_turns_the_answer() -> None:
    corpus = _corpus()
    table, labels = corpus.table(parts=("hidden", "cell"))
    ranking = rank(table, labels, _texts(corpus), options=_RANKING)
    best = ranking.best("Fem", 1)[0]
    assert best.p < 0.01
    assert min(best.held_out, best.balanced) > 0.9
    options = CausalOptions(hold="off", draws=8)
    effect = measure_effect(corpus, table, labels, units=[best.unit], value="Fem", options=options)
    mean, spread = effect.spread("value")
    assert effect.chosen["value"].shift > mean + 3 * spread
    assert effect.p("value") == pytest.approx(1 / 9)
    # Only the last word's tag depends on the flag; it is said to be absent where it is already.
    assert effect.chosen["value"].changed > 0.2
    assert effect.chosen["value"].raised < -0.1
    assert effect.chosen["other"].changed == effect.chosen["none"].changed == 0.0
    assert effect.chosen["other"].shift < 0.5 * effect.chosen["value"].shift


def test_with_shuffled_labels_nothing_is_found() -> None:
    corpus = _corpus()
    table, labels = corpus.table(parts=("hidden", "cell"))
    drawn = shuffler(labels, "sentences")(np.random.default_rng(8))
    shuffled = replace(labels, codes=drawn)
    options = replace(_RANKING, alpha=0.01)
    ranking = rank(table, shuffled, _texts(corpus), options=options)
    assert ranking.survivors() == {"Fem": 0, "Masc": 0}


def test_a_probe_reads_the_flag_from_the_state_and_not_from_the_embedding() -> None:
    probes = probe_layers(_corpus())
    embedding, layer = probes.layers
    assert (embedding.layer, layer.layer) == ("embedding", "l0")
    assert layer.accuracy > 0.95
    assert abs(embedding.accuracy - probes.majority) < 0.1
    assert layer.selectivity > 0.05


def test_what_cannot_be_asked_is_refused() -> None:
    corpus = _corpus()
    table, labels = corpus.table(parts=("gates", "hidden"), layers=("l0",))
    units = [Unit("l0", "hidden", 0)]
    with pytest.raises(OptionError, match="unknown value 'Neut'; known: Fem, Masc"):
        measure_effect(corpus, table, labels, units=units, value="Neut")
    with pytest.raises(OptionError, match="unit l0.forget.0: only hidden and cell can be held"):
        measure_effect(corpus, table, labels, units=[Unit("l0", "forget", 0)], value="Fem")
    with pytest.raises(OptionError, match="of one layer and part, found l0.hidden.0, l0.forget.1"):
        measure_effect(corpus, table, labels, units=[*units, Unit("l0", "forget", 1)], value="Fem")
    many = [Unit("l0", "hidden", number) for number in range(6)]
    with pytest.raises(OptionError, match="6 units of 10 leave 4 others"):
        measure_effect(corpus, table, labels, units=many, value="Fem")
    with pytest.raises(OptionError, match="unit l0.hidden.10: l0.hidden has the units 0 to 9"):
        table.column(Unit("l0", "hidden", 10))
    with pytest.raises(OptionError, match="unknown layer 'l1'; known: l0"):
        corpus.table(parts=("hidden",), layers=("l1",))
    with pytest.raises(OptionError, match="unknown part 'reset'; known: candidate, cell"):
        corpus.table(parts=("reset",))
    with pytest.raises(InputError, match="expected tokens with labels, found none in 1 texts"):
        read_corpus(carrier(), [LabelledText("čia", (), 1)]).table(parts=("hidden",))
