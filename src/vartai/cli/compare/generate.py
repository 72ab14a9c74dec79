"""`vartai compare generate`: its options. What needs torch waits in `running`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.compare.options import CompareOptions, require_data, require_what
from vartai.cli.generate import options
from vartai.tasks.generate.config import GenerateConfig

_WHERE = CompareOptions()


def compare_generate(
    *files: Annotated[str, Parameter(group=groups.MAIN)],
    where: CompareOptions = _WHERE,
    reading: options.Reading = options.READING,
    split: options.Split = options.SPLIT,
    text: options.Text = options.TEXT,
    model: options.Model = options.MODEL,
    streams: options.Streams = options.STREAMS,
    training: options.Training = options.TRAINING,
) -> int:
    """Compare cells as language models.

    Args:
        files: running text, as vartai train generate takes it.
        where: what is compared, and where.
        reading: how text is read.
        split: how text is held out.
        text: units and vocabulary.
        model: the model.
        streams: truncated backpropagation.
        training: optimisation.
    """
    config = GenerateConfig(
        reading=reading, split=split, text=text, model=model, streams=streams, training=training
    )
    first = files[0] if files else None
    require_data(where, first, expected="a file of text; vartai compare generate FILE …")
    out = require_what(where, cell=model.cell, usual=options.MODEL.cell)
    from vartai.cli.compare.running import compare_language_models

    return compare_language_models(files, config, where, out=out)
