"""`vartai train tag`: its options. What needs torch waits in `training`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.tag import options
from vartai.cli.train_options import TagTrainOptions
from vartai.errors import OptionError
from vartai.stream.refusals import require_streamable_tagger
from vartai.tasks.config_files import write_config
from vartai.tasks.tag.config import TagConfig

_WHERE = TagTrainOptions()


def train_tag(
    file: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *,
    where: TagTrainOptions = _WHERE,
    reading: options.Reading = options.READING,
    split: groups.Split = groups.SPLIT,
    text: options.Text = options.TEXT,
    model: options.Model = options.MODEL,
    pretraining: groups.Pretraining = groups.PRETRAINING,
    training: options.Training = options.TRAINING,
) -> int:
    """Train a tagger: a tag for every word.

    Args:
        file: sentences with a tag for every word: CoNLL-U, columns, or JSON lines, also as .gz,
            .zst or in a .zip (corpus.zip/train.txt); - is standard input.
        where: what and where.
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
    if where.print_config:
        print(write_config(config), end="")
        return 0
    if where.demo and (file, where.valid, where.test) != (None, None, None):
        raise OptionError("expected files or --demo, found both")
    if file is None and not where.demo:
        raise OptionError("expected a file of tagged sentences; vartai train tag FILE …")
    if where.unlabelled and not pretraining.pretrain:
        raise OptionError("--unlabelled gives sentences to pretrain on: it needs --pretrain")
    if where.out is None:
        raise OptionError("expected --out DIR, the folder that the model is saved in")
    if where.streaming:
        require_streamable_tagger(config)
    from vartai.cli.tag.training import train

    return train(file, config, where, out=where.out)
