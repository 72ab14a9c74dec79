"""Looking inside a model: every gate, what is remembered, what a unit means.

What needs torch is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vartai.lazy_names import lazy_names

if TYPE_CHECKING:
    from vartai.inspect.find import find_matches, find_nearest, read_marked
    from vartai.inspect.flags.causal import Effect, measure_effect
    from vartai.inspect.flags.clamp import Clamp
    from vartai.inspect.flags.columns import read_column
    from vartai.inspect.flags.corpus import FlagCorpus, read_corpus
    from vartai.inspect.flags.options import CausalOptions, RankingOptions
    from vartai.inspect.flags.probe import probe_layers
    from vartai.inspect.flags.ranking import Ranking, rank
    from vartai.inspect.flags.units import Unit
    from vartai.inspect.watching import Watched, watch
    from vartai.inspect.words.explain import (
        Explanation,
        explain,
        explain_interaction,
        explain_phrases,
    )

__all__ = [
    "CausalOptions",
    "Clamp",
    "Effect",
    "Explanation",
    "FlagCorpus",
    "Ranking",
    "RankingOptions",
    "Unit",
    "Watched",
    "explain",
    "explain_interaction",
    "explain_phrases",
    "find_matches",
    "find_nearest",
    "measure_effect",
    "probe_layers",
    "rank",
    "read_column",
    "read_corpus",
    "read_marked",
    "watch",
]

_HOMES = {
    "CausalOptions": "vartai.inspect.flags.options",
    "Clamp": "vartai.inspect.flags.clamp",
    "Effect": "vartai.inspect.flags.causal",
    "Explanation": "vartai.inspect.words.explain",
    "FlagCorpus": "vartai.inspect.flags.corpus",
    "Ranking": "vartai.inspect.flags.ranking",
    "RankingOptions": "vartai.inspect.flags.options",
    "Unit": "vartai.inspect.flags.units",
    "Watched": "vartai.inspect.watching",
    "explain": "vartai.inspect.words.explain",
    "explain_interaction": "vartai.inspect.words.explain",
    "explain_phrases": "vartai.inspect.words.explain",
    "find_matches": "vartai.inspect.find",
    "find_nearest": "vartai.inspect.find",
    "measure_effect": "vartai.inspect.flags.causal",
    "probe_layers": "vartai.inspect.flags.probe",
    "rank": "vartai.inspect.flags.ranking",
    "read_column": "vartai.inspect.flags.columns",
    "read_corpus": "vartai.inspect.flags.corpus",
    "read_marked": "vartai.inspect.find",
    "watch": "vartai.inspect.watching",
}

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
