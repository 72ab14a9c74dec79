"""A generated parallel corpus: a few English sentences' worth of grammar, and its Lithuanian."""

from __future__ import annotations

from vartai.data.small_grammar.corpus import GrammarCorpus, generate_grammar
from vartai.data.small_grammar.sentences import Sentence, Thing, write_english, write_lithuanian

__all__ = [
    "GrammarCorpus",
    "Sentence",
    "Thing",
    "generate_grammar",
    "write_english",
    "write_lithuanian",
]
