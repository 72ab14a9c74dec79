"""How a command speaks: results to standard output, talk to standard error."""

from __future__ import annotations

import errno
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vartai.data.rejects import Rejects

# Of lines in a file or a pipe, which have no width of their own.
_PLAIN_WIDTH = 100


def count_rows(rows: int) -> str:
    """A number of rows to read.

    >>> count_rows(1), count_rows(1200)
    ('1 row', '1,200 rows')
    """
    return "1 row" if rows == 1 else f"{rows:,} rows"


class Voice:
    """Speaks for one run of a command.

    Args:
        json: results are one JSON object; what is made for people is left out of standard output.
        silent: says nothing at all, as all but the first of several processes.
    """

    def __init__(self, *, json: bool, silent: bool = False) -> None:
        self.json = json
        self.silent = silent

    def say(self, sentence: str) -> None:
        """Talk: a note, a guess, a warning."""
        if self.silent:
            return
        try:
            print(sentence, file=sys.stderr, flush=True)
        except OSError as error:
            # A full disk takes the talk, not the work.
            if error.errno != errno.ENOSPC:
                raise

    def say_all(self, sentences: Sequence[str]) -> None:
        """Talk, a line each."""
        for sentence in sentences:
            self.say(sentence)

    def say_sizes(self, sizes: Sequence[str]) -> None:
        """Talk: how much there is to train on, to choose by and to judge by."""
        purposes = ("train on", "choose the epoch by", "judge by")
        said = [f"{size} to {purpose}" for size, purpose in zip(sizes, purposes, strict=True)]
        self.say(f"{', '.join(said)}.")

    def say_rejected(self, rejects: Rejects, place: Path) -> None:
        """Talk: how many rows were rejected and why, the first of them, and where all are."""
        counts = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
        self.say(f"{count_rows(len(rejects))} rejected ({counts}), all in {place}; the first:")
        self.say_all([f"  {rejection}" for rejection in rejects.first])

    def file_rejects(self, rejects: Rejects, place: Path) -> None:
        """Write the rejected rows out and talk of them; with none, no older file stays behind."""
        if self.silent:
            return
        if not len(rejects):
            place.unlink(missing_ok=True)
            return
        rejects.write(place)
        self.say_rejected(rejects, place)

    def tell(self, text: str = "") -> None:
        """A line of the result, for people."""
        if not (self.silent or self.json):
            print(text)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1
    ) -> None:
        """A table of the result, for people.

        Args:
            header: names of the columns.
            rows: cells, as many as there are columns.
            words: how many columns, from the left, hold words; the others hold numbers.
        """
        if self.silent or self.json:
            return
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for place, name in enumerate(header):
            table.add_column(Text(name), justify="left" if place < words else "right")
        for row in rows:
            table.add_row(*map(Text, row))
        width = None if sys.stdout.isatty() else _PLAIN_WIDTH
        Console(file=sys.stdout, width=width, highlight=False).print(table)

    def suggest(self, commands: Sequence[Sequence[str]]) -> None:
        """Commands that can be typed next, a line each."""
        for command in commands:
            self.tell(f"  {shlex.join(command)}")

    def answer(self, result: Mapping[str, Any]) -> None:
        """The result, for programs: one JSON object on one line."""
        if self.json and not self.silent:
            print(json.dumps(result, ensure_ascii=False, allow_nan=False))
