"""How a trained captioner reads a new table: as it was trained, unless told otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vartai.cli.task_verbs import require_untyped
from vartai.data.captions import CaptionedPictures, read_captions
from vartai.data.features import feature_table, find_origin
from vartai.data.options import TableOptions
from vartai.data.rejects import Rejects
from vartai.data.sources import STDIN
from vartai.tasks.caption.opening import opener, require_origin
from vartai.tasks.caption.task import CaptionTask

_USED = ("format", "delimiter", "header", "encoding", "max_characters")


def read_as_trained(
    task: CaptionTask, file: str, asked: TableOptions, *, need_caption: bool
) -> tuple[CaptionedPictures, Rejects, list[str]]:
    """Read a table by the columns of training; the rest as typed or guessed.

    Args:
        task: the captioner.
        file: the table, or a folder of features.
        asked: what is known about it.
        need_caption: see `read_captions`.

    Raises:
        OptionError: an option was typed that says nothing about captions.
        InputError: see `read_captions`; or these are features of another encoder.
    """
    require_untyped(asked, used=_USED, why="a captioner's columns are those it was trained on")
    trained = task.config.table
    longest = (
        trained.max_characters
        if asked.max_characters == TableOptions().max_characters
        else asked.max_characters
    )
    options = replace(
        trained,
        format=asked.format,
        delimiter=asked.delimiter,
        header=asked.header,
        encoding=asked.encoding,
        max_characters=longest,
    )
    open_file = opener(task.config, trained=True)
    if file != STDIN:
        file = str(feature_table(Path(file)))
        found = find_origin(Path(file))
        if found is not None:
            require_origin(task.config.pictures, found, file=file)
    return read_captions(file, options, open_file=open_file, need_caption=need_caption)
