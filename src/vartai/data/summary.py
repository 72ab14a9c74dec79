"""What a table holds, before anything is trained on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vartai.data.columns import choose_columns
from vartai.data.duplicates import count_duplicates
from vartai.data.examples import Examples, ExampleStream, collect_examples
from vartai.data.options import TableOptions
from vartai.data.rejects import Reason, Rejects
from vartai.data.tables import Table, open_table
from vartai.errors import InputError

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, kw_only=True)
class TableSummary:
    """What was read, guessed and rejected.

    Attributes:
        file: name of the file.
        format: one of `vartai.data.options.FORMATS`.
        columns: every column of the table.
        text_columns: those that hold the text.
        label_column: the one that holds the label, or None.
        rows: usable rows.
        labels: each label and its number of rows, the commonest first.
        characters: quantile (0 to 1) to text length in code points; empty without rows.
        repeated_rows: rows whose text an earlier row has.
        conflicting_texts: distinct texts that occur with different labels.
        rejected: reason to number of rejected rows, the commonest first.
        first_rejections: the first rejected rows, as sentences.
        notes: every guess and finding, as readable sentences.
    """

    file: str
    format: str
    columns: tuple[str, ...]
    text_columns: tuple[str, ...]
    label_column: str | None
    rows: int
    labels: dict[str, int]
    characters: dict[float, int]
    repeated_rows: int
    conflicting_texts: int
    rejected: dict[Reason, int]
    first_rejections: tuple[str, ...]
    notes: tuple[str, ...]


def summarise_table(
    path: str, table_options: TableOptions, *, fix_text: bool
) -> tuple[TableSummary, Rejects]:
    """Read a table as training would, and say what is in it.

    A label column that cannot be guessed is no error here but a note.

    Args:
        path: a file, or ``-`` for standard input.
        table_options: how to read it.
        fix_text: mend mis-decoded texts that can be mended whole.

    Raises:
        InputError: the file cannot be read as a table, a column that was asked for is not there,
            or the text column cannot be guessed.
        OptionError: unknown encoding.
    """
    with open_table(path, table_options) as table:
        stream, unclear = _open_stream(table, table_options, fix_text=fix_text)
        examples, rejects = collect_examples(stream)
    return _summarise(stream, examples, rejects, [*unclear, *stream.notes()]), rejects


def note_labels(labels: Sequence[str]) -> list[str]:
    """Labels that differ in case or blanks only, which is seldom meant.

    >>> note_labels(["pos", "neg", "Pos "])
    ["The labels 'Pos ' and 'pos' differ in case or blanks only."]
    """
    folded: dict[str, list[str]] = {}
    for label in sorted(set(labels)):
        folded.setdefault(" ".join(label.split()).casefold(), []).append(label)
    return [
        f"The labels {' and '.join(map(repr, alike))} differ in case or blanks only."
        for alike in folded.values()
        if len(alike) > 1
    ]


def _open_stream(
    table: Table, options: TableOptions, *, fix_text: bool
) -> tuple[ExampleStream, list[str]]:
    unclear = []
    try:
        columns = choose_columns(table, options, need_label=True)
    except InputError as error:
        columns = choose_columns(table, options, need_label=False)
        unclear.append(f"No label: {error.problem}.")
    return ExampleStream(table, columns, options, fix_text=fix_text), unclear


def _summarise(
    stream: ExampleStream, examples: Examples, rejects: Rejects, notes: list[str]
) -> TableSummary:
    counts = Counter(label for labels in examples.labels for label in labels)
    duplicates = count_duplicates(examples.texts, examples.labels)
    return TableSummary(
        file=examples.file,
        format=stream.table.format,
        columns=stream.table.columns,
        text_columns=stream.columns.text,
        label_column=stream.columns.label,
        rows=len(examples),
        labels=dict(counts.most_common()),
        characters=_length_quantiles(examples.texts),
        repeated_rows=duplicates.rows,
        conflicting_texts=duplicates.conflicting,
        rejected=rejects.counts(),
        first_rejections=tuple(map(str, rejects.first)),
        notes=(*notes, *duplicates.notes(), *note_labels(list(counts))),
    )


def _length_quantiles(texts: Sequence[str]) -> dict[float, int]:
    if not texts:
        return {}
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    values = np.quantile(lengths, QUANTILES, method="inverted_cdf")
    return {share: int(value) for share, value in zip(QUANTILES, values, strict=True)}
