"""`vartai compare tag`: its options. What needs torch waits in `running`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.compare.options import CompareOptions, require_data, require_what
from vartai.cli.tag import options
from vartai.tasks.tag.config import TagConfig

_WHERE = CompareOptions()


def compare_tag(
    file: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *,
    where: CompareOptions = _WHERE,
    reading: options.Reading = options.READING,
    split: groups.Split = groups.SPLIT,
    text: options.Text = options.TEXT,
    model: options.Model = options.MODEL,
    pretraining: groups.Pretraining = groups.PRETRAINING,
    training: options.Training = options.TRAINING,
) -> int:
    """Compare cells as taggers.

    Args:
        file: tagged sentences, as vartai train tag takes them.
        where: what is compared, and where.
        reading: how the file is read.
        split: how sentences are held out.
        text: words and characters.
        model: the model.
        pretraining: learning from sentences before tags.
        training: optimisation.
    """
    config = TagConfig(
        reading=reading,
        split=split,
        text=text,
        model=model,
        pretraining=pretraining,
        training=training,
    )
    require_data(where, file, expected="a file of tagged sentences; vartai compare tag FILE …")
    out = require_what(where, cell=model.cell, usual=options.MODEL.cell)
    from vartai.cli.compare.running import compare_taggers

    return compare_taggers(file, config, where, out=out)
