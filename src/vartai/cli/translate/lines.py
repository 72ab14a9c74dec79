"""Lines in, lines out: as many, in the same order, in constant memory."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from vartai.bundle.trained import SavedTask
from vartai.cli.translate.verb import LineOptions
from vartai.cli.voice import Voice
from vartai.data.lines import Line
from vartai.data.live_lines import live_lines
from vartai.errors import OptionError, require_range
from vartai.tasks.translate.config import WritingOptions
from vartai.tasks.translate.task import TranslateTask, Translation

_MAX_BYTES = 4_000_000  # of a line; what is longer is no text
_NAMED = 20


def run_lines(saved: SavedTask, texts: Sequence[str], how: LineOptions) -> None:
    """Translate, write, and say what was noticed.

    Raises:
        OptionError: options that do not go together.
    """
    task: TranslateTask = saved.task
    search = _search(task, how)
    voice = Voice(json=how.json)
    lines = _typed(texts) if texts else _stdin(voice)
    counts = _Counts()
    while chunk := list(itertools.islice(lines, how.lines)):
        _write(task, chunk, search, how, counts)
    voice.say_all(counts.notes())


def _search(task: TranslateTask, how: LineOptions) -> WritingOptions:
    require_range("lines", how.lines, at_least=1)
    require_range("n_best", how.n_best, at_least=1)
    if not how.json and how.n_best > 1:
        raise OptionError("--n-best writes several translations of a line; it needs --json")
    if not how.json and how.attention:
        raise OptionError("--attention writes more than a line can hold; it needs --json")
    own = task.config.writing
    search = replace(
        own,
        beam=max(own.beam, how.n_best) if how.beam is None else how.beam,
        length_penalty=own.length_penalty if how.length_penalty is None else how.length_penalty,
    )
    if how.n_best > search.beam:
        raise OptionError(f"--n-best {how.n_best} is more than the beam of {search.beam} finds")
    return search


def _typed(texts: Sequence[str]) -> Iterator[Line]:
    for number, text in enumerate(texts, start=1):
        yield Line(number, text, "\n", None)


def _stdin(voice: Voice) -> Iterator[Line]:
    if sys.stdin.isatty():
        voice.say("Type a text a line; Ctrl-D ends. --lines 1 answers every line at once.")
    return live_lines(sys.stdin.buffer, max_bytes=_MAX_BYTES)


@dataclass
class _Counts:
    """What was noticed."""

    lines: int = 0
    cut: int = 0

    def __post_init__(self) -> None:
        self.faulty: list[str] = []
        self.long: list[int] = []

    def notes(self) -> list[str]:
        """As sentences."""
        notes = list(self.faulty[:_NAMED])
        if len(self.faulty) > _NAMED:
            notes.append(f"… and {len(self.faulty) - _NAMED:,} more such lines.")
        if self.faulty:
            notes.append(
                f"{_lines(len(self.faulty))} unreadable, of {self.lines:,}, with an empty line in "
                "the place of a translation."
            )
        if self.long:
            named = ", ".join(map(str, self.long[:_NAMED]))
            more = ", …" if len(self.long) > _NAMED else ""
            notes.append(
                f"{_lines(len(self.long))} longer than the model reads at once and translated in "
                f"parts: line {named}{more}."
            )
        if self.cut:
            notes.append(f"{_lines(self.cut)} ended at the longest a translation may be.")
        return notes


def _lines(count: int) -> str:
    return "1 line was" if count == 1 else f"{count:,} lines were"


def _write(
    task: TranslateTask,
    lines: Sequence[Line],
    search: WritingOptions,
    how: LineOptions,
    counts: _Counts,
) -> None:
    texts = ["" if line.fault else line.text for line in lines]
    found = task.alternatives(texts, search, best=how.n_best)
    for line, translations in zip(lines, found, strict=True):
        best = translations[0]
        counts.lines += 1
        counts.cut += best.cut
        if line.fault:
            counts.faulty.append(f"line {line.number}: {line.fault.reason}: {line.fault.detail}")
        if best.parts > 1:
            counts.long.append(line.number)
        if how.json:
            print(json.dumps(_object(task, line, translations, how), ensure_ascii=False))
        else:
            print(one_line(best.text))
    sys.stdout.flush()


def one_line(text: str) -> str:
    r"""A text without what ends a line for any reader: it would shift all lines after it.

    >>> one_line("a\nb\u2028c")
    'a b c'
    """
    return " ".join(text.splitlines())


def _object(
    task: TranslateTask, line: Line, translations: Sequence[Translation], how: LineOptions
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "line": line.number,
        "text": line.text,
        "translations": [asdict(one) for one in translations],
        "error": None if line.fault is None else f"{line.fault.reason}: {line.fault.detail}",
    }
    if how.attention:
        found = task.attention(line.text, translations[0].text) if translations[0].parts else None
        made["attention"] = None if found is None else asdict(found)
    return made
