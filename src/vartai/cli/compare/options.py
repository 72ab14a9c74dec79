"""Options of `vartai compare …` that say what is compared and where; the others are train's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import FLAG, MAIN, JsonFlag
from vartai.errors import OptionError, require_range

_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class CompareOptions:
    """What is compared, and where.

    Attributes:
        out: folder for the finished runs and the picture. Typed again with the same folder, what is
            done is not done again.
        cells: names of cells joined by commas, as --cell of vartai train knows them; all are set
            beside the first.
        seeds: trainings of each cell, with the seeds from --seed on.
        parameters: numbers in the recurrent layers of each cell, as 50k or 1.2m; if not given, as
            many as the first cell has with --hidden-size.
        workers: processes that train at once, each on one thread.
        valid: data to choose the epoch by; a part of the rest if not given.
        test: data to judge by; a part of the rest if not given.
        demo: compare on a built-in generated corpus, in place of a file.
        config: TOML file of options; what is typed beside it holds.
        json: print one JSON object in place of the table.
    """

    out: Annotated[str | None, Parameter(name="--out", metavar="DIR")] = None
    cells: Annotated[str, Parameter(metavar="NAMES")] = ""
    seeds: int = 3
    parameters: Annotated[str | None, Parameter(metavar="COUNT")] = None
    workers: int = 1
    valid: Annotated[str | None, Parameter(metavar="FILE")] = None
    test: Annotated[str | None, Parameter(metavar="FILE")] = None
    demo: Annotated[bool, FLAG] = False
    config: Annotated[str | None, Parameter(metavar="FILE")] = None
    json: JsonFlag = False

    def __post_init__(self) -> None:
        require_range("seeds", self.seeds, at_least=1)
        require_range("workers", self.workers, at_least=1, below=1025)
        if self.parameters is not None:
            parse_count(self.parameters)

    def names(self) -> Sequence[str]:
        """Of the cells."""
        return [name.strip() for name in self.cells.split(",") if name.strip()]


def parse_count(text: str) -> int:
    """A number of parameters as people type it.

    Raises:
        OptionError: it is none, or 0.

    >>> parse_count("50k"), parse_count("1.2M"), parse_count("800")
    (50000, 1200000, 800)
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)([km]?)", text.strip().lower())
    count = round(float(match[1]) * _SCALES[match[2]]) if match else 0
    if count < 1:
        raise OptionError(f"parameters must be a count such as 800, 50k or 1.2m, was {text!r}")
    return count


def require_data(where: CompareOptions, first: str | None, *, expected: str) -> None:
    """Refuse a comparison on nothing, and one on files and the built-in corpus at once.

    Args:
        where: what and where.
        first: file that was given, if one was.
        expected: what it should have been, as a message says it.

    Raises:
        OptionError: says which.
    """
    if where.demo and (first, where.valid, where.test) != (None, None, None):
        raise OptionError("expected files or --demo, found both")
    if first is None and not where.demo:
        raise OptionError(f"expected {expected} or --demo")


def require_what(where: CompareOptions, *, cell: str, usual: str) -> str:
    """Refuse a comparison without a place or with `--cell`; gives the folder.

    Args:
        where: what and where.
        cell: of the model's options.
        usual: what that is if nobody typed it.

    Raises:
        OptionError: says what is missing or has no use.
    """
    if where.out is None:
        raise OptionError("expected --out DIR, the folder for the finished runs and the picture")
    if cell != usual:
        raise OptionError("--cell has no use here: --cells names those that are compared")
    return where.out
