"""How a trained translator reads new pairs: as it was trained, unless told otherwise."""

from __future__ import annotations

from dataclasses import replace

from vartai.data.options import TableOptions
from vartai.data.pair_options import PairOptions


def pair_options(trained: PairOptions, asked: TableOptions) -> PairOptions:
    """Columns of training; format, delimiter, header and encoding are those of the new file.

    Args:
        trained: how the pairs of training were read.
        asked: what is known about the new ones.
    """
    return replace(
        trained,
        format=asked.format,
        delimiter=asked.delimiter,
        header=asked.header,
        encoding=asked.encoding,
        max_characters=asked.max_characters,
    )
