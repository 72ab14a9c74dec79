"""Pairs of texts that mean the same: from a table of two columns, or from two files line by line.

Line n of the one file belongs to line n of the other, so nothing is dropped from either before they
have been laid side by side: a blank line is a pair without one side, and is rejected as such.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vartai.data.checks import FieldError, read_text
from vartai.data.columns import Columns
from vartai.data.examples import MINIMUM_SHARE, Examples
from vartai.data.lines import Fault, Line, open_lines, reject_line
from vartai.data.mending import Mender
from vartai.data.options import TableOptions
from vartai.data.pair_options import PairOptions
from vartai.data.rejects import Rejection, Rejects, clip_raw
from vartai.data.rows import Row
from vartai.data.sources import STDIN, ByteSource
from vartai.data.split import split_examples
from vartai.data.tables import Table, open_table
from vartai.errors import InputError, OptionError


class Pair(NamedTuple):
    """One usable pair: its line, from 1, a text and its translation."""

    line: int
    source: str
    target: str


@dataclass
class Parallel:
    """Usable pairs, column by column, in the order of their files.

    Attributes:
        file: name of the table, or of both files.
        sources: texts to translate.
        targets: their translations.
        lines: line of each pair, from 1.
    """

    file: str
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, pair: Pair) -> None:
        """Append a pair."""
        self.sources.append(pair.source)
        self.targets.append(pair.target)
        self.lines.append(pair.line)

    def take(self, places: Sequence[int]) -> Parallel:
        """The pairs at some places, counted from 0, in the order given."""
        return Parallel(
            self.file,
            [self.sources[place] for place in places],
            [self.targets[place] for place in places],
            [self.lines[place] for place in places],
        )


def read_parallel(
    files: Sequence[str], options: PairOptions
) -> tuple[Parallel, Rejects, list[str]]:
    """Read all pairs.

    Args:
        files: one table, or the files of the source and of the target.
        options: how to read them.

    Returns:
        The usable pairs, the rejected ones, and every guess and finding as readable sentences.

    Raises:
        InputError: a file cannot be read, the columns are not clear, or the files have not as many
            lines.
        OptionError: neither one file nor two, or an unknown encoding.
    """
    if len(files) == 1:
        items, notes = _table_items(files[0], options)
    elif len(files) == 2:
        items, notes = _file_items((files[0], files[1]), options)
    else:
        raise OptionError(
            "expected a table of pairs, or two files whose lines belong together; "
            f"{len(files)} files were given"
        )
    parallel, rejects = Parallel(" and ".join(files)), Rejects()
    mender = Mender(fix_text=False)
    for item in items:
        if isinstance(item, Rejection):
            rejects.add(item)
            continue
        mender.apply(item.source, item.line)
        mender.apply(item.target, item.line)
        parallel.add(item)
    # There is no option to mend here; whoever wants that does it before.
    found = [note.partition(" They are used")[0] for note in mender.notes()]
    return parallel, rejects, [*notes, *found]


def require_enough_pairs(parallel: Parallel, rejects: Rejects) -> None:
    """Stop where so many pairs were rejected that the files must have been read in the wrong way.

    Raises:
        InputError: no pair is left, or less than half of them; quotes the first rejection.
    """
    rows = len(parallel) + len(rejects)
    if len(parallel) and len(parallel) >= MINIMUM_SHARE * rows:
        return
    counts = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
    first = f" ({counts}); the first: {rejects.first[0]}" if rejects.first else ""
    raise InputError(
        f"expected usable pairs, found {len(parallel):,} of {rows:,}{first}", file=parallel.file
    )


def split_parallel(parallel: Parallel, *, fractions: Sequence[float], seed: int) -> list[Parallel]:
    """Split pairs; those of the same source text stay on one side, and so do equal pairs.

    Raises:
        InputError: there are too few different texts to put one in every part.
    """
    places = list(range(len(parallel)))
    examples = Examples(parallel.file, texts=parallel.sources, labels=[], lines=places)
    parts = split_examples(examples, fractions=fractions, seed=seed)
    return [parallel.take(part.lines) for part in parts]


def _table_items(file: str, options: PairOptions) -> tuple[Iterator[Pair | Rejection], list[str]]:
    table = open_table(file, options.table())
    try:
        source, target, notes = _choose(table, options)
    except InputError:
        table.close()
        raise
    return _rows(table, (source, target), options.table()), [*table.notes, *notes]


def _choose(table: Table, options: PairOptions) -> tuple[str, str, list[str]]:
    """Names of the two columns, and what was guessed."""
    for name in (options.source, options.target):
        if name is not None and name not in table.columns:
            near = difflib.get_close_matches(name, table.columns, n=1, cutoff=0.5)
            hint = f". Did you mean {near[0]!r}?" if near else ""
            found = ", ".join(map(repr, table.columns))
            raise InputError(f"expected a column {name!r}, found {found}{hint}", file=table.file)
    if options.source is not None and options.target is not None:
        return options.source, options.target, []
    if len(table.columns) != 2:
        found = ", ".join(map(repr, table.columns))
        raise InputError(
            f"cannot tell which columns hold the text and its translation; found {found}. "
            "Say which: --source NAME --target NAME",
            file=table.file,
        )
    first, second = table.columns
    if options.source == second or options.target == first:
        first, second = second, first
    return first, second, [f"Column {first!r} is read as the source, {second!r} as the target."]


def _rows(
    table: Table, names: tuple[str, str], options: TableOptions
) -> Iterator[Pair | Rejection]:
    columns = [Columns(text=(name,), label=None, notes=()) for name in names]
    for item in table.rows(names):
        if not isinstance(item, Row):
            yield item
            continue
        try:
            source, target = (read_text(item, column, options) for column in columns)
        except FieldError as error:
            yield error.rejection(item, table.file)
            continue
        yield Pair(item.line, source, target)


def _file_items(
    files: tuple[str, str], options: PairOptions
) -> tuple[Iterator[Pair | Rejection], list[str]]:
    if STDIN in files:
        raise OptionError("standard input can hold a table, but not one of two files")
    notes: list[str] = []
    opened = []
    for file in files:
        source = ByteSource(file)
        try:
            lines, found = open_lines(
                source,
                options.encoding,
                max_characters=options.max_characters,
                keep_blanks=True,
            )
        except BaseException:
            source.close()
            raise
        notes += [f"{file}: {note}" for note in found]
        opened.append((source, lines))
    return _side_by_side(files, opened, options.max_characters), notes


def _side_by_side(
    files: tuple[str, str],
    opened: list[tuple[ByteSource, Iterator[Line]]],
    max_characters: int,
) -> Iterator[Pair | Rejection]:
    (left, left_lines), (right, right_lines) = opened
    with left, right:
        for number, (one, other) in enumerate(
            itertools.zip_longest(left_lines, right_lines), start=1
        ):
            if one is None or other is None:
                raise _unaligned(files, number, one is None, left_lines, right_lines)
            sides = zip(files, (one, other), strict=True)
            faults = [(file, line, _fault(line, max_characters)) for file, line in sides]
            wrong = next((found for found in faults if found[2] is not None), None)
            if wrong is None:
                yield Pair(number, one.text, other.text)
            else:
                file, line, fault = wrong
                beside = f"{one.text}\t{other.text}"
                rejected = reject_line(line, fault or Fault("empty text", ""), file=file)
                yield Rejection(**{**vars(rejected), "raw": clip_raw(beside)})


def _fault(line: Line, max_characters: int) -> Fault | None:
    if line.fault is not None:
        return line.fault
    if not line.text.strip():
        return Fault("empty text", "expected text, found none or only blanks")
    if "\0" in line.text:
        return Fault("NUL character", f"found at position {line.text.index(chr(0))}")
    if len(line.text) > max_characters:
        found = f"expected at most {max_characters:,} characters, found {len(line.text):,}"
        return Fault("text too long", found)
    return None


def _unaligned(
    files: tuple[str, str],
    number: int,
    first_ended: bool,
    left: Iterator[Line],
    right: Iterator[Line],
) -> InputError:
    """The files have not as many lines; `number` is the first that only one of them has."""
    longer = number + sum(1 for _ in (right if first_ended else left))
    counts = (number - 1, longer) if first_ended else (longer, number - 1)
    ended, other = files if first_ended else files[::-1]
    return InputError(
        f"expected as many lines in both files, found {counts[0]:,} in {files[0]} and "
        f"{counts[1]:,} in {files[1]}; from line {number:,} on, {other} has no partner in {ended}. "
        "A line lost earlier would shift all pairs after it: mend the files, do not cut the longer"
    )
