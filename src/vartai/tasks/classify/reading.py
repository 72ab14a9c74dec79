"""How a trained classifier reads a new table: as it was trained, unless told otherwise."""

from __future__ import annotations

from dataclasses import replace

from vartai.data.options import TableOptions
from vartai.tasks.classify.config import ClassifyConfig


def table_options(config: ClassifyConfig, asked: TableOptions, *, need_label: bool) -> TableOptions:
    """Columns and separator of training where none are asked for.

    Format, delimiter, header and encoding belong to a file, not to the model, and are not taken
    over.

    Args:
        config: of the classifier.
        asked: what is known about the new table.
        need_label: the labels will be read; else the table need not have any.
    """
    trained = config.table
    return replace(
        asked,
        text=asked.text or trained.text,
        label=(asked.label or trained.label) if need_label else None,
        label_separator=asked.label_separator or trained.label_separator,
    )
