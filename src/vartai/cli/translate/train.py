"""`vartai train translate`: its options. What needs torch waits in `training`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import MAIN
from vartai.cli.translate import options
from vartai.errors import OptionError
from vartai.tasks.config_files import write_config
from vartai.tasks.translate.config import TranslateConfig

_WHERE = options.TranslateTrainOptions()


def train_translate(
    *files: Annotated[str, Parameter(group=MAIN)],
    where: options.TranslateTrainOptions = _WHERE,
    pairs: options.Pairs = options.PAIRS,
    text: options.Pieces = options.PIECES,
    model: options.Model = options.MODEL,
    choice: options.Choice = options.CHOICE,
    training: options.Training = options.TRAINING,
    writing: options.Writing = options.WRITING,
) -> int:
    """Train a translator.

    Args:
        files: a table with a column for each language (csv, tsv, jsonl, parquet), or two files
            whose lines belong together; also as .gz or .zst.
        where: what and where.
        pairs: how the pairs are read and split.
        text: both vocabularies.
        model: the model.
        choice: which epoch is kept.
        training: optimisation.
        writing: how translations are found.
    """
    config = TranslateConfig(
        pairs=pairs, text=text, model=model, writing=writing, choice=choice, training=training
    )
    if where.print_config:
        print(write_config(config), end="")
        return 0
    if not files and not where.demo:
        raise OptionError(
            "expected a table of pairs or two files; vartai train translate TABLE …, or --demo"
        )
    if files and where.demo:
        raise OptionError("--demo reads no file; expected files or --demo, found both")
    if where.out is None:
        raise OptionError("expected --out DIR, the folder that the model is saved in")
    from vartai.cli.translate.training import train

    return train(files, config, where, out=where.out)
