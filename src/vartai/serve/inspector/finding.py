"""Answers for the tab Find: where else a state is what it is here."""

from __future__ import annotations

from typing import Any

from vartai.inspect.find import FindOptions, find_matches, find_nearest, read_marked
from vartai.serve.inspector.corpus import Corpus
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.questions import FindQuestion

Answer = dict[str, Any]


def find(opened: OpenedModel, corpus: Corpus, asked: FindQuestion) -> Answer:
    """The best places of a corpus for a marked stretch.

    Raises:
        InputError: nothing is marked, or nothing is found.
        OptionError: no such layer or part.
    """
    options = FindOptions(layer=asked.layer, part=asked.what or "hidden", threshold=asked.threshold)
    search = find_matches if asked.match else find_nearest
    found = search(opened.saved.task, corpus.lines, read_marked(asked.marked), options=options)
    return {
        "hits": [{**hit._asdict(), "score": round(hit.score, 4)} for hit in found.hits],
        "texts": found.texts,
        "tokens": found.tokens,
        "layer": found.layer,
        "units": list(found.units),
        "notes": [*corpus.notes, *found.notes],
    }
