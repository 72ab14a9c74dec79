"""How a trained tagger reads a new file: as it was trained, unless told otherwise."""

from __future__ import annotations

from vartai.cli.task_verbs import require_untyped
from vartai.data.options import TableOptions
from vartai.data.tagged.options import TAGGED_FORMATS, TaggedOptions
from vartai.errors import OptionError
from vartai.tasks.tag.config import TagConfig


def tagged_options(config: TagConfig, asked: TableOptions) -> TaggedOptions:
    """What was typed of `TableOptions` as it is meant for sentences.

    Columns are those of training, where the new file is in the same format.

    Raises:
        OptionError: an option was typed that means nothing for tagged sentences.
    """
    require_untyped(
        asked,
        used=("format", "encoding"),
        why="a tagger's columns are those that it was trained on",
    )
    if asked.format is not None and asked.format not in TAGGED_FORMATS:
        raise OptionError(
            f"a tagger reads {', '.join(TAGGED_FORMATS)}, not {asked.format}; "
            "without --format the first lines tell"
        )
    return TaggedOptions(
        format=asked.format, encoding=asked.encoding, max_words=config.reading.max_words
    )
