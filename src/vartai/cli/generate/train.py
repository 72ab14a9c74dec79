"""`vartai train generate`: its options. What needs torch waits in `training`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.generate import options
from vartai.cli.train_options import TrainOptions
from vartai.errors import OptionError
from vartai.tasks.config_files import write_config
from vartai.tasks.generate.config import GenerateConfig

_WHERE = TrainOptions()


def train_generate(
    *files: Annotated[str, Parameter(group=groups.MAIN)],
    where: TrainOptions = _WHERE,
    demo: Annotated[bool, groups.FLAG] = False,
    reading: options.Reading = options.READING,
    split: options.Split = options.SPLIT,
    text: options.Text = options.TEXT,
    model: options.Model = options.MODEL,
    streams: options.Streams = options.STREAMS,
    training: options.Training = options.TRAINING,
) -> int:
    """Train a language model.

    Args:
        files: running text, plain or as .gz or .zst; - is standard input.
        where: what and where.
        demo: train on a small built-in corpus in place of files.
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
    if where.print_config:
        print(write_config(config), end="")
        return 0
    if demo and files:
        raise OptionError("expected files or --demo, found both")
    if not (demo or files):
        raise OptionError("expected a file of text; vartai train generate FILE … or --demo")
    if where.out is None:
        raise OptionError("expected --out DIR, the folder that the model is saved in")
    from vartai.cli.generate.training import train

    return train(files, config, where, out=where.out)
