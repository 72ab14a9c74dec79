"""`vartai find`: its options. What needs torch waits in `find_run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError
from vartai.inspect.find_options import FindOptions


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class FindWhere:
    """What and where.

    Attributes:
        span: START:END, the stretch in characters, where the text has brackets of its own.
        match: find where the units that are on all through the stretch are on again, in place of
            the nearest states.
        unit: match: numbers of the units, in place of those that are on.
        text_is: of a plain corpus: line, or paragraph (up to a blank line).
        encoding: how the bytes of the corpus encode text.
        json: print one JSON object.
    """

    span: str | None = None
    match: Annotated[bool, groups.FLAG] = False
    unit: Annotated[tuple[int, ...], Parameter(negative_iterable=(), show_default=False)] = ()
    text_is: str = "line"
    encoding: str = "utf-8"
    json: groups.JsonFlag = False

    def __post_init__(self) -> None:
        if self.unit and not self.match:
            raise OptionError("--unit goes with --match")


_WHERE, _SEARCH = FindWhere(), FindOptions()


def find(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    corpus: Annotated[str, Parameter(group=groups.MAIN)],
    text: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *,
    where: FindWhere = _WHERE,
    search: Annotated[FindOptions, groups.panel("The search", 2)] = _SEARCH,
) -> None:
    """Where else in a corpus the state of a model is what it is after a stretch of text.

    Args:
        model: folder of a trained model: classify, tag or generate.
        corpus: a file of text, also compressed; tagged sentences (.conllu) for a tagger.
        text: with the stretch in square brackets.
        where: what and where.
        search: the search.
    """
    from vartai.cli.find_run import run_find

    run_find(model, corpus, text, where, search)
