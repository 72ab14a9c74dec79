"""Rows that could not be used: what was wrong with each, where, and a file that keeps them all.

A row that cannot be used is never dropped in silence. Whoever finds the trouble makes a
`Rejection`; a `Rejects` counts them and writes them out. Trouble with a file as a whole is not a
rejection but an `InputError`.
"""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from vartai.errors import SaveError

RAW_CHARACTERS = 1_000
"""Most characters of the offending row that are kept."""

MEMORY_BYTES = 4 * 2**20
"""Rejections beyond this many bytes wait in a temporary file, not in memory."""

SHOWN = 5
"""How many rejections stay at hand to be printed."""

Reason = Literal[
    "answer not in context",
    "blank line",
    "broken quoting",
    "contradictory answer",
    "duplicate key",
    "empty text",
    "empty word",
    "incomplete story",
    "line too long",
    "lone surrogate",
    "malformed features",
    "missing answer",
    "missing label",
    "missing picture",
    "missing text",
    "not a JSON object",
    "not a list of words",
    "not a question",
    "not a story line",
    "not text",
    "NUL character",
    "sentence too long",
    "text too long",
    "undecodable byte",
    "unknown label",
    "unreadable picture",
    "wrong number of fields",
    "wrong number of tags",
    "wrong word number",
]
"""Every kind of row-level trouble. The words are stable: programs may compare them."""


@dataclass(frozen=True, kw_only=True)
class Rejection:
    r"""One row that could not be used.

    Attributes:
        file: name of the file, or ``-`` for standard input.
        line: line on which the trouble lies, from 1; in a Parquet file the row, from 1.
        column: name of the column, where one is to blame.
        reason: the kind of trouble.
        detail: what was expected and what was found.
        raw: the row as it stood, at most `RAW_CHARACTERS` of it; undecodable bytes as ``\xNN``.
    """

    file: str
    line: int
    column: str | None
    reason: Reason
    detail: str
    raw: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        if self.column is not None:
            place += f", column {self.column!r}"
        return f"{place}: {self.reason}: {self.detail}"


def clip_raw(raw: str) -> str:
    """The first `RAW_CHARACTERS` characters of a row, with lone surrogates spelled out.

    So it can always be written as UTF-8.

    >>> len(clip_raw("x" * 5000))
    1000
    """
    return raw[:RAW_CHARACTERS].encode("utf-8", "backslashreplace").decode("utf-8")


class Rejects:
    """All rejections of a run, in the order they came.

    Every rejection is kept, however many there are: the first few megabytes in memory, the rest in
    an unnamed temporary file that goes away with this object. `first` holds the first `SHOWN`.
    """

    def __init__(self) -> None:
        self.first: list[Rejection] = []
        self._counts: Counter[Reason] = Counter()
        # Not a `with` block: the spool lives as long as this object, and is closed with it.
        self._spool = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            max_size=MEMORY_BYTES, mode="w+", encoding="utf-8", newline="\n"
        )
        weakref.finalize(self, self._spool.close)

    def add(self, rejection: Rejection) -> None:
        """Keep and count one rejection."""
        self._counts[rejection.reason] += 1
        if len(self.first) < SHOWN:
            self.first.append(rejection)
        self._spool.write(json.dumps(asdict(rejection), ensure_ascii=False) + "\n")

    def __len__(self) -> int:
        return self._counts.total()

    def counts(self) -> dict[Reason, int]:
        """Number of rejections of each kind, the commonest first."""
        return dict(self._counts.most_common())

    def __iter__(self) -> Iterator[Rejection]:
        """All rejections, in the order they came. Add none while iterating."""
        self._spool.seek(0)
        for line in self._spool:
            yield Rejection(**json.loads(line))
        self._spool.seek(0, os.SEEK_END)

    def write(self, path: str | Path) -> None:
        """Write every rejection to a file, one JSON object a line, all of them or nothing.

        Raises:
            SaveError: the file could not be written; whatever stood there before is intact.
        """
        target = Path(path)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                self._spool.seek(0)
                file.writelines(self._spool)
                self._spool.seek(0, os.SEEK_END)
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise SaveError(f"{target}: the rejected rows could not be written: {error}") from error
