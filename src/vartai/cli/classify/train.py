"""`vartai train classify`: its options. What needs torch waits in `training`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.train_options import TextTrainOptions
from vartai.errors import OptionError
from vartai.stream.refusals import require_streamable_classifier
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.config_files import write_config

_WHERE = TextTrainOptions()


def train_classify(
    table: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *,
    where: TextTrainOptions = _WHERE,
    reading: groups.Table = groups.TABLE,
    split: groups.Split = groups.SPLIT,
    text: groups.Text = groups.TEXT,
    model: groups.Model = groups.MODEL,
    pretraining: groups.Pretraining = groups.PRETRAINING,
    training: groups.Training = groups.TRAINING,
) -> int:
    """Train a text classifier.

    Args:
        table: labelled texts: csv, tsv, jsonl, parquet or plain lines, also as .gz or .zst; - is
            standard input.
        where: what and where.
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
    if where.print_config:
        print(write_config(config), end="")
        return 0
    if table is None:
        raise OptionError("expected a table of labelled texts; vartai train classify TABLE …")
    if where.out is None:
        raise OptionError("expected --out DIR, the folder that the model is saved in")
    if where.unlabelled and not pretraining.pretrain:
        raise OptionError("--unlabelled gives texts to pretrain on: it needs --pretrain")
    if where.streaming:
        require_streamable_classifier(config)
    from vartai.cli.classify.training import train

    return train(table, config, where, out=where.out)
