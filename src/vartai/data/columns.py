"""Which columns of a table hold the text and the label: as asked for, or guessed and said so.

A guess goes by the names of the columns first, by what stands in the first rows second. Where
neither settles it there is no guess but an error that lists the columns and says what to type.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vartai.data.names import LABEL_NAMES, TEXT_NAMES
from vartai.data.options import TableOptions
from vartai.data.tables import Table
from vartai.errors import InputError

_SHOWN_CHARACTERS = 25
_WORDS_OF_TEXT = 4
_FIXED_FORMATS = ("label-first", "lines")  # whose columns are known, not guessed


@dataclass(frozen=True)
class Columns:
    """The columns that will be read.

    Attributes:
        text: columns that hold the text, in the order in which they are joined.
        label: column that holds the label, or None.
        notes: every guess made, as readable sentences.
    """

    text: tuple[str, ...]
    label: str | None
    notes: tuple[str, ...]


def choose_columns(table: Table, options: TableOptions, *, need_label: bool) -> Columns:
    """Find the text and label columns of a table.

    Args:
        table: an opened table; only its first rows are looked at.
        options: the columns that were asked for.
        need_label: guess the label column if none was asked for. Without this, and without
            `options.label`, there is none.

    Raises:
        InputError: a column that was asked for is not there, or a guess is not clear. The message
            lists the columns.
    """
    for name in (*options.text, *([] if options.label is None else [options.label])):
        if name not in table.columns:
            raise _missing(name, table)
    notes: list[str] = []
    label, text = options.label, options.text
    free = [name for name in table.columns if name not in text and name != label]
    if label is None and need_label:
        label = _by_name(free, LABEL_NAMES, table, notes, role="label")
        free = [name for name in free if name != label]
    if not text:
        found = _by_name(free, TEXT_NAMES, table, notes, role="text")
        found = found or _by_content(free, table, notes, role="text", choose=_longest_text)
        text = (found,)
        free = [name for name in free if name != found]
    if label is None and need_label:
        label = _by_content(free, table, notes, role="label", choose=_only_category)
    return Columns(text=text, label=label, notes=tuple(notes))


def _missing(name: str, table: Table) -> InputError:
    near = difflib.get_close_matches(name, table.columns, n=1, cutoff=0.5)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    columns = ", ".join(map(repr, table.columns))
    return InputError(f"expected a column {name!r}, found {columns}{hint}", file=table.file)


def _by_name(
    free: Sequence[str], usual: Sequence[str], table: Table, notes: list[str], *, role: str
) -> str | None:
    """The one column with a usual name, or else the one whose name ends in a usual word."""
    folded = {name: name.casefold() for name in free}
    found = [name for name in free if folded[name] in usual]
    if len(found) > 1:  # the word itself, `text` or `label`, outweighs the others
        found = [name for name in found if folded[name] == usual[0]] or found
    if not found:
        found = [name for name in free if re.split(r"[\W_]+", folded[name])[-1] in usual]
    if len(found) != 1:
        return None
    if len(table.columns) > 1 and table.format not in _FIXED_FORMATS:
        notes.append(f"Column {found[0]!r} is read as the {role} (guessed from its name).")
    return found[0]


def _by_content(
    free: Sequence[str],
    table: Table,
    notes: list[str],
    *,
    role: str,
    choose: Callable[[list[_Content]], str | None],
) -> str:
    contents = [_look_at(name, table) for name in free]
    found = choose(contents)
    if found is None:
        raise _unclear(role, table)
    if len(table.columns) > 1 and table.format not in _FIXED_FORMATS:
        notes.append(f"Column {found!r} is read as the {role} (guessed from the first rows).")
    return found


def _unclear(role: str, table: Table) -> InputError:
    if len(table.columns) == 1:
        return InputError(
            f"expected a column for the {role} beside the text, found only {table.columns[0]!r}",
            file=table.file,
        )
    shown = []
    for name in table.columns:
        values = (row.fields.get(name) for row in table.sample)
        example = next((str(value) for value in values if value not in (None, "")), "")
        cut = example[:_SHOWN_CHARACTERS] + ("…" if len(example) > _SHOWN_CHARACTERS else "")
        shown.append(f"{name!r} ({cut})")
    return InputError(
        f"cannot tell which column holds the {role}; found {', '.join(shown)}. "
        f"Say which: --{role} NAME",
        file=table.file,
    )


@dataclass(frozen=True)
class _Content:
    """What stands in a column of the first rows."""

    name: str
    rows: int
    distinct: int
    characters: float
    words: float

    @property
    def repeats(self) -> bool:
        """Whether a few values come again and again, as labels do."""
        few = max(2.0, min(self.rows / 4, 4 * math.sqrt(self.rows)))
        return 2 <= self.distinct <= few and self.distinct < self.rows


def _look_at(name: str, table: Table) -> _Content:
    values = [row.fields.get(name) for row in table.sample]
    texts = [str(value) for value in values if isinstance(value, str | int) and str(value).strip()]
    rows = max(1, len(texts))
    return _Content(
        name=name,
        rows=len(texts),
        distinct=len(set(texts)),
        characters=sum(map(len, texts)) / rows,
        words=sum(len(text.split()) for text in texts) / rows,
    )


def _longest_text(contents: list[_Content]) -> str | None:
    """The column of prose: of two the one that does not repeat, else the wordy or longest one."""
    ordered = sorted(contents, key=lambda content: content.characters, reverse=True)
    if len(ordered) == 1:
        return ordered[0].name
    if len(ordered) == 2 and ordered[0].repeats != ordered[1].repeats:
        return ordered[ordered[0].repeats].name
    wordy = [content for content in contents if content.words >= _WORDS_OF_TEXT]
    if len(wordy) == 1:
        return wordy[0].name
    if not ordered or ordered[0].words < 2:
        return None
    return ordered[0].name if ordered[0].characters >= 2 * ordered[1].characters else None


def _only_category(contents: list[_Content]) -> str | None:
    """The only column in which a few values repeat; of one column left, less repetition will do."""
    found = [content for content in contents if content.repeats and content.words <= 5]
    if not found and len(contents) == 1:
        found = [content for content in contents if 0 < content.distinct <= content.rows / 2]
    return found[0].name if len(found) == 1 else None
