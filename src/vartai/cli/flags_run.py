"""One run of `vartai flags`: read labels, rank units, hold some, probe layers, tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vartai.bundle.trained import load_task
from vartai.cli.flags import CausalChoice, FlagsWhere, LabelSource, UnitChoice
from vartai.cli.flags_labels import read_labels
from vartai.cli.flags_report import (
    effect_values,
    probe_values,
    ranking_values,
    tell_effects,
    tell_probes,
    tell_ranking,
    tell_text,
    write_report,
)
from vartai.cli.voice import Voice
from vartai.errors import InputError
from vartai.inspect.flags.align import NO_VALUE, TokenLabels
from vartai.inspect.flags.causal import Effect, measure_effect
from vartai.inspect.flags.corpus import FlagCorpus, read_corpus
from vartai.inspect.flags.options import CausalOptions, ProbeOptions, RankingOptions
from vartai.inspect.flags.probe import probe_layers
from vartai.inspect.flags.ranking import Ranking, rank
from vartai.inspect.flags.units import Unit, UnitTable, read_unit

_PARTS = ("hidden", "cell")
_BACKWARDS = (
    "l0_reverse reads from the end and has not seen what is carried: what it tells is what follows."
)


def run_flags(
    model: str,
    file: str,
    where: FlagsWhere,
    source: LabelSource,
    units: UnitChoice,
    *,
    ranking: RankingOptions,
    causal: CausalChoice,
) -> None:
    """Rank, compare, tell."""
    chosen = [read_unit(name) for name in causal.unit]
    voice = Voice(json=where.json)
    saved = load_task(Path(model))
    folder = Path(where.out) if where.out is not None else Path(f"{model.rstrip('/')}.flags")
    texts, carrier, outside = read_labels(
        source, file, voice, natural=saved.name != "tag", folder=folder
    )
    corpus = read_corpus(
        saved.task,
        texts,
        carrier=carrier,
        outside=outside,
        carry=source.carried,
        most=source.carried_tokens,
        without=source.without,
    )
    voice.say_all([*corpus.notes, *corpus.labels.trouble.sentences()])
    _require_labels(corpus.labels, file)
    table, labels = corpus.table(parts=units.parts or _PARTS, layers=units.layers or None)
    if source.carried and any(layer == "l0_reverse" for layer, *_ in table.columns):
        voice.say(_BACKWARDS)
    for unit in chosen:
        table.column(unit)
    found = rank(table, labels, [text.text for text in corpus.texts], options=ranking)
    voice.say_all(found.notes)
    answer: dict[str, Any] = {"file": file, "carrier": carrier, **ranking_values(found, where.top)}
    tell_ranking(found, where.top, voice, carrier=carrier, carried=source.carried)
    if causal.hold is not None:
        options = CausalOptions(hold=causal.hold, draws=causal.draws, seed=ranking.seed)
        effects = _effects(corpus, table, labels, found, causal, chosen, options)
        answer["effects"] = effect_values(effects)
        tell_effects(effects, voice)
    if causal.probe:
        probes = probe_layers(
            corpus, options=ProbeOptions(held_out=ranking.held_out, seed=ranking.seed)
        )
        answer["probes"] = probe_values(probes)
        tell_probes(probes, voice)
    if where.text:
        answer["texts"] = tell_text(saved.task, where.text, found, table, voice)
    answer["written"] = [str(path) for path in write_report(found, table, labels, folder)]
    voice.tell(f"All units are in {folder}.")
    voice.answer(answer)


def _require_labels(labels: TokenLabels, file: str) -> None:
    if not (labels.codes != NO_VALUE).any():
        raise InputError("expected labels on tokens, found none", file=file)


def _effects(
    corpus: FlagCorpus,
    table: UnitTable,
    labels: TokenLabels,
    found: Ranking,
    causal: CausalChoice,
    chosen: list[Unit],
    options: CausalOptions,
) -> list[Effect]:
    """What the best units of each value cause, or the chosen ones for every value."""
    effects = []
    for value in found.values:
        held = chosen or _best_together(found, value, causal.units)
        effects.append(
            measure_effect(corpus, table, labels, units=held, value=value, options=options)
        )
    return effects


def _best_together(found: Ranking, value: str, count: int) -> list[Unit]:
    """The best units of the layer and part of the best one that can be held."""
    units = [
        score.unit for score in found.best(value, len(found.units)) if score.unit.part in _PARTS
    ]
    if not units:
        raise InputError("only hidden and cell can be held: take them among --parts")
    return [unit for unit in units if unit[:2] == units[0][:2]][:count]
