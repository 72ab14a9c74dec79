"""`vartai compare classify`: its options. What needs torch waits in `running`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.compare.options import CompareOptions, require_data, require_what
from vartai.tasks.classify.config import ClassifyConfig

_WHERE = CompareOptions()


def compare_classify(
    table: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *,
    where: CompareOptions = _WHERE,
    reading: groups.Table = groups.TABLE,
    split: groups.Split = groups.SPLIT,
    text: groups.Text = groups.TEXT,
    model: groups.Model = groups.MODEL,
    pretraining: groups.Pretraining = groups.PRETRAINING,
    training: groups.Training = groups.TRAINING,
) -> int:
    """Compare cells as text classifiers.

    Args:
        table: labelled texts, as vartai train classify takes them.
        where: what is compared, and where.
        reading: how the table is read.
        split: how texts are held out.
        text: tokens and vocabulary.
        model: the model.
        pretraining: learning from texts before labels.
        training: optimisation.
    """
    config = ClassifyConfig(
        table=reading,
        split=split,
        text=text,
        model=model,
        pretraining=pretraining,
        training=training,
    )
    require_data(
        where, table, expected="a table of labelled texts; vartai compare classify TABLE …"
    )
    out = require_what(where, cell=model.cell, usual=groups.MODEL.cell)
    from vartai.cli.compare.running import compare_classifiers

    return compare_classifiers(table, config, where, out=out)
